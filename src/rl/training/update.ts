/**
 * One optimizer step on a share of a batch: the policy's, and the critic's.
 *
 * @module
 */

import type { PolicyChoice } from "../../artifact/mod.ts";
import { tokenWeights } from "../loss/mod.ts";
import { ratioExtremes } from "../extremes.ts";
import type { Rows } from "../masked.ts";
import { checkFinite } from "../non_finite.ts";
import type { RunPhase } from "../methods/mod.ts";
import type { Rollout } from "../sequence.ts";
import type { CriticTargets, TokenTargets } from "../targets.ts";
import type { Scores } from "../targets.ts";
import type { Learner } from "./learner.ts";
import { checkAgreement, hasAdvantage } from "./scoring.ts";
import type { TrainerSettings } from "./settings.ts";
import type { ShardItem, Shards } from "./shard/mod.ts";
import type { CriticMetrics, UpdateMetrics } from "./step_metrics.ts";

/** What became of an update: its metrics, or why nothing was changed. */
export type Update = UpdateMetrics | "no advantage" | "overflow";

/** What updates compute with, one entry a response of the step's batch. */
export interface UpdateBatch {
  /** The responses. */
  readonly rollouts: readonly Rollout[];
  /** The tokens that count. */
  readonly mask: Rows;
  /** The advantages. */
  readonly advantages: Rows;
  /** The scores before the step; absent: the update is the first, and takes the log-probs of its own pass. */
  readonly scores: readonly (Scores | undefined)[] | undefined;
  /** The scores of the reference, where the loss has a divergence from it. */
  readonly referenceScores: readonly Scores[] | undefined;
  /** The responses that the update is taken on. */
  readonly places: readonly number[];
}

/** The log-probs of the policy that a phase trains. */
export function logprobsOf(scores: Scores | undefined, policy: PolicyChoice): readonly number[] {
  if (!scores) throw new ReferenceError("internal: the log-probs before the step are missing");
  return policy === "full" ? scores.logprobs : scores.layerLogprobs;
}

/** The number of tokens that count in rows. */
function countTokens(rows: Rows): number {
  return rows.reduce((total, row) => total + Array.from(row).filter((counts) => counts !== 0).length, 0);
}

/** One optimizer step on the rollouts at some places of a batch, and the largest gap that it found. */
export async function update(
  { method, loss, maxResponseTokens, microBatchTokens, logprobTolerance }: TrainerSettings,
  learner: Learner,
  shards: Shards,
  { policy, moves, index }: RunPhase,
  { rollouts, mask, advantages, scores, referenceScores, places }: UpdateBatch,
  learningRate: number,
): Promise<{ outcome: Update; gap: number }> {
  const masks = places.map((place) => mask[place] ?? []);
  const weights = tokenWeights(masks, loss.reduction, { length: maxResponseTokens });
  const perSequence = tokenWeights(masks, "sequence-mean", { sequences: 1 });
  // As the graph takes them.
  checkFinite("token weights", weights.map((row) => Float32Array.from(row)), places);
  // A response with advantage 0 counts in the loss's denominator, but its gradient is exactly 0: it is not computed.
  const used = places.flatMap((place, i) => {
    const rollout = rollouts[place], row = advantages[place] ?? [];
    const pays = hasAdvantage(row) || referenceScores !== undefined;
    if (!rollout || !pays || !hasAdvantage(masks[i] ?? [])) return [];
    const target: TokenTargets = {
      ...(scores ? { oldLogprobs: logprobsOf(scores[place], policy) } : {}),
      ...(referenceScores ? { referenceLogprobs: logprobsOf(referenceScores[place], policy) } : {}),
      advantages: Array.from(row),
      weights: Array.from(weights[i] ?? []),
      sequenceWeights: Array.from(perSequence[i] ?? []),
    };
    return [{ place, sequence: rollout, target, mask: masks[i] ?? [] }];
  });
  if (used.length === 0) return { outcome: "no advantage", gap: 0 };
  const tokens = countTokens(masks), computed = countTokens(used.map(({ mask }) => mask));
  const { metrics, logprobs } = await shards.accumulate(learner, policy, used, computed, microBatchTokens);
  checkFinite("trainer log-probs", logprobs, used.map(({ place }) => place));
  // Only before the first update is the policy the one that sampled.
  const gap = scores || policy !== "full"
    ? 0
    : checkAgreement(used.map(({ sequence }) => sequence), logprobs, logprobTolerance);
  const moved = Object.keys(moves).length > 0 ? `phase ${index}` as const : policy;
  const { overflowed, ...norms } = await learner.step(policy, learningRate, moved);
  if (overflowed) return { outcome: "overflow", gap };
  const { loss: value = NaN, approxKl = NaN, clipFraction = NaN, clipFractionLower = NaN, kl } = metrics;
  const outcome = {
    loss: value,
    ratio: ratioExtremes(
      logprobs,
      used.map(({ target }) => target.oldLogprobs),
      used.map(({ mask }) => mask),
    ),
    approxKl,
    // No ratio clips a token without advantage, so these are known of all tokens.
    clipFraction: clipFraction * computed / tokens,
    clipFractionLower: clipFractionLower * computed / tokens,
    ...norms,
    ...(method.kl?.in === "loss" && kl !== undefined ? { kl } : {}),
  };
  return { outcome, gap };
}

/** What a critic's update computes with, one entry a response of the step's batch. */
export interface CriticBatch extends Pick<UpdateBatch, "rollouts" | "mask" | "places"> {
  /** Values before the step. */
  readonly values: Rows;
  /** Returns. */
  readonly returns: Rows;
}

/** One optimizer step of the critic; nothing where no token counts or a float16 gradient overflowed. */
export async function updateCritic(
  { method: { critic: row }, microBatchTokens }: TrainerSettings,
  critic: Learner,
  shards: Shards,
  { rollouts, mask, values, returns, places }: CriticBatch,
  learningRate: number,
): Promise<CriticMetrics | undefined> {
  const masks = places.map((place) => mask[place] ?? []), tokens = countTokens(masks);
  if (tokens === 0 || !row) return undefined;
  const weights = tokenWeights(masks, "token-mean");
  const items = places.flatMap((place, i): ShardItem[] => {
    const sequence = rollouts[place],
      target: CriticTargets = {
        oldValues: Array.from(values[place] ?? []),
        returns: Array.from(returns[place] ?? []),
        weights: Array.from(weights[i] ?? []),
      };
    return sequence ? [{ place, sequence, target }] : [];
  });
  const { metrics: { loss = NaN, clipFraction = NaN } } = await shards.accumulate(
    critic,
    "full",
    items,
    tokens,
    microBatchTokens,
  );
  const { overflowed, gradientNorm } = await critic.step("full", learningRate * row.learningRateFactor);
  if (overflowed) return undefined;
  return { valueLoss: loss, valueClipFraction: clipFraction, criticGradientNorm: gradientNorm };
}
