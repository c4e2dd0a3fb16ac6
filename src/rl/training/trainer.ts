/**
 * The training loop of GRPO and BuPO: rollouts, rewards, advantages, updates, metrics.
 *
 * @module
 */

import type { PolicyChoice } from "../../artifact/mod.ts";
import { randomKey, RandomStream } from "../../random.ts";
import { groupAdvantages } from "../advantage/mod.ts";
import { type Batch, batchRecord } from "./batch.ts";
import { checkMetrics } from "./finite.ts";
import type { Learner, Scores, TokenTargets } from "./learner.ts";
import type { LossSettings, Method } from "../method.ts";
import { tokenWeights } from "../loss/mod.ts";
import { checkFinite, NonFiniteError } from "../non_finite.ts";
import type { RolloutRequest, Sampler } from "../sampler.ts";
import { learningRateAt, type LearningRateSchedule } from "./schedule.ts";
import { packMicroBatches, type Rollout } from "../sequence.ts";
import {
  rewardMetrics,
  rolloutMetrics,
  type StepMetrics,
  type StepSeconds,
  type UpdateMetrics,
  updateMetrics,
} from "./step_metrics.ts";

/** How a run trains. */
export interface TrainerSettings {
  /** The method. */
  readonly method: Method;
  /** Clipping and reduction. */
  readonly loss: LossSettings;
  /** The run's seed: prompts and noise follow from it. */
  readonly seed: number;
  /** Training steps; each samples one batch. */
  readonly steps: number;
  /** Prompts a step. */
  readonly promptsPerStep: number;
  /** Responses a prompt. */
  readonly groupSize: number;
  /** Optimizer steps on each batch, each on its share of the prompts. */
  readonly updatesPerStep: number;
  /** The layer k of the internal policy, from 1. */
  readonly internalLayer: number;
  /** s_inter: how many steps train the internal policy, if the method is bottom-up. */
  readonly internalSteps: number;
  /** The learning rate over optimizer steps. */
  readonly schedule: LearningRateSchedule;
  /** The most padded positions of a micro-batch. */
  readonly microBatchTokens: number;
  /** The most response tokens: what the reduction `constant` divides by. */
  readonly maxResponseTokens: number;
  /** The largest |Δ log-prob| between sampler and trainer that is no error, in nats. */
  readonly logprobTolerance: number;
  /**
   * Whether what a stage does not use is freed: KV caches before training, gradients before the next rollouts. It changes
   * no result and takes the time to make them again. Default false.
   */
  readonly stagedMemory?: boolean | undefined;
}

/** What a run trains on. */
export interface TrainingTask {
  /** The prompts' tokens, by problem. */
  readonly prompts: readonly (readonly number[])[];
  /** The reward of a response to a problem. */
  reward(problem: number, rollout: Rollout): number;
}

/** The sampler and the trainer disagree about a token's probability: one of them is wrong. */
export class LogprobMismatchError extends Error {
  /** The class's name. */
  override readonly name = "LogprobMismatchError";
}

/** The problems of a step: an endless walk through shuffles of all of them, one shuffle an epoch. */
export function stepProblems(seed: number, step: number, count: number, problems: number): number[] {
  const orders = new Map<number, number[]>();
  return Array.from({ length: count }, (_, i) => {
    const at = (step - 1) * count + i, epoch = Math.floor(at / problems);
    const order = orders.get(epoch) ??
      new RandomStream("prompts", seed, epoch).shuffle(Array.from({ length: problems }, (_, p) => p));
    orders.set(epoch, order);
    return order[at % problems] as number; // the order has an entry for each problem
  });
}

/** The policy that a step trains. */
export function stepPolicy(
  { method, internalLayer, internalSteps }: TrainerSettings,
  step: number,
): PolicyChoice {
  return method.bottomUp && step <= internalSteps ? internalLayer : "full";
}

