/**
 * Training one method with one seed. The state of a step is a record of its own, so that a run goes on from it after a
 * kill, and a longer run from the last step of a shorter one.
 *
 * @module
 */

import { criticParameters } from "../../artifact/mod.ts";
import { sha256Stream } from "../../byte_source.ts";
import {
  alone,
  checkSameCheckpoint,
  checkSameKey,
  commonState,
  fromFirst,
  stoppedAnywhere,
} from "../../collective/mod.ts";
import {
  openSafetensors,
  parameterShapes,
  type Precision,
  storedStream,
  type TensorSource,
} from "../../model/mod.ts";
import {
  type Batch,
  checkState,
  dividedState,
  joinedState,
  methodLabel,
  savedParameters,
  type StepMetrics,
  type StepSeconds,
  type TrainerSettings,
  trainStep,
} from "../../rl/mod.ts";
import type { ProbeRow } from "../../policy/mod.ts";
import type { StoredRecord } from "../../store.ts";
import { earlierStretches, type Stretch } from "../made.ts";
import { rowLayer } from "../method_graphs.ts";
import { cachePrecision, methodRow, type Profile, type ProfileRow, STATES_KEPT } from "../profile/mod.ts";
import {
  findRecord,
  madeBy,
  openSampler,
  type RecordContext,
  runtimeOf,
  type StageContext,
  takenKeys,
  withBatch,
} from "./context.ts";
import { trainingKey } from "./keys.ts";
import { restoreLog, RunObserver } from "./observer.ts";
import { type BestState, comparedValue, type StepLog } from "./steps/mod.ts";
import { BusyError, StoppedError } from "./stop.ts";
import { openTask } from "./task.ts";
import { openTrainees } from "./trainees.ts";

/** What training leaves after a step. */
export interface TrainingRecord {
  /** SHA-256 of the weights' file. */
  readonly checkpoint: string;
  /** What computed each stretch of steps, up to and with `step`, and where; more than one where a run went on elsewhere. */
  readonly executed: readonly Stretch[];
  /** Whether a run ended with this step: then it is kept. */
  readonly final: boolean;
  /** The best state so far, by the profile's rule; absent without one, and before the first that is compared. */
  readonly best?: BestState;
  /** One entry a step. */
  readonly metrics: readonly StepLog[];
  /** What was probed, the base model first; absent where the profile does not ask for it. */
  readonly probes?: readonly ProbeRow[];
  /** One entry a step; the only part that differs between equal runs. */
  readonly seconds: readonly StepSeconds[];
}

/** The kind of training's records. */
export const KIND = "training";

/** How far sampler and trainer may be apart, in nats: what the rounding of a precision makes, and no more. */
const logprobTolerance: Readonly<Record<Precision, number>> = {
  float32: 1e-3,
  float16: 0.1,
  bfloat16: 0.8, // three bits fewer
};

/** The record of a step of a run. */
async function recordOf(
  context: RecordContext,
  method: string,
  seed: number,
  step: number,
): Promise<StoredRecord<TrainingRecord> | undefined> {
  return await findRecord<TrainingRecord>(context, KIND, (by) => {
    return { ...trainingKey(context.experiment, method, seed, by), step };
  });
}

/** The steps of a run whose records lie in the store, ascending. */
export async function savedSteps(
  context: RecordContext,
  method: string,
  seed: number,
  most: number = methodRow(context.experiment.profile, method).steps,
): Promise<number[]> {
  const keys = takenKeys(context).map((by) => trainingKey(context.experiment, method, seed, by));
  const found = await Promise.all(Array.from({ length: most }, async (_, i) => {
    const known = await Promise.all(keys.map((key) => context.store.has(KIND, { ...key, step: i + 1 })));
    return known.includes(true) ? i + 1 : 0;
  }));
  return found.filter((step) => step > 0);
}

/** A state that training goes on from. */
interface SavedState {
  readonly step: number;
  readonly value: TrainingRecord;
  readonly tensors: TensorSource;
}

/** Does a record name a best state that is no longer there? Then the run goes on from before it, and makes it again. */
async function hasLostBest(
  context: RecordContext,
  method: string,
  seed: number,
  step: number,
  { best }: TrainingRecord,
): Promise<boolean> {
  if (!best || best.step === step) return false;
  return !(await savedSteps(context, method, seed, best.step)).includes(best.step);
}

/** The state of a step, if there is a sound one. */
async function stateOf(
  context: StageContext,
  method: string,
  seed: number,
  step: number,
): Promise<SavedState | undefined> {
  const record = await recordOf(context, method, seed, step), state = record?.attachments.get("state");
  if (!record || !state) return undefined;
  const tensors = await openSafetensors(state), { metrics, seconds } = record.value;
  const { config } = context.experiment.model, { policy, critic } = dividedState(tensors);
  checkState(policy, parameterShapes(config));
  if (methodRow(context.experiment.profile, method).method.critic) {
    checkState(critic, criticParameters(config));
  }
  if (metrics.length === step && seconds.length === step) return { step, value: record.value, tensors };
  throw new TypeError(
    `Cannot go on from step ${step}: its record has ${metrics.length} steps of metrics; remove it with "deno task store prune"`,
  );
}

