/**
 * What every stage works with: the loaded profile, the store, the provider, and whom to tell.
 *
 * @module
 */

import { artifactName, type PolicyChoice } from "../../artifact/mod.ts";
import { SCORING, verify } from "../../grade/mod.ts";
import {
  NonFiniteError,
  type NonFiniteFacts,
  type Rollout,
  Sampler,
  samplerArtifacts,
  type SamplingSettings,
} from "../../rl/mod.ts";
import { openRuntime, type Provider, type Runtime } from "../../runtime/mod.ts";
import type { Store, StoredRecord } from "../../store.ts";
import type { Problem } from "../../suite/mod.ts";
import type { Experiment } from "../experiment.ts";
import type { AcceptedRecords, Made } from "../made.ts";
import { cachePrecision } from "../profile/mod.ts";
import type { StepLog } from "./best.ts";
import { decidingBatch } from "./keys.ts";
import { StoppedError } from "./stop.ts";

/** Where a stage computes and keeps its records. */
export interface StageContext {
  /** The loaded profile. */
  readonly experiment: Experiment;
  /** The records. */
  readonly store: Store;
  /** The execution provider. */
  readonly provider: Provider | "auto";
  /** The most bytes that tensors may take on the device; default all that it has. */
  readonly deviceMemory?: number | undefined;
  /** Rows that are decoded together; default the profile's. Changes no result. */
  readonly rolloutBatch?: number | undefined;
  /** Records of another commit that are taken over too. */
  readonly accepted?: AcceptedRecords | undefined;
  /** Was the run asked to stop? */
  readonly stopped?: (() => boolean) | undefined;
  /** Told how far the stage is. */
  readonly onProgress: (done: number, total: number, note: string) => void;
  /** Told what is worth a line: where a run goes on from. */
  readonly onNotice: (text: string) => void;
  /** Shown the steps of a run: those that it had, then each new one. */
  readonly onSteps?: ((steps: readonly StepLog[]) => void) | undefined;
}

/** What makes the records of a context. */
export function madeBy({ experiment: { sources, engine } }: Pick<StageContext, "experiment">): Made {
  return { sources, engine };
}

/**
 * The record of this checkout's sources, or else of the accepted commit's.
 *
 * @param keyOf The key of a record that sources of a digest made.
 */
export async function findRecord<T>(
  { experiment, store, accepted }: Pick<StageContext, "experiment" | "store" | "accepted">,
  kind: string,
  keyOf: (sources: string) => unknown,
): Promise<StoredRecord<T> | undefined> {
  const own = await store.get<T>(kind, keyOf(experiment.sources.digest));
  return own ?? (accepted && await store.get<T>(kind, keyOf(accepted.digest)));
}

/** The runtime of a stage. */
export function runtimeOf({ experiment: { profile }, provider, deviceMemory }: StageContext): Runtime {
  const limit = deviceMemory === undefined ? {} : { deviceMemory };
  return openRuntime({ provider, threads: profile.threads, ...limit });
}

/** An artifact's bytes; building made all of them. */
export function artifact(
  { artifacts }: Experiment,
  model: string,
  policy: PolicyChoice = "full",
): Uint8Array {
  const bytes = artifacts[artifactName(model, policy)];
  if (!bytes) {
    throw new ReferenceError(`Cannot find the artifact "${artifactName(model, policy)}": it was not built`);
  }
  return bytes;
}

/**
 * Opens the sampler of an experiment.
 *
 * @param changes What is sampled otherwise than the profile says.
 * @throws {RangeError} If another rollout batch than the profile's would change results.
 */
export async function openSampler(
  context: StageContext,
  runtime: Runtime,
  changes: Partial<Pick<SamplingSettings, "temperature" | "maxResponseTokens">> = {},
): Promise<Sampler> {
  const { experiment: { profile, model }, rolloutBatch } = context;
  const { rolloutBatch: decided = rolloutBatch } = decidingBatch(context.experiment);
  if (decided !== rolloutBatch && rolloutBatch !== undefined) {
    throw new RangeError(
      `Cannot use --rollout-batch ${rolloutBatch} with 16-bit layers on ${profile.threads} threads of the CPU: it would change results; leave it at the profile's ${decided}, or use "threads": 1`,
    );
  }
  const graphs = samplerArtifacts((name) => artifact(context.experiment, name));
  return await Sampler.open(runtime, graphs, model.config, {
    temperature: profile.temperature,
    precision: context.experiment.layout.precision,
    cachePrecision: cachePrecision(profile),
    maxPromptTokens: profile.maxPromptTokens,
    maxResponseTokens: profile.maxResponseTokens,
    endIds: model.tokenizer.endIds,
    batch: rolloutBatch ?? profile.rolloutBatch,
    ...changes,
  });
}

/** Grades a response. */
export function grade(
  { model: { tokenizer } }: Experiment,
  problem: Problem,
  { response }: Pick<Rollout, "response">,
): ReturnType<typeof verify> {
  const completion = tokenizer.decode(response, { skipSpecialTokens: true });
  return verify(problem.answer, completion, { ...SCORING, ...problem.form, question: problem.question });
}

/**
 * Stops where the run was asked to.
 *
 * @throws {StoppedError} If it was.
 */
export function checkStopped({ stopped }: StageContext, where: string): void {
  if (stopped?.()) throw new StoppedError(where);
}

/**
 * The error of a stage with the run that it happened in. Where a number was not finite, the batch is kept in the store and
 * the message says where.
 */
export async function withBatch(
  { store }: StageContext,
  key: Readonly<Record<string, unknown>>,
  error: unknown,
  run: Partial<NonFiniteFacts>,
): Promise<unknown> {
  if (!(error instanceof NonFiniteError)) return error;
  const told = error.with(run), failed = { ...key, step: told.step ?? null };
  await store.put("failure", failed, { message: told.message, ...told.facts });
  return new NonFiniteRunError(`${told.message}; the batch is in ${await store.path("failure", failed)}`, {
    cause: told,
  });
}

/** A run ended at a number that is not finite, and its batch was kept. */
export class NonFiniteRunError extends Error {
  /** The class's name. */
  override readonly name = "NonFiniteRunError";
}
