/**
 * The training loop of GRPO and BuPO: rollouts, rewards, advantages, updates, metrics.
 *
 * @module
 */

import type { PolicyChoice } from "../artifact/mod.ts";
import { randomKey, RandomStream } from "../random.ts";
import { groupAdvantages } from "./advantage.ts";
import type { Learner, Scores, TokenTargets } from "./learner.ts";
import type { LossSettings, Method } from "./method.ts";
import { tokenWeights } from "./reduction.ts";
import type { RolloutRequest, Sampler } from "./sampler.ts";
import { learningRateAt, type LearningRateSchedule } from "./schedule.ts";
import type { Rollout } from "./sequence.ts";

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

/** What a step reports; all of it is the same for the same seed. */
export interface StepMetrics {
  /** The step, from 1. */
  readonly step: number;
  /** Which policy was trained: `full`, or the layer's number. */
  readonly policy: PolicyChoice;
  /** Mean reward. */
  readonly rewardMean: number;
  /** Standard deviation of the rewards. */
  readonly rewardDeviation: number;
  /** Share of groups whose rewards are all equal: they give no gradient. */
  readonly zeroVarianceGroups: number;
  /** Mean response length in tokens. */
  readonly responseLength: number;
  /** Share of responses cut at the length limit. */
  readonly truncated: number;
  /** Mean entropy of π_θ over response tokens, in nats. */
  readonly entropy: number;
  /** Mean entropy of layer k's policy over response tokens, in nats. */
  readonly layerEntropy: number;
  /** The loss, mean over updates. */
  readonly loss: number;
  /** Share of tokens at the clip bound, mean over updates. */
  readonly clipFraction: number;
  /** Share of tokens at the dual clip, mean over updates. */
  readonly clipFractionLower: number;
  /** Mean old − new log-prob of the trained policy, mean over updates. */
  readonly approxKl: number;
  /** Global gradient norm before clipping, mean over updates. */
  readonly gradientNorm: number;
  /** Norm of the parameters' change, mean over updates. */
  readonly updateNorm: number;
  /** Learning rate of the last update. */
  readonly learningRate: number;
  /** Updates that were skipped because every advantage was 0. */
  readonly skippedUpdates: number;
  /** Largest |Δ log-prob| between sampler and trainer, in nats. */
  readonly logprobGap: number;
  /** Tokens sampled. */
  readonly tokens: number;
}

/** Seconds spent in each stage of a step; the only thing that differs between equal runs. */
export interface StepSeconds {
  /** Sampling. */
  readonly rollout: number;
  /** Grading. */
  readonly reward: number;
  /** Scoring responses under the old policy. */
  readonly score: number;
  /** Gradients and optimizer. */
  readonly update: number;
}