/** What a step samples: groups of responses, each to the prompt at one place of the batch. */
function stepRequests(
  { seed, promptsPerStep, groupSize }: TrainerSettings,
  { prompts }: TrainingTask,
  step: number,
): RolloutRequest[] {
  return stepProblems(seed, step, promptsPerStep, prompts.length).flatMap((problem, place) => {
    const prompt = prompts[problem] as readonly number[]; // stepProblems draws from the task's problems
    // The place is part of the noise's address: a problem that is drawn twice forms two groups, not one and its copy.
    return Array.from({ length: groupSize }, (_, sample) => ({ prompt, problem, sample, place }));
  });
}

function checkScores(scores: readonly Scores[], places: readonly number[]): void {
  checkFinite("trainer log-probs", scores.map(({ logprobs }) => logprobs), places);
  checkFinite("entropy", scores.map(({ entropy }) => entropy), places);
  checkFinite("layer log-probs", scores.map(({ layerLogprobs }) => layerLogprobs), places);
  checkFinite("layer entropy", scores.map(({ layerEntropy }) => layerEntropy), places);
}

/**
 * After the last update no further step would notice parameters that are not finite, or that are so large that nothing
 * can be computed with them: they are read, and the longest responses are scored with them.
 */
async function checkTrained(
  learner: Learner,
  rollouts: readonly Rollout[],
  microBatchTokens: number,
): Promise<void> {
  await learner.checkParameters();
  const places = packMicroBatches(rollouts, microBatchTokens)[0]?.rows.flatMap(({ members }) => members) ??
    [];
  const scores = await learner.score(places.flatMap((place) => rollouts[place] ?? []), microBatchTokens);
  checkFinite("final log-probs", scores.map(({ logprobs }) => logprobs), places);
}

/**
 * The largest difference between the sampler's log-probs and the trainer's, where there are any.
 *
 * @throws {LogprobMismatchError} If it is beyond the tolerance: then one of them is wrong.
 */
function checkAgreement(
  rollouts: readonly Rollout[],
  logprobs: readonly (readonly number[] | undefined)[],
  tolerance: number,
): number {
  const gap = rollouts.reduce((most, rollout, i) => {
    const own = logprobs[i];
    return own
      ? rollout.logprobs.reduce((all, logprob, t) => Math.max(all, Math.abs(logprob - (own[t] ?? NaN))), most)
      : most;
  }, 0);
  if (gap <= tolerance) return gap;
  throw new LogprobMismatchError(
    `Cannot train on these rollouts: sampler and trainer differ by ${gap} nats a token, expected at most ${tolerance}`,
  );
}

/** How many responses of each group are scored for what is reported of the policy: its first ones. */
const SCORED_SAMPLES = 2;

/** Which responses of a batch are scored before the updates. */
interface Scored {
  /** For what is reported: some of each group, whatever became of them. */
  readonly reported: ReadonlySet<number>;
  /**
   * All of them: also those whose log-probs a later update needs. The first update takes them from its own forward pass,
   * and none needs those of a response without an advantage.
   */
  readonly all: readonly number[];
}

function scoredPlaces(
  { groupSize, promptsPerStep, updatesPerStep }: TrainerSettings,
  advantages: ArrayLike<number>,
): Scored {
  const places = Array.from({ length: groupSize * promptsPerStep }, (_, place) => place);
  const first = places.length / updatesPerStep;
  const reported = new Set(places.filter((place) => place % groupSize < SCORED_SAMPLES));
  return {
    reported,
    all: places.filter((place) => reported.has(place) || (place >= first && advantages[place] !== 0)),
  };
}

/** What became of an update: its metrics, or why nothing was changed. */
type Update = UpdateMetrics | "no advantage" | "overflow";

/** What an update computes with. */
interface UpdateBatch {
  readonly rollouts: readonly Rollout[];
  readonly advantages: ArrayLike<number>;
  /** The scores before the step, by place; absent: the update is the first, and takes the log-probs of its own pass. */
  readonly scores: readonly (Scores | undefined)[] | undefined;
  /** The responses that it is taken on. */
  readonly places: readonly number[];
}