/** The latest sound state of a run; a damaged one is told, and the one before it is taken. */
async function latestState(
  context: StageContext,
  method: string,
  seed: number,
): Promise<SavedState | undefined> {
  for (const step of (await savedSteps(context, method, seed)).toReversed()) {
    const state = await stateOf(context, method, seed, step);
    if (state && !await hasLostBest(context, method, seed, step, state.value)) return state;
  }
  return undefined;
}

/** Removes states of no more use: all but the last ones, those that a run ended with, and the best of such and of this. */
async function removeOldStates(
  { experiment, store }: StageContext,
  method: string,
  seed: number,
  step: number,
  best: BestState | undefined,
): Promise<void> {
  const key = trainingKey(experiment, method, seed), kept = new Set([best?.step]);
  const { last = STATES_KEPT, best: rule } = experiment.profile.training.keep ?? {};
  const steps = await savedSteps({ experiment, store }, method, seed, step), old = steps.slice(0, -last);
  // A shorter run's last state may be a recent one, and its best an old one.
  for (const each of rule ? steps : old) {
    if (each === step || kept.has(each)) continue;
    const record = await store.get<TrainingRecord>(KIND, { ...key, step: each });
    if (record?.value.final) { for (const saved of [each, record.value.best?.step]) kept.add(saved); }
  }
  for (const each of old) if (!kept.has(each)) await store.remove(KIND, { ...key, step: each });
}

function settingsOf(
  { experiment: { profile, layout, model } }: StageContext,
  row: ProfileRow,
  seed: number,
): TrainerSettings {
  const { training } = profile, { method, loss, steps, internalSteps, learningRate } = row;
  return {
    ...training,
    steps,
    layers: model.config.layers,
    internalLayer: rowLayer(profile, row),
    internalSteps,
    method,
    loss,
    seed,
    schedule: { peak: learningRate, warmupSteps: training.warmupSteps, finalShare: 1 },
    maxResponseTokens: profile.maxResponseTokens,
    logprobTolerance: Math.max(
      logprobTolerance[layout.precision],
      logprobTolerance[cachePrecision(profile)],
    ),
  };
}

/** The most responses that are sampled at once. */
function responsesAtOnce({ training }: Profile): number {
  const { promptsPerStep, groupSize, gradientShards = 1 } = training;
  return promptsPerStep * groupSize / gradientShards;
}

/** How many prompts the steps so far have drawn. */
function drawnPrompts(metrics: readonly StepMetrics[], { promptsPerStep }: TrainerSettings): number {
  return metrics.reduce((sum, { promptsDrawn = promptsPerStep }) => sum + promptsDrawn, 0);
}

/**
 * Trains one method with one seed, or returns the record of having done so. Of several processes the first alone looks into
 * the store, probes and saves; all of them take the steps.
 *
 * @throws {StoppedError} If the run was asked to stop: the step is finished and saved.
 * @throws {BusyError} If another process trains it.
 */
