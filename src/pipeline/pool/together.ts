/**
 * Jobs that several processes do together, one after another: what a pool is for one process.
 *
 * @module
 */

import type { Collective } from "../../collective/mod.ts";
import { type JobContext, jobName, jobRunner, type TrainJob } from "./job.ts";
import { BUSY_PAUSE, JobError, type PoolListener } from "./pool.ts";
import { StoppedError, type TrainingRecord } from "../stage/mod.ts";

/**
 * Trains in this process, together with the others of a collective. It stays on the thread that it is called on, which is
 * the one that joined them. Only the first process tells how far it is.
 *
 * @throws {JobError} If a job fails in this process: the others wait for it then, and have to be ended.
 * @throws {StoppedError} If one of the processes was asked to stop; all of them stop after the same step.
 */
export async function trainTogether(
  context: JobContext,
  collective: Collective,
  jobs: readonly TrainJob[],
  { onNotice, onProgress, onSteps, onWarning }: PoolListener,
): Promise<TrainingRecord[]> {
  let name = "", current: TrainJob | undefined;
  const run = await jobRunner(context, (message) => {
    if (message.type === "warning") onWarning(message.text);
    if (collective.rank > 0) return;
    if (message.type === "notice") onNotice(`${name} ${message.text}`);
    if (message.type === "steps" && current) onSteps?.(current, message.steps);
    if (message.type === "progress") onProgress(name, message.done, message.total, message.note);
  }, collective);
  const records: TrainingRecord[] = [];
  for (const job of jobs) {
    name = jobName(job);
    current = job;
    let told = await run(job);
    for (let busy = 0; told.type === "busy"; busy++) {
      if (busy === 0) onNotice(`${name} is being made by another run; its record will be taken`);
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE));
      told = await run(job);
    }
    if (told.type === "done") records.push(told.result as TrainingRecord); // that of a training
    else if (told.type === "stopped") {
      throw new StoppedError(told.text && `${name}: stopped at ${told.text}`);
    } else if (told.type === "failed") {
      throw Object.assign(new JobError(told.message), { stack: told.stack });
    }
  }
  return records;
}
