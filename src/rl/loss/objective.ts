/**
 * Policy objectives as traced graphs. Every loss and every metric is a plain weighted sum over tokens, so those of
 * micro-batches add up to those of the batch.
 *
 * @module
 */

import {
  add,
  and,
  exp,
  less,
  maximum,
  minimum,
  mul,
  neg,
  scalar,
  stopGradient,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  where,
} from "../../tensor/mod.ts";
import { clamp } from "./clamp.ts";

/** The largest |log-ratio| of a token whose exponential is taken; verl's. */
export const TOKEN_LOG_RATIO = 20;
/** The largest log-ratio of a sequence whose exponential is taken; verl's. */
const SEQUENCE_LOG_RATIO = 10;

/** What a policy loss reads; all of one shape. */
export interface PolicyTokens {
  /** Log-probabilities of the policy that is trained. */
  readonly logprobs: Tensor;
  /** Log-probabilities of the policy before this step's updates. */
  readonly oldLogprobs: Tensor;
  /** The advantage of every token. */
  readonly advantages: Tensor;
  /** The weight of every token in the loss, see `tokenWeights()`; 0 where it does not count. */
  readonly weights: Tensor;
  /** The weight of every token in the metrics: 1 over the number of tokens that are summed makes them means. */
  readonly metricWeights: Tensor;
}

/** What the sequence-level policy loss reads, of shape [batch, sequence]. */
export interface SequencePolicyTokens extends PolicyTokens {
  /** The weight of every token in its sequence's mean: 1 over the sequence's number of tokens that count. */
  readonly sequenceWeights: Tensor;
}

/** Bounds of the probability ratio. */
export interface ClipSettings {
  /** ε below 1: the ratio is clipped at 1 − clipLow. */
  readonly clipLow: number;
  /** ε above 1: the ratio is clipped at 1 + clipHigh. */
  readonly clipHigh: number;
  /** c: with a negative advantage A the loss stays at or below −A c (Ye et al., arXiv 1912.09729); default: no bound. */
  readonly dualClip?: number | undefined;
}

/**
 * Sums over tokens of metric weight · value, means over them where the weights are 1 over their number: the share at which
 * the clipped term is the larger, the share at which the dual clip acts, and old minus new log-probability. A token of
 * advantage 0 is in neither share, but it has a log-probability.
 */
export type PolicyMetrics = Readonly<Record<"clipFraction" | "clipFractionLower" | "approxKl", Tensor>>;

/** A loss and its metrics, all scalars. */
export interface PolicyLoss {
  /** The loss to minimise. */
  readonly loss: Tensor;
  /** What to report. */
  readonly metrics: PolicyMetrics;
}

/** Σ weight over the tokens at which a condition holds. */
function share(condition: Tensor, weights: Tensor): Tensor {
  return sum(where(condition, weights, 0));
}

/** max(−A r, −A clamp(r)), bounded by −A c for A < 0, summed; `logRatio` is what approxKl reports. */
function clippedSurrogate(
  ratio: Tensor,
  logRatio: Tensor,
  { advantages, weights, metricWeights }: PolicyTokens,
  { clipLow, clipHigh, dualClip }: ClipSettings,
): PolicyLoss {
  const gain = neg(advantages);
  const free = mul(gain, ratio);
  const clipped = mul(gain, clamp(ratio, 1 - clipLow, 1 + clipHigh));
  const single = maximum(free, clipped);
  const negative = less(advantages, 0);
  const bound = dualClip === undefined ? undefined : mul(gain, dualClip);
  const token = bound ? where(negative, minimum(single, bound), single) : single;
  return {
    loss: sum(mul(weights, token)),
    metrics: {
      clipFraction: share(less(free, clipped), metricWeights),
      clipFractionLower: bound
        ? share(and(negative, less(bound, single)), metricWeights)
        : scalar(metricWeights.dtype, 0),
      approxKl: neg(sum(mul(metricWeights, logRatio))),
    },
  };
}

/**
 * The clipped surrogate of PPO and GRPO (Schulman et al., arXiv 1707.06347). Per token, with
 * d = clamp(log π − log π_old, ±20), r = eᵈ and advantage A: ℓ = max(−A r, −A clamp(r, 1 − clipLow, 1 + clipHigh)); if
 * A < 0, ℓ = min(ℓ, −A dualClip). The loss is Σ weight · ℓ.
 *
 * In the first update after sampling pass `stopGradient(logprobs)` as the old ones: the ratio is then 1 and keeps its
 * gradient.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { grad, input } from "../../tensor/mod.ts";
 * import { policyLoss } from "./objective.ts";
 *
 * const token = (name: string) => input(name, "float32", ["batch", "sequence"]);
 * const tokens = {
 *   logprobs: token("logprobs"),
 *   oldLogprobs: token("old_logprobs"),
 *   advantages: token("advantages"),
 *   weights: token("weights"),
 *   metricWeights: token("metric_weights"),
 * };
 * const { loss } = policyLoss(tokens, { clipLow: 0.2, clipHigh: 0.28, dualClip: 10 });
 * const [gradient] = grad(loss, [tokens.logprobs]);
 * assertEquals(gradient?.shape, ["batch", "sequence"]);
 * ```
 */
export function policyLoss(tokens: PolicyTokens, settings: ClipSettings): PolicyLoss {
  const logRatio = clamp(sub(tokens.logprobs, tokens.oldLogprobs), -TOKEN_LOG_RATIO, TOKEN_LOG_RATIO);
  return clippedSurrogate(exp(logRatio), logRatio, tokens, settings);
}

/** The length-normalised log-ratio of each sequence [batch]: the mean of its tokens' log-ratios. */
export function sequenceLogRatio(
  { logprobs, oldLogprobs, sequenceWeights }: Pick<
    SequencePolicyTokens,
    "logprobs" | "oldLogprobs" | "sequenceWeights"
  >,
): Tensor {
  return sum(mul(sequenceWeights, sub(logprobs, oldLogprobs)), [-1]);
}

/**
 * The clipped surrogate with one ratio a sequence, GSPO (Zheng et al., arXiv 2507.18071, GSPO-token): the ratio of a
 * token is s · π / stopped(π) with s = exp({@linkcode sequenceLogRatio}) stopped, its logarithm at most 10.
 * `sequence-mean` weights make it the paper's objective. A sequence must not be divided among micro-batches.
 */
export function sequencePolicyLoss(tokens: SequencePolicyTokens, settings: ClipSettings): PolicyLoss {
  const { logprobs, oldLogprobs } = tokens;
  const sequence = stopGradient(sequenceLogRatio(tokens));
  const logRatio = add(sub(logprobs, stopGradient(logprobs)), unsqueeze(sequence, [sequence.rank]));
  const bounded = where(less(SEQUENCE_LOG_RATIO, logRatio), SEQUENCE_LOG_RATIO, logRatio);
  return clippedSurrogate(exp(bounded), sub(logprobs, oldLogprobs), tokens, settings);
}

/** What a cross-entropy loss reads; both of one shape. */
export interface LabelledTokens {
  /** Log-probabilities of the target tokens. */
  readonly logprobs: Tensor;
  /** The weight of every token. */
  readonly weights: Tensor;
}

/** The cross-entropy −Σ weight · log π, as pre-training minimises it. */
export function crossEntropyLoss({ logprobs, weights }: LabelledTokens): Tensor {
  return neg(sum(mul(weights, logprobs)));
}
