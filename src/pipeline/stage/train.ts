/**
 * Training one method with one seed. The state of a step is a record of its own, so that a run goes on from it after a
 * kill, and a longer run from the last step of a shorter one.
 *
 * @module
 */

import { criticParameters, criticWeights } from "../../artifact/mod.ts";
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
  type Beside,
  checkState,
  dividedState,
  joinedState,
  Learner,
  methodLabel,
  placeParameters,
  savedParameters,
  type StepMetrics,
  type StepSeconds,
  type TrainerSettings,
  trainStep,
} from "../../rl/mod.ts";
import type { ProbeRow } from "../../policy/mod.ts";
import { openRuntime, type Runtime } from "../../runtime/mod.ts";
import type { StoredRecord } from "../../store.ts";
import type { Experiment } from "../experiment.ts";
import { earlierStretches, type Stretch } from "../made.ts";
import {
  artifact,
  findRecord,
  madeBy,
  openSampler,
  type RecordContext,
  runtimeOf,
  type StageContext,
  takenKeys,
  withBatch,
} from "./context.ts";
import { rowLayer, type RunGraphs, runGraphs } from "../method_graphs.ts";
import { cachePrecision, methodRow, type Profile, type ProfileRow } from "../profile/mod.ts";
import { trainingKey } from "./keys.ts";
import { openProbe } from "./probe.ts";
import { silenceNotice } from "./signal.ts";
import { BusyError, StoppedError } from "./stop.ts";
import { openTask } from "./task.ts";

/** What training leaves after a step. */
export interface TrainingRecord {
  /** SHA-256 of the weights' file. */
  readonly checkpoint: string;
  /** What computed each stretch of steps, up to and with `step`, and where; more than one where a run went on elsewhere. */
  readonly executed: readonly Stretch[];
  /** Whether a run ended with this step: then it is kept. */
  readonly final: boolean;
  /** One entry a step. */
  readonly metrics: readonly StepMetrics[];
  /** What was probed, the base model first; absent where the profile does not ask for it. */
  readonly probes?: readonly ProbeRow[];
  /** One entry a step; the only part that differs between equal runs. */
  readonly seconds: readonly StepSeconds[];
}

/** The kind of training's records. */
export const KIND = "training";

/** How many states of a run are kept, besides those that a shorter one ended with. */
export const STATES_KEPT = 2;

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
    if (state) return state;
  }
  return undefined;
}

