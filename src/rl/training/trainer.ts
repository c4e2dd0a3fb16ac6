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
import { cutMicroBatches, type Rollout } from "../sequence.ts";
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

function checkScores(scores: readonly Scores[]): void {
  checkFinite("trainer log-probs", scores.map(({ logprobs }) => logprobs));
  checkFinite("entropy", scores.map(({ entropy }) => entropy));
  checkFinite("layer log-probs", scores.map(({ layerLogprobs }) => layerLogprobs));
  checkFinite("layer entropy", scores.map(({ layerEntropy }) => layerEntropy));
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
  const places = cutMicroBatches(rollouts, microBatchTokens)[0]?.rows ?? [];
  const scores = await learner.score(places.flatMap((place) => rollouts[place] ?? []), microBatchTokens);
  checkFinite("final log-probs", scores.map(({ logprobs }) => logprobs), places);
}

function checkAgreement(rollouts: readonly Rollout[], scores: readonly Scores[], tolerance: number): number {
  let gap = 0;
  rollouts.forEach(({ logprobs }, i) => {
    logprobs.forEach((logprob, t) =>
      gap = Math.max(gap, Math.abs(logprob - (scores[i]?.logprobs[t] ?? NaN)))
    );
  });
  if (gap <= tolerance) return gap;
  throw new LogprobMismatchError(
    `Cannot train on these rollouts: sampler and trainer differ by ${gap} nats a token, expected at most ${tolerance}`,
  );
}

/** What became of an update: its metrics, or why nothing was changed. */
type Update = UpdateMetrics | "no advantage" | "overflow";

/** One optimizer step on the rollouts at some places of a batch. */
async function update(
  { loss, maxResponseTokens, microBatchTokens }: TrainerSettings,
  learner: Learner,
  policy: PolicyChoice,
  { rollouts, advantages, scores }: Required<Batch>,
  places: readonly number[],
  learningRate: number,
): Promise<Update> {
  const lengthOf = (place: number): number => rollouts[place]?.response.length ?? 0;
  const masks = places.map((place) => new Uint8Array(lengthOf(place)).fill(1));
  const weights = tokenWeights(masks, loss.reduction, { length: maxResponseTokens });
  // As the graph takes them.
  checkFinite("token weights", weights.map((row) => Float32Array.from(row)), places);
  // A response with advantage 0 counts in the loss's denominator, but its gradient is exactly 0: it is not computed.
  const used = places.flatMap((place, i) => {
    const rollout = rollouts[place], score = scores[place], advantage = advantages[place] ?? 0;
    if (!rollout || !score || advantage === 0) return [];
    const target: TokenTargets = {
      oldLogprobs: policy === "full" ? score.logprobs : score.layerLogprobs,
      advantages: rollout.response.map(() => advantage),
      weights: Array.from(weights[i] ?? []),
    };
    return [{ rollout, target }];
  });
  if (used.length === 0) return "no advantage";
  const tokens = places.reduce((total, place) => total + lengthOf(place), 0);
  const computed = used.reduce((total, { rollout }) => total + rollout.response.length, 0);
  const metrics = await learner.accumulate(
    policy,
    used.map(({ rollout }) => rollout),
    used.map(({ target }) => target),
    computed,
    microBatchTokens,
  );
  const { overflowed, ...norms } = await learner.step(policy, learningRate);
  if (overflowed) return "overflow";
  const { loss: value = NaN, approxKl = NaN, clipFraction = NaN, clipFractionLower = NaN } = metrics;
  return {
    loss: value,
    approxKl,
    // No ratio clips a token without advantage, so these are known of all tokens.
    clipFraction: clipFraction * computed / tokens,
    clipFractionLower: clipFractionLower * computed / tokens,
    ...norms,
  };
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

  const scores = batch.scores = await learner.score(rollouts, microBatchTokens);
  checkScores(scores);
  const logprobGap = checkAgreement(rollouts, scores, settings.logprobTolerance);
  const scoreSeconds = watch.lap();

  const policy = stepPolicy(settings, step), full = { requests, rollouts, rewards, advantages, scores };
  const responsesPerUpdate = groupSize * promptsPerStep / updatesPerStep;
  const outcomes: Update[] = [];
  let learningRate = 0;
  for (let share = 0; share < updatesPerStep; share++) {
    const places = Array.from({ length: responsesPerUpdate }, (_, i) => share * responsesPerUpdate + i);
    const optimizerStep = (step - 1) * updatesPerStep + share + 1;
    learningRate = learningRateAt(settings.schedule, optimizerStep, settings.steps * updatesPerStep);
    outcomes.push(await update(settings, learner, policy, full, places, learningRate));
  }
  const updateSeconds = watch.lap();
  const transferred = { up: learner.transfers.up - before.up, down: learner.transfers.down - before.down };
  if (step === settings.steps) await checkTrained(learner, rollouts, microBatchTokens);
  const updates = outcomes.filter((outcome) => typeof outcome !== "string");
  const count = (wanted: Update): number => outcomes.filter((outcome) => outcome === wanted).length;
  const { lossScale } = learner;
  const numbers = {
    ...rewardMetrics(rewards, groupSize),
    ...rolloutMetrics(rollouts, scores),
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
