/**
 * What is to be sent: all that has no record and is not on its way. The store is asked first, then Slurm.
 *
 * @module
 */

import { contentId } from "../canonical_json.ts";
import {
  evaluationKey,
  type Experiment,
  isRecorded,
  type RecordedRun,
  trainingKey,
} from "../pipeline/mod.ts";
import type { SubmittedArray, SubmittedTask, TaskKind } from "./submission.ts";
import { isActive, type TaskState } from "./task_state.ts";

/** A policy, how far it is, and what its tasks make. */
export interface RunProgress extends RecordedRun {
  /** What a task of each kind makes, as submissions name it. */
  readonly makes: Readonly<Record<TaskKind, string>>;
  /** The latest task of each kind that was sent, and what is known of it. */
  readonly sent: Readonly<Partial<Record<TaskKind, SentTask>>>;
}

/** A task that was sent. */
export interface SentTask {
  /** Its job's number and its index: `12_3`. */
  readonly task: string;
  /** The name of its output, in the folder of logs. */
  readonly output: string;
  /** What Slurm says of it; none if it has forgotten it, or was not asked. */
  readonly state: TaskState | undefined;
}

/** What the records of a policy are, whatever machine makes them. */
async function makesOf(
  experiment: Experiment,
  { run, steps }: Pick<RecordedRun, "run" | "steps">,
): Promise<Readonly<Record<TaskKind, string>>> {
  const training = run ? trainingKey(experiment, run.method, run.seed) : null;
  const evaluations = experiment.suites.map((suite) => evaluationKey(experiment, suite, undefined));
  return {
    train: await contentId({ training, steps }),
    evaluate: await contentId({ training, steps, evaluations }),
  };
}

/**
 * What is known of each policy of a profile: of records, and of tasks that were sent.
 *
 * @param recorded How far each is.
 * @param submissions What was sent, the earliest first.
 * @param states What Slurm says, by `<job>_<index>`.
 */
export async function runProgress(
  experiment: Experiment,
  recorded: readonly RecordedRun[],
  submissions: readonly SubmittedArray[],
  states: ReadonlyMap<string, TaskState>,
): Promise<RunProgress[]> {
  const latest = new Map<string, SentTask>();
  for (const { job, kind, name, tasks } of submissions) {
    tasks.forEach(({ makes }, index) => {
      const task = `${job}_${index}`;
      latest.set(`${kind} ${makes}`, { task, output: `${name}-${task}.out`, state: states.get(task) });
    });
  }
  return await Promise.all(recorded.map(async (one): Promise<RunProgress> => {
    const makes = await makesOf(experiment, one);
    const train = latest.get(`train ${makes.train}`), evaluate = latest.get(`evaluate ${makes.evaluate}`);
    return { ...one, makes, sent: { ...(train ? { train } : {}), ...(evaluate ? { evaluate } : {}) } };
  }));
}

/** Is a task of a kind on its way? */
export function inFlight({ sent }: Pick<RunProgress, "sent">, kind: TaskKind): boolean {
  const state = sent[kind]?.state;
  return state !== undefined && isActive(state);
}

/** What is to be sent. */
export interface PlannedArrays {
  /** Trainings; each is followed by its evaluation. */
  readonly train: readonly SubmittedPair[];
  /** Evaluations of what is trained. */
  readonly evaluate: readonly SubmittedTask[];
}

/** A training and its evaluation. */
export type SubmittedPair = Readonly<Record<TaskKind, SubmittedTask>>;

/** What has no record and is not on its way; the base model is only evaluated. */
export function planArrays(progress: readonly RunProgress[]): PlannedArrays {
  const open = progress.filter((one) => !isRecorded(one));
  const task = ({ run, makes }: RunProgress, kind: TaskKind): SubmittedTask => {
    return { run: run ?? null, makes: makes[kind] };
  };
  const untrained = open.filter((one) => !one.trained && !inFlight(one, "train"));
  const unevaluated = open.filter((one) => one.trained && !inFlight(one, "evaluate"));
  return {
    train: untrained.map((one) => ({ train: task(one, "train"), evaluate: task(one, "evaluate") })),
    evaluate: unevaluated.map((one) => task(one, "evaluate")),
  };
}
