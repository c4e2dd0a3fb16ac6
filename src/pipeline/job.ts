/**
 * Jobs for workers: a job is a plain record, so it can cross to another thread, and its result too.
 *
 * @module
 */

import { type MethodName, methods } from "../rl/mod.ts";
import type { Provider } from "../runtime/mod.ts";
import { Store } from "../store.ts";
import { openExperiment } from "./experiment.ts";
import type { ExperimentFiles } from "./files.ts";
import type { Profile } from "./profile.ts";
import {
  evaluate,
  type EvaluatedPolicy,
  type EvaluationRecord,
  train,
  type TrainingRecord,
} from "./stage.ts";

/** What all jobs of a run share. */
export interface JobContext {
  /** The profile. */
  readonly profile: Profile;
  /** The repository's folder. */
  readonly root: string;
  /** Where the model and the data sets lie. */
  readonly files: ExperimentFiles;
  /** The folder of the records. */
  readonly storeDirectory: string;
  /** The execution provider. */
  readonly provider: Provider | "auto";
  /** The most bytes that tensors may take on the device; default all that it has. */
  readonly deviceMemory?: number;
  /** Rows that are decoded together; default the profile's. */
  readonly rolloutBatch?: number;
}

/** Train a method with a seed. */
export interface TrainJob {
  /** Tells jobs apart. */
  readonly kind: "train";
  /** The method. */
  readonly method: MethodName;
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
  | { readonly type: "warning"; readonly text: string }
  | { readonly type: "done"; readonly result: JobResults[Job["kind"]] }
  | { readonly type: "failed"; readonly name: string; readonly message: string; readonly stack: string };

/** A job in words: `train GRPO seed 1`, `evaluate Base`. */
export function jobName(job: Job): string {
  if (job.kind === "train") return `train ${methods[job.method].label} seed ${job.seed}`;
  return job.policy
    ? `evaluate ${methods[job.policy.method].label} seed ${job.policy.seed}`
    : "evaluate Base";
}

/** Runs jobs of one context; the experiment is loaded once. */
export async function jobRunner(
  context: JobContext,
  say: (message: WorkerMessage) => void,
): Promise<(job: Job) => Promise<JobResults[Job["kind"]]>> {
  const experiment = await openExperiment(context.profile, context.root, context.provider, context.files);
  const store = new Store(context.storeDirectory, {
    onCorrupt: (path, reason) => say({ type: "warning", text: `The record ${path} is made anew: ${reason}` }),
  });
  const onProgress = (done: number, total: number, note: string): void =>
    say({ type: "progress", done, total, note });
  const { provider, rolloutBatch, deviceMemory } = context;
  const stage = {
    experiment,
    store,
    provider,
    ...(deviceMemory === undefined ? {} : { deviceMemory }),
    onProgress,
    ...(rolloutBatch === undefined ? {} : { rolloutBatch }),
  };
  return (job) => job.kind === "train" ? train(stage, job.method, job.seed) : evaluate(stage, job.policy);
}
