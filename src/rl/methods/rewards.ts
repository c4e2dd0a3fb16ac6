/**
 * What is done to rewards before anything is computed of them: controls that plant an error in them, and the penalty on
 * overlong responses.
 *
 * @module
 */

import { randomKey, RandomStream, uniformAt } from "../../random.ts";
import { overlongPenalty } from "../advantage/mod.ts";
import type { RewardSettings } from "./method.ts";

/** A response as far as its reward depends on it. */
export interface RewardedResponse {
  /** The problem's number. */
  readonly problem: number;
  /** The sample's number within the group. */
  readonly sample: number;
  /** The prompt's place in its batch. */
  readonly place: number;
  /** Its length in tokens. */
  readonly length: number;
}

/** Where in a run the rewards are given. */
export interface RewardPlace {
  /** The run's seed. */
  readonly seed: number;
  /** The step. */
  readonly step: number;
  /** How often the step has sampled before. */
  readonly round: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
}

/**
 * Rewards as a method has them, from those that a grader gave. Random numbers are addressed by seed, step and response, so
 * that the same run makes the same errors, whenever it is stopped.
 */
export function alteredRewards(
  graded: readonly number[],
  responses: readonly RewardedResponse[],
  { right = 1, shuffled = false, overlong }: RewardSettings,
  { seed, step, round, maxResponseTokens: maxLength }: RewardPlace,
): number[] {
  const key = randomKey("reward-errors", seed, step);
  const noisy = graded.map((reward, i) => {
    const { problem, sample, place } = responses[i] as RewardedResponse; // one a reward
    return right < 1 && uniformAt(key, problem, sample, place) >= right ? 1 - reward : reward;
  });
  const dealt = shuffled ? new RandomStream("reward-shuffle", seed, step, round).shuffle(noisy) : noisy;
  if (!overlong) return dealt;
  const buffer = Math.max(1, Math.round(overlong.buffer * maxLength));
  return dealt.map((reward, i) => {
    return reward +
      overlongPenalty(responses[i]?.length ?? 0, { maxLength, buffer, factor: overlong.factor });
  });
}