export async function train(
  context: StageContext,
  method: string,
  seed: number,
): Promise<TrainingRecord> {
  const { experiment, store, onProgress, collective = alone } = context, { profile } = experiment;
  const first = collective.rank === 0;
  const row = methodRow(profile, method), { steps } = row, { checkpointEvery } = profile.training;
  const known = async (): Promise<TrainingRecord | undefined> => {
    const record = await recordOf(context, method, seed, steps);
    if (!record || await hasLostBest(context, method, seed, steps, record.value)) return undefined;
    await restoreLog(context, { method, seed, steps }, record.value.metrics);
    onProgress(steps, steps, "already trained");
    return record.value;
  };
  const key = trainingKey(experiment, method, seed);
  checkSameKey(collective, key);
  const before = await fromFirst(collective, known);
  if (before) return before;
  using lock = first ? await store.tryLock(KIND, key) : undefined;
  if (await fromFirst(collective, () => !lock)) throw new BusyError(`${methodLabel(method)} seed ${seed}`);
  // Another run may have ended between the look and the lock.
  const since = await fromFirst(collective, known);
  if (since) return since;

  const state = await commonState(
    collective,
    () => latestState(context, method, seed),
    (step) => stateOf(context, method, seed, step),
  );
  if (state) context.onNotice(`goes on from step ${state.step} of ${steps}`);
  const runtime = runtimeOf(context);
  const { learner, beside } = await openTrainees(context, runtime, row, seed, state?.tensors);
  const sampler = await openSampler(context, runtime, responsesAtOnce(profile));
  using task = openTask(context, row, seed);
  const settings = settingsOf(context, row, seed);
  const metrics = [...state?.value.metrics ?? []], seconds = [...state?.value.seconds ?? []];
  const by = madeBy(context), earlier = earlierStretches(state?.value.executed ?? [], by);
  const rule = profile.training.keep?.best, observed = { method, seed, steps };
  let best = state?.value.best;
  await using observer = first
    ? await RunObserver.open(context, runtime, observed, metrics, state?.value.probes ?? [])
    : undefined;
  const save = async (better: number | undefined): Promise<TrainingRecord> => {
    const step = metrics.length, checkpoint = await sha256Stream(storedStream(learner.weights()));
    if (better !== undefined) best = { step, checkpoint, value: better };
    const record: TrainingRecord = {
      checkpoint,
      executed: [...earlier, { ...by, step }],
      final: step === steps,
      ...(best ? { best } : {}),
      metrics,
      ...(observer?.probes ? { probes: observer.probes } : {}),
      seconds,
    };
    checkSameCheckpoint(collective, step, record.checkpoint);
    if (!first) return record;
    await store.put(KIND, { ...key, step }, record, {
      state: storedStream(joinedState(learner.state(), beside.critic?.state())),
    });
    await removeOldStates(context, method, seed, step, best);
    return record;
  };
  try {
    if (!state) await observer?.start(learner);
    for (;;) {
      const step = metrics.length + 1;
      const drawn = drawnPrompts(metrics, settings);
      let batch: Readonly<Batch> | undefined;
      const onBatch = (done: Readonly<Batch>): void => void (batch = done);
      const around = { ...beside, drawn, collective, onBatch };
      const result = await trainStep(settings, learner, sampler, task, step, around);
      if (observer && profile.training.evaluate) sampler.release(); // one set of caches at a time
      const look = (): StepLog | Promise<StepLog> =>
        observer?.after(result.metrics, metrics, learner, batch) ?? result.metrics;
      metrics.push(await fromFirst(collective, look));
      seconds.push(result.seconds);
      onProgress(step, steps, `reward ${result.metrics.rewardMean.toFixed(3)}`);
      const value = rule && comparedValue(rule, metrics);
      const better = value !== undefined && value > (best?.value ?? -Infinity) ? value : undefined;
      if (step === steps) return await save(better);
      const stopped = await stoppedAnywhere(collective, context.stopped);
      if (stopped || better !== undefined || step % checkpointEvery === 0) await save(better);
      if (stopped) throw new StoppedError(`step ${step} of ${steps}`);
    }
  } catch (error) {
    throw await withBatch(context, key, error, { method: methodLabel(method), seed });
  } finally {
    await learner.dispose();
    await beside.critic?.dispose();
    for (const tensor of Object.values(beside.reference ?? {})) tensor.dispose();
    await sampler.dispose();
  }
}

/** A policy that was trained. */
export interface TrainedPolicy {
  /** SHA-256 of its weights' file. */
  readonly checkpoint: string;
  /** After which step; absent: after the last. */
  readonly step?: number | undefined;
  /** Its weights. */
  readonly weights: TensorSource;
  /** What was probed until then; none where the profile does not ask for it. */
  readonly probes: readonly ProbeRow[];
}

/** Which state of a run is evaluated, as the profile says: the last, or the best; `step` is absent for the last. */
export function evaluatedState(
  { evaluation }: Pick<Profile, "evaluation">,
  { checkpoint, metrics, best }: Pick<TrainingRecord, "checkpoint" | "metrics" | "best">,
): { readonly checkpoint: string; readonly step?: number } {
  if (evaluation.checkpoint === "last" || !best || best.step === metrics.length) return { checkpoint };
  return { checkpoint: best.checkpoint, step: best.step };
}

/**
 * A trained policy.
 *
 * @param step After which step; default that which the profile evaluates.
 * @throws {ReferenceError} If there is no record of it: with the steps that there are.
 */
export async function trainedPolicy(
  context: RecordContext,
  method: string,
  seed: number,
  step?: number,
): Promise<TrainedPolicy> {
  const { profile } = context.experiment, { steps } = methodRow(profile, method);
  const last = step === undefined ? await recordOf(context, method, seed, steps) : undefined;
  const chosen = step ?? (last && evaluatedState(profile, last.value).step);
  const record = chosen === undefined ? last : await recordOf(context, method, seed, chosen);
  const state = record?.attachments.get("state");
  if (record && state) {
    const { checkpoint, probes = [] } = record.value;
    return { checkpoint, step: chosen, weights: savedParameters(await openSafetensors(state)), probes };
  }
  const saved = await savedSteps(context, method, seed), run = `${methodLabel(method)} seed ${seed}`;
  const there = saved.length > 0
    ? `saved are the steps ${saved.join(", ")} (--step N)`
    : "nothing of it is saved";
  throw new ReferenceError(`Cannot use ${run} after step ${chosen ?? steps}: ${there}`);
}