/** The sampler and the trainer disagree about a token's probability: one of them is wrong. */
export class LogprobMismatchError extends Error {
  /** The class's name. */
  override readonly name = "LogprobMismatchError";
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
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

/** Runs one training step and changes the learner's parameters. */
export async function trainStep(
  settings: TrainerSettings,
  learner: Learner,
  sampler: Sampler,
  task: TrainingTask,
  step: number,
): Promise<{ metrics: StepMetrics; seconds: StepSeconds }> {
  const { seed, groupSize, promptsPerStep, updatesPerStep, microBatchTokens } = settings;
  const marks = [performance.now()];
  const problems = stepProblems(seed, step, promptsPerStep, task.prompts.length);
  const requests: RolloutRequest[] = problems.flatMap((problem) => {
    const prompt = task.prompts[problem] as readonly number[]; // stepProblems draws from the task's problems
    return Array.from({ length: groupSize }, (_, sample) => ({ prompt, problem, sample }));
  });
  const rollouts = await sampler.sample(learner.parameters, requests, randomKey("rollout", seed, step));
  marks.push(performance.now());

  const rewards = rollouts.map((rollout, i) => task.reward(requests[i]?.problem ?? 0, rollout));
  // The group is the prompt's place in the batch, so a problem drawn twice forms two groups.
  const groups = rollouts.map((_, i) => Math.floor(i / groupSize));
  const advantages = groupAdvantages(rewards, groups, settings.method.estimator);
  marks.push(performance.now());

  const policy = stepPolicy(settings, step);
  const scores = await learner.score(rollouts, microBatchTokens);
  const logprobGap = checkAgreement(rollouts, scores, settings.logprobTolerance);
  marks.push(performance.now());

  const promptsPerUpdate = Math.ceil(promptsPerStep / updatesPerStep);
  const updates: Record<string, number>[] = [];
  let learningRate = 0, skippedUpdates = 0;
  for (let update = 0; update < updatesPerStep; update++) {
    const share = rollouts.map((_, i) => i).filter((i) =>
      Math.floor((groups[i] ?? 0) / promptsPerUpdate) === update
    );
    const masks = share.map((i) => rollouts[i]?.response.map(() => 1) ?? []);
    const weights = tokenWeights(masks, settings.loss.reduction, { length: settings.maxResponseTokens });
    // A response with advantage 0 counts in every denominator, but its gradient is exactly 0: it is not computed.
    const used = share.map((i, at) => ({ i, at })).filter(({ i }) => advantages[i] !== 0);
    const tokens = share.reduce((total, i) => total + (rollouts[i]?.response.length ?? 0), 0);
    const targets = used.map(({ i, at }): TokenTargets => {
      const { logprobs = [], layerLogprobs = [] } = scores[i] ?? {};
      return {
        oldLogprobs: policy === "full" ? logprobs : layerLogprobs,
        advantages: logprobs.map(() => advantages[i] ?? 0),
        weights: Array.from(weights[at] ?? []),
      };
    });
    if (used.length === 0) {
      skippedUpdates++;
      continue;
    }
    const sequences = used.map(({ i }) => rollouts[i] as Rollout); // indices of the list itself
    const metrics = await learner.accumulate(policy, sequences, targets, tokens, microBatchTokens);
    const optimizerStep = (step - 1) * updatesPerStep + update + 1;
    learningRate = learningRateAt(settings.schedule, optimizerStep, settings.steps * updatesPerStep);
    updates.push({ ...metrics, ...await learner.step(policy, learningRate) });
  }
  marks.push(performance.now());

  const groupRewards = problems.map((_, g) => rewards.slice(g * groupSize, (g + 1) * groupSize));
  const rewardMean = mean(rewards);
  const ofUpdates = (name: string): number => mean(updates.map((update) => update[name] ?? 0));
  const elapsed = (stage: number): number => ((marks[stage + 1] ?? 0) - (marks[stage] ?? 0)) / 1000;
  return {
    metrics: {
      step,
      policy,
      rewardMean,
      rewardDeviation: Math.sqrt(mean(rewards.map((r) => (r - rewardMean) ** 2))),
      zeroVarianceGroups: mean(groupRewards.map((group) => group.every((r) => r === group[0]) ? 1 : 0)),
      responseLength: mean(rollouts.map(({ response }) => response.length)),
      truncated: mean(rollouts.map(({ ended }) => ended ? 0 : 1)),
      entropy: mean(scores.flatMap(({ entropy }) => entropy)),
      layerEntropy: mean(scores.flatMap(({ layerEntropy }) => layerEntropy)),
      loss: ofUpdates("loss"),
      clipFraction: ofUpdates("clipFraction"),
      clipFractionLower: ofUpdates("clipFractionLower"),
      approxKl: ofUpdates("approxKl"),
      gradientNorm: ofUpdates("gradientNorm"),
      updateNorm: ofUpdates("updateNorm"),
      learningRate,
      skippedUpdates,
      logprobGap,
      tokens: rollouts.reduce((total, { response }) => total + response.length, 0),
    },
    seconds: { rollout: elapsed(0), reward: elapsed(1), score: elapsed(2), update: elapsed(3) },
  };
}
