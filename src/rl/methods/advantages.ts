/**
 * From the rewards of a batch to the advantages of its tokens, as a method has it.
 *
 * @module
 */

import { advantageEstimators, type Advantages, outcomeRewards } from "../advantage/mod.ts";
import { klNumbers, rewardsWithKl } from "../loss/mod.ts";
import { elementAt, mapMasked, maskedMoments, type Rows } from "../masked.ts";
import type { Method } from "./method.ts";

/** What the responses of a batch earned. */
export interface BatchOutcomes {
  /** The reward of every token. */
  readonly rewards: Rows;
  /** The reward of every response. */
  readonly outcomes: readonly number[];
}

/** A batch of responses, a number a token in each of the rows. */
export interface RewardedBatch {
  /** The reward of each response. */
  readonly rewards: readonly number[];
  /** The group of each response. */
  readonly groups: readonly number[];
  /** The tokens that count. */
  readonly mask: Rows;
  /** Log-probs of the policy that is trained, and of the reference, where a divergence is taken from the reward. */
  readonly divergence?: { readonly logprobs: Rows; readonly referenceLogprobs: Rows } | undefined;
  /** The critic's values, where there is one. */
  readonly values?: Rows | undefined;
  /** The advantages of an estimator of one's own, one a response, of what {@linkcode batchOutcomes} gives. */
  readonly given?: readonly number[] | undefined;
}

/**
 * What responses earn as a method has it: their rewards, or what is left of them without a divergence.
 *
 * @throws {TypeError} If the method takes a divergence from the reward, and its numbers are missing.
 */
export function batchOutcomes(
  { kl }: Pick<Method, "kl">,
  { rewards, mask, divergence }: Pick<RewardedBatch, "rewards" | "mask" | "divergence">,
): BatchOutcomes {
  const outcome = outcomeRewards(rewards, mask);
  if (kl?.in !== "reward") return { rewards: outcome, outcomes: rewards };
  if (!divergence) {
    throw new TypeError("Cannot take a divergence from rewards: log-probs are missing");
  }
  const reduced = rewardsWithKl(outcome, { ...divergence, mask }, kl.coefficient, kl.estimator);
  const outcomes = reduced.map((row, i) =>
    row.length === 0 ? rewards[i] ?? NaN : row.reduce((a, b) => a + b)
  );
  return { rewards: reduced, outcomes };
}

/**
 * Advantages and returns.
 *
 * Stated results: a group of one response, and a group of equal rewards, have advantage 0 in methods that compare groups; a
 * response without tokens counts in its group and has no advantage itself; where every response was cut, all rewards are
 * equal. An update without any advantage is skipped and counted.
 *
 * @throws {TypeError} If the method takes a divergence from the reward, has a critic, or an estimator of one's own, and its
 * numbers are missing.
 */
export function batchAdvantages(
  method: Pick<Method, "estimator" | "kl">,
  batch: RewardedBatch,
): Advantages {
  const { estimator: { kind, module: _, ...settings } } = method, { groups, mask, values, given } = batch;
  const optional = { ...(values ? { values } : {}), ...(given ? { given } : {}) };
  return advantageEstimators[kind]({ ...batchOutcomes(method, batch), mask, groups, ...optional }, settings);
}

/** The mean divergence of a batch's tokens. */
export function meanDivergence(
  kl: NonNullable<Method["kl"]>,
  mask: Rows,
  { logprobs, referenceLogprobs }: NonNullable<RewardedBatch["divergence"]>,
): number {
  const of = klNumbers[kl.estimator];
  const values = mapMasked(
    mask,
    (i, t) => of(elementAt(logprobs, i, t), elementAt(referenceLogprobs, i, t)),
  );
  return maskedMoments(values, mask).mean;
}

/** 1 − Var(R − V) / Var(R): how much of the returns a critic knows; 0 where they do not differ. */
export function explainedVariance(returns: Rows, values: Rows, mask: Rows): number {
  const { variance } = maskedMoments(returns, mask);
  if (variance === 0) return 0;
  const errors = mapMasked(mask, (i, t) => elementAt(returns, i, t) - elementAt(values, i, t));
  return 1 - maskedMoments(errors, mask).variance / variance;
}
