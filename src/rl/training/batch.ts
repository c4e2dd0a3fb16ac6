/**
 * The batch of a training step, as it comes to be.
 *
 * @module
 */

import { type BatchRecord, jsonNumber } from "../non_finite.ts";
import type { RolloutRequest } from "../sampler.ts";
import type { Rows } from "../masked.ts";
import type { Rollout } from "../sequence.ts";
import type { Scores } from "../targets.ts";

/** What a step samples and computes of it, one entry a response each; what is not known yet is absent. */
export interface Batch {
  /** What is sampled. */
  requests: readonly RolloutRequest[];
  /** What was sampled. */
  rollouts?: readonly Rollout[];
  /** The rewards. */
  rewards?: readonly number[];
  /** The advantages, one row a response. */
  advantages?: Rows;
  /** The responses' scores before the step's updates, of those that were scored. */
  scores?: readonly (Scores | undefined)[];
}

/** A batch ready for JSON, as far as it is known; of a response's advantages that of its first token. */
export function batchRecord({ requests, rollouts, rewards, advantages, scores }: Batch): BatchRecord {
  return {
    responses: requests.map(({ problem, sample }, i) => {
      const rollout = rollouts?.[i],
        reward = rewards?.[i],
        advantage = advantages?.[i]?.[0],
        score = scores?.[i];
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
