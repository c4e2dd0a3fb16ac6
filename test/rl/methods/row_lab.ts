/**
 * Methods of a profile on a small model, opened as the pipeline opens them.
 *
 * @module
 */

import { artifactName, buildArtifacts, criticWeights } from "../../../src/artifact/mod.ts";
import type { Collective } from "../../../src/collective/mod.ts";
import {
  initializeWeights,
  plainLayout,
  readTensors,
  type StoredTensors,
  tensorsInMemory,
} from "../../../src/model/mod.ts";
import {
  graphVariants,
  internalLayerOf,
  methodRow,
  parseProfile,
  type Profile,
  type ProfileMethod,
  type ProfileRow,
  runGraphs,
} from "../../../src/pipeline/mod.ts";
import {
  type Beside,
  dividedState,
  joinedState,
  Learner,
  losses,
  objectiveOf,
  placeParameters,
  type Rollout,
  type Sampler,
  type StepMetrics,
  type TrainerSettings,
  type TrainingTask,
  trainStep,
} from "../../../src/rl/mod.ts";
import { openSampler, runtime, tinyConfig } from "../tiny_model.ts";

/** Four layers; the internal one is the second. */
export const config = tinyConfig({ layers: 4, tied: false });

const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));

/** A profile of one method: two of four steps are internal ones, a step has two updates. */
export function profileOf(method: ProfileMethod, training: Partial<Profile["training"]> = {}): Profile {
  const { variants: _, ...base } = smoke;
  const profile = {
    ...base,
    methods: [method],
    maxResponseTokens: 12,
    training: {
      ...base.training,
      steps: 4,
      promptsPerStep: 4,
      updatesPerStep: 2,
      internalLayer: 2,
      internalSteps: 2,
      learningRate: 2e-3,
      microBatchTokens: 128,
      ...training,
    },
  };
  return parseProfile(JSON.stringify(profile), "the test's profile");
}

/** Rewards about half of all responses, whatever the policy. */
export const task: TrainingTask = {
  prompts: [[3, 4], [5], [9, 9, 9], [20, 31, 8], [12, 1], [2, 2, 5, 6], [7, 7], [30]],
  reward: (_problem, { response }: Rollout): number => response.reduce((sum, token) => sum + token, 0) % 2,
};

/** A method at work. */
export interface OpenRow {
  readonly row: ProfileRow;
  readonly settings: TrainerSettings;
  readonly learner: Learner;
  readonly sampler: Sampler;
  readonly beside: Beside;
  /** The state of all that trains. */
  state(): Promise<StoredTensors>;
  /** Takes a step. */
  step(number: number, before: readonly StepMetrics[], own?: TrainingTask): Promise<StepMetrics>;
  dispose(): Promise<void>;
}

/**
 * Opens the method of a profile, from the base weights or from a state.
 *
 * @param collective The processes that share its shards; default this one alone.
 */
export async function openRow(
  profile: Profile,
  state?: StoredTensors,
  collective?: Collective,
): Promise<OpenRow> {
  const [item] = profile.methods, name = typeof item === "string" ? item : item?.name ?? "";
  const row = methodRow(profile, name), [seed = 1] = row.seeds, base = initializeWeights(config, 5);
  const files = buildArtifacts({
    config,
    objective: objectiveOf(losses[profile.loss]),
    optimizer: profile.optimizer,
    internalLayer: internalLayerOf(profile),
    variants: graphVariants(profile, config.layers),
  });
  const graph = (file: string): Uint8Array => {
    const bytes = files[file];
    if (!bytes) throw new ReferenceError(`no ${file}`);
    return bytes;
  };
  const used = runGraphs(profile, row, seed, config.layers);
  const map = <K>(names: ReadonlyMap<K, string>): Map<K, Uint8Array> => {
    return new Map([...names].map(([key, file]) => [key, graph(file)]));
  };
  const parts = state && dividedState(tensorsInMemory(state));
  const learner = await Learner.open(
    runtime,
    {
      training: map(used.training),
      optimizer: map(used.optimizer),
      evaluation: graph(artifactName("eval_model")),
      evaluations: map(used.evaluations),
    },
    parts?.policy ?? tensorsInMemory(base),
    1,
  );
  const critic = used.critic && await Learner.open(
    runtime,
    {
      training: new Map([["full", graph(used.critic.training)]]),
      optimizer: new Map([["full", graph(used.critic.optimizer)]]),
      evaluation: graph(used.critic.evaluation),
    },
    parts?.critic ?? criticWeights(config, tensorsInMemory(base)),
    1,
  );
  const reference = row.method.kl &&
    await placeParameters(runtime, tensorsInMemory(base), plainLayout);
  const sampler = await openSampler(config, { endIds: [0, 1, 2, 3], batch: 16 });
  const { training } = profile;
  const settings: TrainerSettings = {
    ...training,
    steps: row.steps,
    method: row.method,
    loss: row.loss,
    seed,
    layers: config.layers,
    internalLayer: internalLayerOf(profile),
    schedule: { peak: training.learningRate, warmupSteps: 0, finalShare: 1 },
    maxResponseTokens: profile.maxResponseTokens,
    logprobTolerance: 1e-3,
  };
  return {
    row,
    settings,
    learner,
    sampler,
    beside: { critic, reference, collective },
    state: () => readTensors(joinedState(learner.state(), critic?.state())),
    step: async (number, before, own = task) => {
      const drawn = before.reduce((sum, { promptsDrawn = settings.promptsPerStep }) => sum + promptsDrawn, 0);
      const beside = { critic, reference, drawn, collective };
      return (await trainStep(settings, learner, sampler, own, number, beside)).metrics;
    },
    dispose: async () => {
      for (const tensor of Object.values(reference ?? {})) tensor.dispose();
      await learner.dispose();
      await critic?.dispose();
      await sampler.dispose();
    },
  };
}

/** The names of the parameters whose values differ between two states. */
export function changed(before: StoredTensors, after: StoredTensors): string[] {
  return [...before].filter(([name, { data }]) => {
    const other = after.get(name)?.data;
    return /_(steps|moment)$/.test(name) || name.startsWith("critic.")
      ? false
      : Array.from(data, Number).some((value, i) => value !== Number(other?.[i]));
  }).map(([name]) => name).sort();
}
