/**
 * The training loop: rollouts, rewards, advantages, updates, metrics. What is peculiar to a method is in its row.
 *
 * @module
 */

import type { Sampler } from "../sampler.ts";
import { type CorrectionSettings, tokenCorrections } from "../loss/mod.ts";
import {
  batchAdvantages,
  batchOutcomes,
  explainedVariance,
  meanDivergence,
  type RewardedBatch,
} from "../methods/mod.ts";
import { checkFinite, NonFiniteError } from "../non_finite.ts";
import type { Rollout } from "../sequence.ts";
import { type Batch, batchRecord } from "./batch.ts";
import { checkMetrics } from "./finite.ts";
import type { Scores } from "../targets.ts";
import type { Learner } from "./learner.ts";
import { sampleBatch } from "./sampling.ts";
import { learningRateAt } from "../schedule.ts";
import { checkAgreement, checkScores, checkTrained, scoredPlaces, scoresAll } from "./scoring.ts";
import { Shards } from "./shard/mod.ts";
import {
  type Beside,
  type OutcomeGroup,
  stepPhase,
  stepPolicy,
  type TrainerSettings,
  type TrainingTask,
} from "./settings.ts";
import {
  type CriticMetrics,
  criticMetrics,
  ownRewardMetrics,
  rewardMetrics,
  rolloutMetrics,
  spreadMetrics,
  type StepMetrics,
  type StepSeconds,
  updateMetrics,
} from "./step_metrics.ts";
import { logprobsOf, type Update, update, updateCritic } from "./update.ts";

/** Importance weights of a batch's tokens, as metrics have them, and advantages times what is left of them. */
function corrected(
  settings: CorrectionSettings | undefined,
  rollouts: readonly Rollout[],
  scores: readonly (Scores | undefined)[],
  advantages: readonly Float64Array[],
): { metrics: StepMetrics["importance"]; advantages: readonly Float64Array[] } {
  if (!settings || settings.kind === "none") return { metrics: undefined, advantages };
  const { weights, ...metrics } = tokenCorrections(
    scores.map((each) => logprobsOf(each, "full")),
    rollouts.map(({ logprobs }) => logprobs),
    settings,
  );
  // Every objective is linear in the advantage of a token.
  return {
    metrics,
    advantages: advantages.map((row, i) => row.map((advantage, t) => advantage * (weights[i]?.[t] ?? NaN))),
  };
}

/** The advantages of an estimator of one's own, one a response; none where the method has another. */
async function ownAdvantages(
  { method, groupSize }: TrainerSettings,
  { advantages }: TrainingTask,
  step: number,
  rollouts: readonly Rollout[],
  batch: RewardedBatch,
): Promise<readonly number[] | undefined> {
  if (method.estimator.kind !== "own" || !advantages) return undefined;
  const { outcomes } = batchOutcomes(method, batch);
  const groups = Array.from({ length: rollouts.length / groupSize }, (_, g): OutcomeGroup => {
    const part = <T>(list: readonly T[]): readonly T[] => list.slice(g * groupSize, (g + 1) * groupSize);
    return { rewards: part(outcomes), rollouts: part(rollouts) };
  });
  return (await advantages(step, groups)).flat();
}