/** Removes states that nothing goes on from any more: all but the last ones, and those that a run ended with. */
async function removeOldStates(
  { experiment, store }: StageContext,
  method: string,
  seed: number,
  step: number,
): Promise<void> {
  const key = trainingKey(experiment, method, seed);
  const steps = await savedSteps({ experiment, store }, method, seed, step);
  for (const old of steps.slice(0, -STATES_KEPT)) {
    const record = await store.get<TrainingRecord>(KIND, { ...key, step: old });
    if (!record?.value.final) await store.remove(KIND, { ...key, step: old });
  }
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

/** What trains: the policy, and what its method needs besides. */
interface Trainees {
  readonly learner: Learner;
  readonly beside: Beside;
}

/** Graphs by what they are for, from the files of a run. */
function graphsOf<K>({ artifacts }: Experiment, files: ReadonlyMap<K, string>): Map<K, Uint8Array> {
  return new Map([...files].map(([key, file]) => {
    const bytes = artifacts[file];
    if (!bytes) throw new ReferenceError(`Cannot find the artifact "${file}": it was not built`);
    return [key, bytes];
  }));
}

/** Where the optimizer's state lies; on the CPU device and host are one. */
function homeOf({ experiment: { profile: { threads, training } } }: StageContext, runtime: Runtime): Runtime {
  return training.offload && runtime.provider !== "cpu" ? openRuntime({ provider: "cpu", threads }) : runtime;
}

async function openCritic(
  context: StageContext,
  runtime: Runtime,
  files: NonNullable<RunGraphs["critic"]>,
  state: TensorSource | undefined,
): Promise<Learner> {
  const { experiment } = context, { model, layout } = experiment;
  const one = graphsOf(experiment, new Map(Object.entries(files)));
  const graph = (name: keyof typeof files): Uint8Array => one.get(name) as Uint8Array; // a graph for each file
  return await Learner.open(
    runtime,
    {
      training: new Map([["full", graph("training")]]),
      optimizer: new Map([["full", graph("optimizer")]]),
      evaluation: graph("evaluation"),
    },
    state ? dividedState(state).critic : criticWeights(model.config, model.weights),
    1,
    layout,
    homeOf(context, runtime),
  );
}

async function openTrainees(
  context: StageContext,
  runtime: Runtime,
  row: ProfileRow,
  seed: number,
  state: TensorSource | undefined,
): Promise<Trainees> {
  const { experiment } = context, { profile, layout, model } = experiment;
  const files = runGraphs(profile, row, seed, model.config.layers);
  const learner = await Learner.open(
    runtime,
    {
      training: graphsOf(experiment, files.training),
      optimizer: graphsOf(experiment, files.optimizer),
      evaluation: artifact(experiment, "eval_model"),
      evaluations: graphsOf(experiment, files.evaluations),
    },
    state ? dividedState(state).policy : model.weights,
    profile.temperature,
    layout,
    homeOf(context, runtime),
  );
  return {
    learner,
    beside: {
      critic: files.critic && await openCritic(context, runtime, files.critic, state),
      reference: row.method.kl && await placeParameters(runtime, model.weights, layout),
    },
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
    if (record) onProgress(steps, steps, "already trained");
    return record?.value;
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
  const probe = first ? await openProbe(context, runtime) : undefined,
    probes = [...state?.value.probes ?? []];
  const { learner, beside } = await openTrainees(context, runtime, row, seed, state?.tensors);
  const sampler = await openSampler(context, runtime, responsesAtOnce(profile));
  using task = openTask(context, row, seed);
  const settings = settingsOf(context, row, seed);
  const metrics = [...state?.value.metrics ?? []], seconds = [...state?.value.seconds ?? []];
  const by = madeBy(context), earlier = earlierStretches(state?.value.executed ?? [], by);
  const save = async (): Promise<TrainingRecord> => {
    const step = metrics.length;
    const record: TrainingRecord = {
      checkpoint: await sha256Stream(storedStream(learner.weights())),
      executed: [...earlier, { ...by, step }],
      final: step === steps,
      metrics,
      ...(probe ? { probes } : {}),
      seconds,
    };
    checkSameCheckpoint(collective, step, record.checkpoint);
    if (!first) return record;
    await store.put(KIND, { ...key, step }, record, {
      state: storedStream(joinedState(learner.state(), beside.critic?.state())),
    });
    await removeOldStates(context, method, seed, step);
    return record;
  };
  const lookAfter = async (step: number): Promise<void> => {
    if (probe?.isDue(step)) probes.push(await probe.read(step, learner.weights()));
  };
  try {
    if (!state) await lookAfter(0);
    for (;;) {
      const step = metrics.length + 1;
      const drawn = drawnPrompts(metrics, settings);
      const result = await trainStep(settings, learner, sampler, task, step, {
        ...beside,
        drawn,
        collective,
      });
      metrics.push(result.metrics);
      seconds.push(result.seconds);
      await lookAfter(step);
      const silence = silenceNotice(metrics, steps);
      if (silence !== undefined) context.onNotice(`warning: ${silence}`);
      onProgress(step, steps, `reward ${result.metrics.rewardMean.toFixed(3)}`);
      if (step === steps) return await save();
      const stopped = await stoppedAnywhere(collective, context.stopped);
      if (stopped || step % checkpointEvery === 0) await save();
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
  /** Its weights. */
  readonly weights: TensorSource;
  /** What was probed until then; none where the profile does not ask for it. */
  readonly probes: readonly ProbeRow[];
}

/**
 * A trained policy.
 *
 * @param step After which step; default the last.
 * @throws {ReferenceError} If there is no record of it: with the steps that there are.
 */
export async function trainedPolicy(
  context: RecordContext,
  method: string,
  seed: number,
  step = methodRow(context.experiment.profile, method).steps,
): Promise<TrainedPolicy> {
  const record = await recordOf(context, method, seed, step), state = record?.attachments.get("state");
  if (record && state) {
    const { checkpoint, probes = [] } = record.value;
    return { checkpoint, weights: savedParameters(await openSafetensors(state)), probes };
  }
  const saved = await savedSteps(context, method, seed), run = `${methodLabel(method)} seed ${seed}`;
  const there = saved.length > 0
    ? `saved are the steps ${saved.join(", ")} (--step N)`
    : "nothing of it is saved";
  throw new ReferenceError(`Cannot use ${run} after step ${step}: ${there}`);
}
