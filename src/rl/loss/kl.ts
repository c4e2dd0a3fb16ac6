/**
 * Estimates of the divergence of the policy from a reference policy, per token, from the log-probabilities of sampled
 * tokens (Schulman, "Approximating KL Divergence", 2020).
 *
 * @module
 */

import { exp, maximum, mul, neg, sub, sum, type Tensor } from "../../tensor/mod.ts";
import { clamp } from "./clamp.ts";
import { elementAt, mapMasked, type Rows } from "../masked.ts";

/** Estimators of KL(policy ‖ reference). */
export type KlEstimator = "k1" | "absolute" | "k2" | "k3";

/** The largest log-ratio whose exponential `k3` takes, and the largest value of `k3`; verl's. */
const K3_LOG_RATIO = 20, K3_VALUE = 10;

/**
 * The estimate at every token, from the log-probabilities of the policy and of the reference.
 *
 * Only `k2` has the right gradient as a loss: that of `k1` is 0 on average, that of `k3` belongs to KL(reference ‖
 * policy).
 */
export const klEstimators: Readonly<
  Record<KlEstimator, (logprobs: Tensor, referenceLogprobs: Tensor) => Tensor>
> = {
  // log π − log π_ref
  k1: (logprobs, reference) => sub(logprobs, reference),
  // |log π − log π_ref|
  absolute: (logprobs, reference) => {
    const gap = sub(logprobs, reference);
    return maximum(gap, neg(gap));
  },
  // ½ (log π − log π_ref)²
  k2: (logprobs, reference) => {
    const gap = sub(logprobs, reference);
    return mul(mul(gap, gap), 0.5);
  },
  // eᵈ − d − 1 with d = log π_ref − log π
  k3: (logprobs, reference) => {
    const d = clamp(sub(reference, logprobs), -K3_LOG_RATIO, K3_LOG_RATIO);
    return clamp(sub(sub(exp(d), d), 1), -K3_VALUE, K3_VALUE);
  },
};

/** What a divergence loss reads; all of one shape. */
export interface KlTokens {
  /** Log-probabilities of the policy. */
  readonly logprobs: Tensor;
  /** Log-probabilities of the reference policy. */
  readonly referenceLogprobs: Tensor;
  /** The weight of every token. */
  readonly weights: Tensor;
}

/** Σ weight · divergence, a scalar; to be multiplied by a coefficient and added to the policy loss. */
export function klLoss({ logprobs, referenceLogprobs, weights }: KlTokens, estimator: KlEstimator): Tensor {
  return sum(mul(weights, klEstimators[estimator](logprobs, referenceLogprobs)));
}

/**
 * Rewards minus a coefficient times `k1` at every token that counts, where the divergence is part of the reward.
 *
 * @param logprobs Log-probabilities of the policy that sampled.
 * @throws {RangeError} If an argument does not cover the rewards.
 */
export function rewardsWithKl(
  rewards: Rows,
  { logprobs, referenceLogprobs, mask }: {
    readonly logprobs: Rows;
    readonly referenceLogprobs: Rows;
    readonly mask: Rows;
  },
  coefficient: number,
): Float64Array[] {
  const penalties = mapMasked(
    mask,
    (i, t) => coefficient * (elementAt(logprobs, i, t) - elementAt(referenceLogprobs, i, t)),
  );
  return rewards.map((row, i) => Float64Array.from(row, (reward, t) => reward - elementAt(penalties, i, t)));
}
