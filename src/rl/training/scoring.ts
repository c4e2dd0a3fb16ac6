/**
 * Log-probs of a batch before its updates: which of them are computed, and whether sampler and trainer agree.
 *
 * @module
 */

import type { Rows } from "../masked.ts";
import type { Method } from "../methods/mod.ts";
import { checkFinite } from "../non_finite.ts";
import { packMicroBatches, type Rollout } from "../sequence.ts";
import type { Scores } from "../targets.ts";
import type { Learner } from "./learner.ts";
import type { TrainerSettings } from "./settings.ts";

/** The sampler and the trainer disagree about a token's probability: one of them is wrong. */
export class LogprobMismatchError extends Error {
  /** The class's name. */
  override readonly name = "LogprobMismatchError";
}

/** Stops at a score that is not finite. */
export function checkScores(scores: readonly Scores[], places: readonly number[]): void {
  checkFinite("trainer log-probs", scores.map(({ logprobs }) => logprobs), places);
  checkFinite("entropy", scores.map(({ entropy }) => entropy), places);
  checkFinite("layer log-probs", scores.map(({ layerLogprobs }) => layerLogprobs), places);
  checkFinite("layer entropy", scores.map(({ layerEntropy }) => layerEntropy), places);
}

/**
 * After the last update no further step would notice parameters that are not finite, or that are so large that nothing
 * can be computed with them: they are read, and the longest responses are scored with them.
 */
export async function checkTrained(
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
export function checkAgreement(
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
export interface Scored {
  /** For what is reported: some of each group, whatever became of them. */
  readonly reported: ReadonlySet<number>;
  /**
   * All of them: also those whose log-probs a later update needs. The first update takes them from its own forward pass,
   * and none needs those of a response without an advantage.
   */
  readonly all: readonly number[];
}

/** Must all responses be scored before their advantages are known, or the divergence of each enters the loss? */
export function scoresAll(
  { method: { kl, correction } }: { readonly method: Pick<Method, "kl" | "correction"> },
): boolean {
  return kl !== undefined || correction !== undefined && correction.kind !== "none";
}

/**
 * Which responses are scored.
 *
 * @param advantages The advantages, one row a response; absent: all responses are scored.
 */
export function scoredPlaces(
  { groupSize, promptsPerStep, updatesPerStep }: Pick<
    TrainerSettings,
    "groupSize" | "promptsPerStep" | "updatesPerStep"
  >,
  advantages: Rows | undefined,
): Scored {
  const places = Array.from({ length: groupSize * promptsPerStep }, (_, place) => place);
  const first = places.length / updatesPerStep;
  const reported = new Set(places.filter((place) => place % groupSize < SCORED_SAMPLES));
  const later = (place: number): boolean => place >= first && hasAdvantage(advantages?.[place] ?? []);
  return {
    reported,
    all: advantages ? places.filter((place) => reported.has(place) || later(place)) : places,
  };
}

/** Is any token's advantage other than 0? */
export function hasAdvantage(row: ArrayLike<number>): boolean {
  return Array.from(row).some((advantage) => advantage !== 0);
}
