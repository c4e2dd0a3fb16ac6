/**
 * What `squeue --json` says of the tasks of arrays. Numbers and states are plain in Slurm 22.05, objects and lists later.
 *
 * @module
 */

import { z } from "zod";
import { ClusterError } from "./program.ts";

/** What Slurm says of a task. */
export interface TaskState {
  /** Such as `RUNNING`. */
  readonly state: string;
  /** Why it waits, or why it ended; none where there is nothing to say. */
  readonly reason?: string;
}

/** A number, or nothing. */
const numberSchema = z.union([
  z.number().nullable(),
  z.looseObject({ set: z.boolean().optional(), number: z.number().optional() }).transform(
    ({ set = true, number }) => set ? number ?? null : null,
  ),
]).optional();

const jobSchema = z.looseObject({
  job_id: numberSchema,
  array_job_id: numberSchema,
  array_task_id: numberSchema,
  array_task_string: z.string().nullable().optional(),
  job_state: z.union([z.string(), z.array(z.string())]),
  state_reason: z.string().nullable().optional(),
});

const answerSchema = z.looseObject({ jobs: z.array(jobSchema) });

/** States of tasks that run, will run, or are about to end. */
const active: ReadonlySet<string> = new Set([
  ...["PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "RESIZING", "REQUEUED", "REQUEUE_HOLD"],
  ...["SIGNALING", "STAGE_OUT", "STOPPED", "SPECIAL_EXIT", "RESV_DEL_HOLD", "REQUEUE_FED", "EXPEDITING"],
]);

/** Will a task go on, as far as Slurm knows? */
export function isActive({ state }: TaskState): boolean {
  return active.has(state);
}

/** The indices in a text such as `0-3,7,9-13:2%4`. */
export function arrayIndices(text: string): number[] {
  return text.replace(/%.*$/, "").split(",").flatMap((part) => {
    const [, from, to = from, step = "1"] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part.trim()) ?? [];
    if (from === undefined) return [];
    const first = Number(from), last = Number(to), stride = Math.max(1, Number(step));
    return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, i) => first + i * stride);
  });
}

/**
 * The tasks that Slurm knows, by `<job>_<index>`.
 *
 * @param answer The output of `squeue --json`.
 * @throws {ClusterError} If it is not understood.
 */
export function taskStates(answer: string): ReadonlyMap<string, TaskState> {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    throw new ClusterError(
      "Cannot read what squeue --json says: it is no JSON; Slurm 21.08 or newer is needed",
    );
  }
  const { success, data } = answerSchema.safeParse(value);
  if (!success) throw new ClusterError("Cannot read what squeue --json says: expected a list of jobs");
  const states = new Map<string, TaskState>();
  for (const { array_job_id, array_task_id, array_task_string, job_state, state_reason } of data.jobs) {
    if (!array_job_id) continue;
    // The first of several is the state; the others are flags to it, such as COMPLETING and REQUEUED.
    const [state = "UNKNOWN", ...flags] = [job_state].flat();
    const told: TaskState = {
      state: flags.includes("REQUEUED") ? "REQUEUED" : state,
      ...(state_reason && state_reason !== "None" ? { reason: state_reason } : {}),
    };
    const indices = array_task_string
      ? arrayIndices(array_task_string)
      : typeof array_task_id === "number"
      ? [array_task_id]
      : [];
    for (const index of indices) states.set(`${array_job_id}_${index}`, told);
  }
  return states;
}