/** One optimizer step on the rollouts at some places of a batch, and the largest gap that it found. */
async function update(
  { loss, maxResponseTokens, microBatchTokens, logprobTolerance }: TrainerSettings,
  learner: Learner,
  policy: PolicyChoice,
  { rollouts, advantages, scores, places }: UpdateBatch,
  learningRate: number,
): Promise<{ outcome: Update; gap: number }> {
  const lengthOf = (place: number): number => rollouts[place]?.response.length ?? 0;
  const masks = places.map((place) => new Uint8Array(lengthOf(place)).fill(1));
  const weights = tokenWeights(masks, loss.reduction, { length: maxResponseTokens });
  // As the graph takes them.
  checkFinite("token weights", weights.map((row) => Float32Array.from(row)), places);
  // A response with advantage 0 counts in the loss's denominator, but its gradient is exactly 0: it is not computed.
  const used = places.flatMap((place, i) => {
    const rollout = rollouts[place], advantage = advantages[place] ?? 0;
    if (!rollout || advantage === 0) return [];
    const target: TokenTargets = {
      ...(scores ? { oldLogprobs: oldLogprobs(scores[place], policy) } : {}),
      advantages: rollout.response.map(() => advantage),
      weights: Array.from(weights[i] ?? []),
    };
    return [{ place, rollout, target }];
  });
  if (used.length === 0) return { outcome: "no advantage", gap: 0 };
  const tokens = places.reduce((total, place) => total + lengthOf(place), 0);
  const computed = used.reduce((total, { rollout }) => total + rollout.response.length, 0);
  const trained = used.map(({ rollout }) => rollout);
  const { metrics, logprobs } = await learner.accumulate(
    policy,
    trained,
    used.map(({ target }) => target),
    computed,
    microBatchTokens,
  );
  checkFinite("trainer log-probs", logprobs, used.map(({ place }) => place));
  // Only before the first update is the policy the one that sampled.
  const gap = scores || policy !== "full" ? 0 : checkAgreement(trained, logprobs, logprobTolerance);
  const { overflowed, ...norms } = await learner.step(policy, learningRate);
  if (overflowed) return { outcome: "overflow", gap };
  const { loss: value = NaN, approxKl = NaN, clipFraction = NaN, clipFractionLower = NaN } = metrics;
  const outcome = {
    loss: value,
    approxKl,
    // No ratio clips a token without advantage, so these are known of all tokens.
    clipFraction: clipFraction * computed / tokens,
    clipFractionLower: clipFractionLower * computed / tokens,
    ...norms,
  };
  return { outcome, gap };
}

/** The log-probs before the step of a response that a later update needs. */
function oldLogprobs(scores: Scores | undefined, policy: PolicyChoice): readonly number[] {
  if (!scores) throw new ReferenceError("internal: a later update needs the log-probs before the step");
  return policy === "full" ? scores.logprobs : scores.layerLogprobs;
}

