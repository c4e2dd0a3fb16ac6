/**
 * What a training step reports.
 *
 * @module
 */

import type { PolicyChoice } from "../../artifact/mod.ts";
import { type Extremes, extremesOf, joinedExtremes } from "../extremes.ts";
import type { Rows } from "../masked.ts";
import type { Scores } from "../targets.ts";
import type { Transfers } from "../../runtime/mod.ts";
import type { Rollout } from "../sequence.ts";
import type { OwnRewards } from "./settings.ts";

/**
 * What a step reports; all of it is the same for the same seed. Means over responses and tokens are over all of the
 * step's, those without an advantage too, unless it says otherwise. Means over updates are over those that changed the
 * parameters, each with the same weight, whatever its number of tokens; they are 0 where there was none.
 */
export interface StepMetrics {
  /** The step, from 1. */
  readonly step: number;
  /** Which policy was trained: `full`, or the layer's number. */
  readonly policy: PolicyChoice;
  /** Mean reward over responses. */
  readonly rewardMean: number;
  /** Standard deviation of the rewards over all responses, whatever their group; the denominator is their number. */
  readonly rewardDeviation: number;
  /** Share of groups whose rewards are all equal: they give no gradient. */
  readonly zeroVarianceGroups: number;
  /** Mean response length in tokens, over responses; one that was cut counts with the limit. */
  readonly responseLength: number;
  /** Tokens of the shortest response. */
  readonly shortestResponse: number;
  /** Tokens of the longest response. */
  readonly longestResponse: number;
  /** Mean length in tokens of the responses that ended by themselves; absent where none did. */
  readonly endedLength?: number;
  /** Share of responses cut at the length limit. */
  readonly truncated: number;
  /** Mean entropy of π_θ before the step's updates, over the tokens of each group's first responses, in nats. */
  readonly entropy: number;
  /** Mean entropy of layer k's policy before the step's updates, over the same tokens, in nats. */
  readonly layerEntropy: number;
  /** The loss, mean over updates. Its denominator is the reduction's, and counts responses of advantage 0. */
  readonly loss: number;
  /** The loss of each update in order; null where the update was skipped. */
  readonly updateLosses: readonly (number | null)[];
  /** The advantages of all response tokens, before a correction for the sampler. */
  readonly advantages: Extremes;
  /**
   * exp(log π_new − log π_old) of the trained policy over the tokens of an update's responses that have an advantage, before the
   * update and before any bound: the least and the largest of all updates, and the mean over updates. Absent where there was none.
   */
  readonly ratio?: Extremes;
  /** Share of an update's tokens at which the clip bound acts, mean over updates. */
  readonly clipFraction: number;
  /** Share of an update's tokens at which the dual clip acts, mean over updates. */
  readonly clipFractionLower: number;
  /**
   * Mean old − new log-prob of the trained policy over an update's tokens whose advantage is not 0, before the update
   * changes anything; mean over updates. The other tokens' new log-probs are not computed.
   */
  readonly approxKl: number;
  /** Global gradient norm before clipping, mean over updates. */
  readonly gradientNorm: number;
  /** Norm of the parameters' change, mean over updates. */
  readonly updateNorm: number;
  /** Learning rate that the schedule has for the step's last update, also if that was skipped. */
  readonly learningRate: number;
  /** Updates that were skipped because every advantage was 0. */
  readonly skippedUpdates: number;
  /**
   * Largest |Δ log-prob| between sampler and trainer, in nats, over the response tokens whose log-prob under the full
   * policy the trainer has computed before its first update.
   */
  readonly logprobGap: number;
  /** Response tokens sampled. */
  readonly tokens: number;
  /** What the loss is multiplied by after the step; absent in float32. */
  readonly lossScale?: number;
  /** Updates that changed nothing because a float16 gradient overflowed; absent in float32. */
  readonly overflowedUpdates?: number;
  /** Prompts that were drawn, with those whose groups were set aside; only with dynamic sampling. */
  readonly promptsDrawn?: number;
  /**
   * Mean divergence from the base model over response tokens, by the method's estimator: of the loss, mean over updates; of
   * the reward, before them. Absent where the method pays for none.
   */
  readonly kl?: number;
  /** Share of responses that the verifier calls right; only with rewards of one's own, like what follows. */
  readonly accuracy?: number;
  /** Mean and standard deviation of each reward before its weight, over responses, by the reward's name. */
  readonly rewards?: Readonly<Record<string, RewardMoments>>;
  /** exp(log π_θ − log π_sampler) of response tokens before anything was cut from it, and the share cut. */
  readonly importance?: Readonly<Record<"least" | "mean" | "most" | "cut", number>> | undefined;
  /** The critic's loss, mean over updates; like all that follow only with a critic. */
  readonly valueLoss?: number;
  /** Share of an update's tokens at which the bound of the value acts, mean over updates. */
  readonly valueClipFraction?: number;
  /** The critic's gradient norm before clipping, mean over updates. */
  readonly criticGradientNorm?: number;
  /** 1 − Var(return − value) / Var(return) over response tokens, before the updates; 0 where returns do not differ. */
  readonly explainedVariance?: number;
}

/** Mean and standard deviation of a reward; the denominator is the number of responses. */
export interface RewardMoments {
  /** The mean. */
  readonly mean: number;
  /** The standard deviation. */
  readonly deviation: number;
}

