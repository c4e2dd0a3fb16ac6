/**
 * Jobs for workers: a job is a plain record, so it can cross to another thread, and its result too.
 *
 * @module
 */

import { alone, type Collective, stoppedAnywhere } from "../../collective/mod.ts";
import { methodLabel } from "../../rl/mod.ts";
import { Store } from "../../store.ts";
import { type Experiment, type ExperimentContext, openExperiment } from "../experiment.ts";
import type { AcceptedRecords, Engine } from "../made.ts";
import {
  BusyError,
  evaluate,
  type EvaluatedPolicy,
  type EvaluationRecord,
  type StageContext,
  type StepLog,
  StopFlag,
  StoppedError,
  train,
  type TrainingRecord,
} from "../stage/mod.ts";

/** What all jobs of a run share; plain data. */
export interface JobContext extends ExperimentContext {
  /** The folder of the records. */
  readonly storeDirectory: string;
  /** The most bytes that tensors may take on the device; default all that it has. */
  readonly deviceMemory?: number;
  /** Rows that are decoded together; default the profile's. */
  readonly rolloutBatch?: number;
  /** Records of another commit that are taken over too. */
  readonly accepted?: AcceptedRecords;
  /** What else computed records that are taken over. */
  readonly engines?: readonly Engine[];
  /** The buffer of the flag that asks the run to stop. */
  readonly stop?: SharedArrayBuffer;
}

/** Train a method with a seed. */
export interface TrainJob {
  /** Tells jobs apart. */
  readonly kind: "train";
  /** The method. */
  readonly method: string;
  /** The seed. */
  readonly seed: number;
}

/** Evaluate a policy on every suite. */
export interface EvaluateJob {
  /** Tells jobs apart. */
  readonly kind: "evaluate";
  /** The policy; none for the base model. */
  readonly policy: EvaluatedPolicy;
}

/** A job. */
export type Job = TrainJob | EvaluateJob;

/** The results of jobs by kind. */
export interface JobResults {
  /** Of training. */
  readonly train: TrainingRecord;
  /** Of evaluation, by suite. */
  readonly evaluate: Readonly<Record<string, EvaluationRecord>>;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly note: string }
  | { readonly type: "steps"; readonly steps: readonly StepLog[] }
  | { readonly type: "warning" | "notice" | "stopped" | "busy"; readonly text: string }
  | { readonly type: "done"; readonly result: JobResults[Job["kind"]] }
  | {
    readonly type: "failed" | "broken";
    readonly name: string;
    readonly message: string;
    readonly stack: string;
  };

/** A job in words: `train GRPO seed 1`, `evaluate Base`. */
export function jobName(job: Job): string {
  if (job.kind === "train") return `train ${methodLabel(job.method)} seed ${job.seed}`;
  if (!job.policy) return "evaluate Base";
  const { method, seed, step } = job.policy;
  return `evaluate ${methodLabel(method)} seed ${seed}${step === undefined ? "" : ` step ${step}`}`;
}

/** An experiment whose sums are not added in our own order: what adds them is one of its kernels then. */
function summedBy(experiment: Experiment, { deciding }: Collective): Experiment {
  if (deciding === undefined) return experiment;
  const { engine } = experiment;
  return { ...experiment, engine: { ...engine, kernels: `${engine.kernels}, ${deciding}` } };
}

/**
 * Runs jobs of one context; the experiment is loaded once.
 *
 * @param collective The processes that do each job together; default this one alone.
 */
export async function jobRunner(
  context: JobContext,
  say: (message: WorkerMessage) => void,
  collective: Collective = alone,
): Promise<(job: Job) => Promise<WorkerMessage>> {
  const stop = context.stop && new StopFlag(context.stop);
  const stage: StageContext = {
    ...context,
    experiment: summedBy(await openExperiment(context), collective),
    store: new Store(context.storeDirectory, {
      onCorrupt: (path, reason) =>
        say({ type: "warning", text: `The record ${path} is made anew: ${reason}` }),
    }),
    collective,
    stopped: () => stop?.raised ?? false,
    onProgress: (done, total, note) => say({ type: "progress", done, total, note }),
    onNotice: (text) => say({ type: "notice", text }),
    onSteps: (steps) => say({ type: "steps", steps }),
  };
  return async (job) => {
    try {
      // It has not begun.
      if (await stoppedAnywhere(collective, stage.stopped)) throw new StoppedError("");
      const result = job.kind === "train"
        ? await train(stage, job.method, job.seed)
        : await evaluate(stage, job.policy);
      return { type: "done", result };
    } catch (error) {
      if (error instanceof StoppedError) return { type: "stopped", text: error.message };
      if (error instanceof BusyError) return { type: "busy", text: error.message };
      const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      return { type: "failed", name, message, stack };
    }
  };
}