/** The step itself; fills the batch as it goes on. */
async function takeStep(
  settings: TrainerSettings,
  learner: Learner,
  sampler: Sampler,
  task: TrainingTask,
  step: number,
  batch: Batch,
): Promise<{ metrics: StepMetrics; seconds: StepSeconds }> {
  const { seed, groupSize, promptsPerStep, updatesPerStep, microBatchTokens } = settings;
  const watch = new Stopwatch(), before = learner.transfers, { requests } = batch;
  const rollouts = batch.rollouts = await sampler.sample(
    learner.parameters,
    requests,
    randomKey("rollout", seed, step),
  );
  if (settings.stagedMemory) sampler.release();
  const rolloutSeconds = watch.lap();

  const rewards = batch.rewards = rollouts.map((rollout, i) =>
    task.reward(requests[i]?.problem ?? 0, rollout)
  );
  checkFinite("rewards", rewards.map((reward) => [reward]));
  const groups = rollouts.map((_, i) => Math.floor(i / groupSize));
  const advantages = batch.advantages = groupAdvantages(rewards, groups, settings.method.estimator);
  // As the graph takes them.
  checkFinite("advantages", Array.from(advantages, (advantage) => [Math.fround(advantage)]));
  const rewardSeconds = watch.lap();

  const { all, reported } = scoredPlaces(settings, advantages);
  const found = await learner.score(all.map((place) => rollouts[place] as Rollout), microBatchTokens);
  checkScores(found, all);
  const byPlace = new Map(found.map((scores, i) => [all[i], scores]));
  const scores = batch.scores = rollouts.map((_, place) => byPlace.get(place));
  const scoredGap = checkAgreement(rollouts, scores.map((each) => each?.logprobs), settings.logprobTolerance);
  const scoreSeconds = watch.lap();

  const policy = stepPolicy(settings, step), responsesPerUpdate = groupSize * promptsPerStep / updatesPerStep;
  const outcomes: Update[] = [];
  let learningRate = 0, logprobGap = scoredGap;
  for (let share = 0; share < updatesPerStep; share++) {
    const places = Array.from({ length: responsesPerUpdate }, (_, i) => share * responsesPerUpdate + i);
    const optimizerStep = (step - 1) * updatesPerStep + share + 1;
    learningRate = learningRateAt(settings.schedule, optimizerStep, settings.steps * updatesPerStep);
    const own = { rollouts, advantages, places, scores: share === 0 ? undefined : scores };
    const { outcome, gap } = await update(settings, learner, policy, own, learningRate);
    logprobGap = Math.max(logprobGap, gap);
    outcomes.push(outcome);
  }
  const updateSeconds = watch.lap();
  const transferred = { up: learner.transfers.up - before.up, down: learner.transfers.down - before.down };
  if (settings.stagedMemory) learner.release();
  if (step === settings.steps) await checkTrained(learner, rollouts, microBatchTokens);
  const updates = outcomes.filter((outcome) => typeof outcome !== "string");
  const count = (wanted: Update): number => outcomes.filter((outcome) => outcome === wanted).length;
  const { lossScale } = learner;
  const numbers = {
    ...rewardMetrics(rewards, groupSize),
    ...rolloutMetrics(rollouts, scores.flatMap((each, place) => each && reported.has(place) ? [each] : [])),
    ...updateMetrics(updates),
    learningRate,
    skippedUpdates: count("no advantage"),
    logprobGap,
    ...(lossScale === undefined ? {} : { lossScale, overflowedUpdates: count("overflow") }),
  };
  checkMetrics(numbers);
  return {
    metrics: { step, policy, ...numbers },
    seconds: {
      rollout: rolloutSeconds,
      reward: rewardSeconds,
      score: scoreSeconds,
      update: updateSeconds,
      tokensPerSecond: numbers.tokens / rolloutSeconds,
      transferred,
    },
  };
}

/**
 * Runs one training step and changes the learner's parameters.
 *
 * @throws {RangeError} If the updates would not be on equal shares of the prompts.
 * @throws {LogprobMismatchError} If sampler and trainer disagree.
 * @throws {NonFiniteError} If a number is NaN or infinite: it names the step, the policy, the number, and holds the batch.
 * The learner is of no use afterwards.
 */
export async function trainStep(
  settings: TrainerSettings,
  learner: Learner,
  sampler: Sampler,
  task: TrainingTask,
  step: number,
): Promise<{ metrics: StepMetrics; seconds: StepSeconds }> {
  const { promptsPerStep, updatesPerStep } = settings;
  if (promptsPerStep % updatesPerStep !== 0) {
    throw new RangeError(
      `Cannot divide ${promptsPerStep} prompts among ${updatesPerStep} updates: expected a multiple of ${updatesPerStep}`,
    );
  }
  const batch: Batch = { requests: stepRequests(settings, task, step) };
  try {
    return await takeStep(settings, learner, sampler, task, step, batch);
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    const policy = stepPolicy(settings, step);
    throw error.with({ step, policy, batch: error.batch ?? batchRecord(batch) });
  }
}

/** Seconds between laps. */
class Stopwatch {
  #last = performance.now();

  lap(): number {
    const now = performance.now(), elapsed = (now - this.#last) / 1000;
    this.#last = now;
    return elapsed;
  }
}
