/**
 * The batch of a training step, as it comes to be.
 *
 * @module
 */

import { type BatchRecord, jsonNumber } from "../non_finite.ts";
import type { RolloutRequest } from "../sampler.ts";
import type { Rollout } from "../sequence.ts";
import type { Scores } from "./learner.ts";

/** What a step samples and computes of it, one entry a response each; what is not known yet is absent. */
export interface Batch {
  /** What is sampled. */
  readonly requests: readonly RolloutRequest[];
  /** What was sampled. */
  rollouts?: readonly Rollout[];
  /** The rewards. */
  rewards?: readonly number[];
  /** The advantages. */
  advantages?: ArrayLike<number>;
  /** The responses' scores before the step's updates, of those that were scored. */
  scores?: readonly (Scores | undefined)[];
}

/** A batch ready for JSON, as far as it is known. */
export function batchRecord({ requests, rollouts, rewards, advantages, scores }: Batch): BatchRecord {
  return {
    responses: requests.map(({ problem, sample }, i) => {
      const rollout = rollouts?.[i], reward = rewards?.[i], advantage = advantages?.[i], score = scores?.[i];
      return {
        problem,
        sample,
        response: rollout?.response ?? [],
        ...(rollout ? { logprobs: rollout.logprobs.map(jsonNumber) } : {}),
        ...(score ? { trainerLogprobs: score.logprobs.map(jsonNumber) } : {}),
        ...(reward === undefined ? {} : { reward: jsonNumber(reward) }),
        ...(advantage === undefined ? {} : { advantage: jsonNumber(advantage) }),
      };
    }),
  };
}