/** The step itself; fills the batch as it goes on. */
async function takeStep(
  settings: TrainerSettings,
  learner: Learner,
  sampler: Sampler,
  task: TrainingTask,
  step: number,
  { critic, reference, collective, drawn = (step - 1) * settings.promptsPerStep }: Beside,
  batch: Batch,
): Promise<{ metrics: StepMetrics; seconds: StepSeconds }> {
  const { groupSize, promptsPerStep, updatesPerStep, microBatchTokens, method, logprobTolerance } = settings;
  const shards = new Shards(settings, collective);
  const before = learner.transfers, watch = new Stopwatch();
  const phase = stepPhase(settings, step), { policy } = phase;
  if (phase.resets && step === phase.after + 1) await learner.resetMoments();
  const sampled = await sampleBatch(settings, learner, sampler, task, step, drawn, batch, shards);
  if (settings.stagedMemory) sampler.release();
  const { rollouts, rewards } = sampled, rewardSeconds = watch.lap() - sampled.seconds;

  const mask = rollouts.map(({ response }) => new Uint8Array(response.length).fill(1));
  const responsesAt = (places: readonly number[]): Rollout[] =>
    places.flatMap((place) => rollouts[place] ?? []);
  const score = (places: readonly number[], parameters?: Beside["reference"]): Promise<Scores[]> =>
    shards.eachPlace(places, async (part) => {
      const scores = await learner.score(responsesAt(part), microBatchTokens, policy, parameters);
      checkScores(scores, part);
      return scores;
    });
  const every = scoresAll(settings) ? scoredPlaces(settings, undefined) : undefined;
  const early = every && await score(every.all);
  const referenceScores = method.kl && every ? await score(every.all, reference) : undefined;
  const values = critic &&
    await shards.eachPlace(
      [...rollouts.keys()],
      (part) => critic.values(responsesAt(part), microBatchTokens),
    );
  const divergence = early && referenceScores && {
    logprobs: early.map((scores) => logprobsOf(scores, policy)),
    referenceLogprobs: referenceScores.map((scores) => logprobsOf(scores, policy)),
  };
  const groups = rollouts.map((_, i) => Math.floor(i / groupSize));
  const rewarded = { rewards, groups, mask, divergence, values };
  const given = await ownAdvantages(settings, task, step, rollouts, rewarded);
  const estimated = batchAdvantages(method, { ...rewarded, given });
  batch.advantages = estimated.advantages;
  // As the graph takes them.
  checkFinite("advantages", estimated.advantages.map((row) => Float32Array.from(row)));
  const { all, reported } = every ?? scoredPlaces(settings, estimated.advantages);
  const found = early ?? await score(all);
  const byPlace = new Map(found.map((scores, i) => [all[i], scores]));
  const scores = batch.scores = rollouts.map((_, place) => byPlace.get(place));
  const scoredGap = checkAgreement(rollouts, scores.map((each) => each?.logprobs), logprobTolerance);
  const scoreSeconds = watch.lap();

  // A ratio of the full policy to the sampler says nothing of an internal policy.
  const correction = policy === "full" ? method.correction : undefined;
  const { advantages, metrics: importance } = corrected(correction, rollouts, scores, estimated.advantages);
  const counts = mask.map((row, i) =>
    method.trainsOn === "rewarded" && !((rewards[i] ?? 0) > 0) ? new Uint8Array(row.length) : row
  );
  const responsesPerUpdate = groupSize * promptsPerStep / updatesPerStep;
  const outcomes: Update[] = [], critics: CriticMetrics[] = [];
  let learningRate = 0, logprobGap = scoredGap;
  for (let share = 0; share < updatesPerStep; share++) {
    const places = Array.from({ length: responsesPerUpdate }, (_, i) => share * responsesPerUpdate + i);
    const optimizerStep = (step - 1) * updatesPerStep + share + 1;
    learningRate = learningRateAt(settings.schedule, optimizerStep, settings.steps * updatesPerStep);
    if (critic && values) {
      const own = { rollouts, mask: counts, places, values, returns: estimated.returns };
      const told = await updateCritic(settings, critic, shards, own, learningRate);
      if (told) critics.push(told);
    }
    const own = {
      rollouts,
      mask: counts,
      advantages,
      places,
      scores: share === 0 ? undefined : scores,
      referenceScores: method.kl?.in === "loss" ? referenceScores : undefined,
    };
    const { outcome, gap } = await update(settings, learner, shards, phase, own, learningRate);
    logprobGap = Math.max(logprobGap, gap);
    outcomes.push(outcome);
  }
  const updateSeconds = watch.lap();
  const transferred = { up: learner.transfers.up - before.up, down: learner.transfers.down - before.down };
  if (settings.stagedMemory) {
    await learner.release();
    await critic?.release();
  }
  if (step === settings.steps) await checkTrained(learner, rollouts, microBatchTokens);
  const count = (wanted: Update): number => outcomes.filter((outcome) => outcome === wanted).length;
  const { lossScale } = learner;
  const numbers = {
    ...rewardMetrics(sampled.allRewards, groupSize),
    ...rolloutMetrics(rollouts, scores.flatMap((each, place) => each && reported.has(place) ? [each] : [])),
    ...updateMetrics(outcomes.filter((outcome) => typeof outcome !== "string")),
    learningRate,
    skippedUpdates: count("no advantage"),
    logprobGap,
    ...(lossScale === undefined ? {} : { lossScale, overflowedUpdates: count("overflow") }),
    ...(method.dynamicSampling ? { promptsDrawn: sampled.drawn } : {}),
    ...(method.kl?.in === "reward" && divergence ? { kl: meanDivergence(method.kl, mask, divergence) } : {}),
    ...(values ? criticMetrics(critics, explainedVariance(estimated.returns, values, mask)) : {}),
  };
  checkMetrics({ ...numbers, ...importance });
  const updates = outcomes.map((outcome) => typeof outcome === "string" ? undefined : outcome);
  const spreads = spreadMetrics(updates, estimated.advantages);
  return {
    metrics: {
      step,
      policy,
      ...numbers,
      ...spreads,
      ...(importance ? { importance } : {}),
      ...(sampled.own ? ownRewardMetrics(sampled.own) : {}),
    },
    seconds: {
      rollout: sampled.seconds,
      reward: rewardSeconds,
      score: scoreSeconds,
      update: updateSeconds,
      tokensPerSecond: numbers.tokens / sampled.seconds,
      transferred,
    },
  };
}

/**
 * Runs one training step and changes the learner's parameters.
 *
 * @param beside What the method needs besides the policy.
 * @throws {RangeError} If the updates would not be on equal shares of the prompts.
 * @throws {TypeError} If the method needs a critic or a reference, and there is none.
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
  beside: Beside = {},
): Promise<{ metrics: StepMetrics; seconds: StepSeconds }> {
  const { promptsPerStep, updatesPerStep, method } = settings;
  if (promptsPerStep % updatesPerStep !== 0) {
    throw new RangeError(
      `Cannot divide ${promptsPerStep} prompts among ${updatesPerStep} updates: expected a multiple of ${updatesPerStep}`,
    );
  }
  for (const [part, needed] of [["critic", method.critic], ["reference", method.kl]] as const) {
    if (needed && !beside[part]) throw new TypeError(`Cannot train by ${method.label}: it needs a ${part}`);
  }
  const batch: Batch = { requests: [] };
  try {
    const taken = await takeStep(settings, learner, sampler, task, step, beside, batch);
    beside.onBatch?.(batch);
    return taken;
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