/** Seconds spent in each stage of a step, and bytes moved; the only thing that differs between equal runs. */
export interface StepSeconds {
  /** Sampling. */
  readonly rollout: number;
  /** Grading. */
  readonly reward: number;
  /** Scoring responses under the old policy, as far as the first update does not do it. */
  readonly score: number;
  /** Gradients and optimizer. */
  readonly update: number;
  /** Response tokens sampled, over the seconds of sampling. */
  readonly tokensPerSecond: number;
  /** Bytes that went to the device during the step, and that came from it; 0 on the CPU. */
  readonly transferred: Transfers;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

function momentsOf(values: readonly number[]): RewardMoments {
  const middle = mean(values);
  return { mean: middle, deviation: Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) };
}

/** The part of the metrics that comes from rewards of one's own. */
export function ownRewardMetrics(
  { correct, parts }: OwnRewards,
): Required<Pick<StepMetrics, "accuracy" | "rewards">> {
  const rewards = Object.entries(parts).map(([name, values]) => [name, momentsOf(values)] as const);
  return { accuracy: mean(correct), rewards: Object.fromEntries(rewards) };
}

/** The part of the metrics that comes from rewards. */
export function rewardMetrics(
  rewards: readonly number[],
  groupSize: number,
): Pick<StepMetrics, "rewardMean" | "rewardDeviation" | "zeroVarianceGroups"> {
  const { mean: rewardMean, deviation: rewardDeviation } = momentsOf(rewards);
  const groups = Array.from({ length: rewards.length / groupSize }, (_, g) => {
    return rewards.slice(g * groupSize, (g + 1) * groupSize);
  });
  return {
    rewardMean,
    rewardDeviation,
    zeroVarianceGroups: mean(groups.map((group) => group.every((reward) => reward === group[0]) ? 1 : 0)),
  };
}

/** The metrics that come from responses and their scores. */
export type RolloutMetric =
  | "responseLength"
  | "shortestResponse"
  | "longestResponse"
  | "endedLength"
  | "truncated"
  | "entropy"
  | "layerEntropy"
  | "tokens";

/**
 * The part of the metrics that comes from responses and their scores.
 *
 * @param sampled Scores of the responses that entropies are measured on.
 */
export function rolloutMetrics(
  rollouts: readonly Rollout[],
  sampled: readonly Scores[],
): Pick<StepMetrics, RolloutMetric> {
  const tokens = rollouts.reduce((total, { response }) => total + response.length, 0);
  const lengths = extremesOf(rollouts.map(({ response }) => response.length));
  const ended = rollouts.flatMap(({ ended, response }) => ended ? [response.length] : []);
  return {
    responseLength: tokens / rollouts.length,
    shortestResponse: lengths.least,
    longestResponse: lengths.most,
    ...(ended.length > 0 ? { endedLength: mean(ended) } : {}),
    truncated: mean(rollouts.map(({ ended }) => ended ? 0 : 1)),
    entropy: mean(sampled.flatMap(({ entropy }) => entropy)),
    layerEntropy: mean(sampled.flatMap(({ layerEntropy }) => layerEntropy)),
    tokens,
  };
}

/** The metrics that are means over the updates of a step. */
export type UpdateMetric =
  | "loss"
  | "clipFraction"
  | "clipFractionLower"
  | "approxKl"
  | "gradientNorm"
  | "updateNorm";

/** What one update reports. */
export type UpdateMetrics = Pick<StepMetrics, UpdateMetric | "kl" | "ratio">;

/** What one update of a critic reports. */
export type CriticMetrics = Required<
  Pick<StepMetrics, "valueLoss" | "valueClipFraction" | "criticGradientNorm">
>;

/** The part of the metrics that comes from updates: means over them, 0 where there was none. */
export function updateMetrics(updates: readonly UpdateMetrics[]): Pick<StepMetrics, UpdateMetric | "kl"> {
  const of = (name: UpdateMetric): number => mean(updates.map((values) => values[name]));
  const divergences = updates.flatMap(({ kl }) => kl ?? []);
  return {
    loss: of("loss"),
    clipFraction: of("clipFraction"),
    clipFractionLower: of("clipFractionLower"),
    approxKl: of("approxKl"),
    gradientNorm: of("gradientNorm"),
    updateNorm: of("updateNorm"),
    ...(divergences.length > 0 ? { kl: mean(divergences) } : {}),
  };
}

/**
 * The part of the metrics that is no single number: what each update lost, and how far advantages and ratios reach.
 *
 * @param updates What each update reports; nothing where it was skipped.
 */
export function spreadMetrics(
  updates: readonly (UpdateMetrics | undefined)[],
  advantages: Rows,
): Pick<StepMetrics, "updateLosses" | "advantages" | "ratio"> {
  const ratio = joinedExtremes(updates.flatMap((update) => update?.ratio ?? []));
  return {
    updateLosses: updates.map((update) => update?.loss ?? null),
    advantages: extremesOf(advantages.flatMap((row) => Array.from(row))),
    ...(ratio ? { ratio } : {}),
  };
}

/** The part of the metrics that comes from a critic. */
export function criticMetrics(
  updates: readonly CriticMetrics[],
  explainedVariance: number,
): CriticMetrics & Required<Pick<StepMetrics, "explainedVariance">> {
  const of = (name: keyof CriticMetrics): number => mean(updates.map((values) => values[name]));
  return {
    valueLoss: of("valueLoss"),
    valueClipFraction: of("valueClipFraction"),
    criticGradientNorm: of("criticGradientNorm"),
    explainedVariance,
  };
}
