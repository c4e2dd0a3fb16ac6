/**
 * What every stage works with: the loaded profile, the store, the provider, and whom to tell.
 *
 * @module
 */

import { artifactName, type PolicyChoice } from "../../artifact/mod.ts";
import type { Collective } from "../../collective/mod.ts";
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
import type { AcceptedRecords, Engine, Made, MadeKey } from "../made.ts";
import { cachePrecision } from "../profile/mod.ts";
import { decidingBatch, ownKey } from "./keys.ts";
import type { StepLog } from "./steps/mod.ts";
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
  /** The processes that share a training; default this one alone. */
  readonly collective?: Collective | undefined;
  /** What else computed records that are taken over. */
  readonly engines?: readonly Engine[] | undefined;
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
export function madeBy({ experiment: { sources, engine, machine } }: Pick<StageContext, "experiment">): Made {
  return { sources, engine, machine };
}

/** The parts of a context that finding records takes. */
export type RecordContext = Pick<StageContext, "experiment" | "store" | "accepted" | "engines">;

/** What made the records that are taken: this checkout on this machine, then what was said to be accepted. */
export function takenKeys(
  { experiment, accepted, engines = [] }: Omit<RecordContext, "store">,
): MadeKey[] {
  const own = ownKey(experiment), sources = [own.sources, ...(accepted ? [accepted.digest] : [])];
  return [own.engine, ...engines].flatMap((engine) => sources.map((digest) => ({ sources: digest, engine })));
}

/**
 * The first record of {@linkcode takenKeys} that there is. One that does not say what executed it is of an older form and
 * not taken.
 *
 * @param keyOf The record's key, by what made it.
 */
export async function findRecord<T extends { readonly executed: unknown }>(
  context: RecordContext,
  kind: string,
  keyOf: (by: MadeKey) => unknown,
): Promise<StoredRecord<T> | undefined> {
  for (const by of takenKeys(context)) {
    const found = await context.store.get<T>(kind, keyOf(by));
    if (found?.value.executed !== undefined) return found;
  }
  return undefined;
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
 * @param most The most responses that are asked for at once: more rows would only idle.
 * @param changes What is sampled otherwise than the profile says.
 * @throws {RangeError} If another rollout batch than the profile's would change results.
 */
export async function openSampler(
  context: StageContext,
  runtime: Runtime,
  most: number = Infinity,
  changes: Partial<Pick<SamplingSettings, "temperature" | "maxResponseTokens">> = {},
): Promise<Sampler> {
  const { experiment: { profile, model }, rolloutBatch } = context;
  const { rolloutBatch: decided } = decidingBatch(context.experiment);
  if (decided !== undefined && rolloutBatch !== undefined && decided !== rolloutBatch) {
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
    batch: decided ?? Math.min(most, rolloutBatch ?? profile.rolloutBatch),
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
