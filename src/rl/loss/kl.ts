/**
 * Estimates of the divergence of the policy from a reference policy, per token, from the log-probabilities of sampled
 * tokens (Schulman, "Approximating KL Divergence", 2020).
 *
 * @module
 */

import { add, exp, maximum, mul, neg, stopGradient, sub, sum, type Tensor } from "../../tensor/mod.ts";
import { clamp } from "./clamp.ts";
import { elementAt, mapMasked, type Rows } from "../masked.ts";

/** Estimators of KL(policy ‖ reference). */
export type KlEstimator = "k1" | "absolute" | "k2" | "k3" | "k3-straight";

/** The largest log-ratio whose exponential `k3` takes, and the largest value of `k3`; verl's. */
const K3_LOG_RATIO = 20, K3_VALUE = 10;

/**
 * The estimate at every token, from the log-probabilities of the policy and of the reference.
 *
 * Only `k2` has the right gradient as a loss: that of `k1` is 0 on average, that of `k3` belongs to KL(reference ‖
 * policy). `k3-straight` has the value of `k3`, whose variance is low, and the gradient of `k2`.
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
  "k3-straight": (logprobs, reference) => {
    const slope = klEstimators.k2(logprobs, reference);
    return add(stopGradient(klEstimators.k3(logprobs, reference)), sub(slope, stopGradient(slope)));
  },
};

/** The names of the estimators. */
export const klEstimatorNames: readonly KlEstimator[] = Object.keys(klEstimators) as KlEstimator[];

/** The same estimates of numbers, for rewards; a gradient there is none. */
export const klNumbers: Readonly<Record<KlEstimator, (logprob: number, reference: number) => number>> = {
  "k1": (logprob, reference) => logprob - reference,
  "absolute": (logprob, reference) => Math.abs(logprob - reference),
  "k2": (logprob, reference) => (logprob - reference) ** 2 / 2,
  "k3": (logprob, reference) => {
    const d = Math.min(K3_LOG_RATIO, Math.max(-K3_LOG_RATIO, reference - logprob));
    return Math.min(K3_VALUE, Math.expm1(d) - d);
  },
  "k3-straight": (logprob, reference) => klNumbers.k3(logprob, reference),
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
 * Rewards minus a coefficient times the divergence at every token that counts, where it is part of the reward.
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
  estimator: KlEstimator = "k1",
): Float64Array[] {
  const divergence = klNumbers[estimator];
  const penalties = mapMasked(
    mask,
    (i, t) => coefficient * divergence(elementAt(logprobs, i, t), elementAt(referenceLogprobs, i, t)),
  );
  return rewards.map((row, i) => Float64Array.from(row, (reward, t) => reward - elementAt(penalties, i, t)));
}
