/**
 * The reference files of policy-gradient numbers, as schemas.
 *
 * @module
 */

import { z } from "zod";
import type { KlEstimator, Reduction } from "../rl/mod.ts";

const number = z.number(), numbers = z.array(number), matrix = z.array(numbers);

/** The schema of a file whose cases have these inputs and expectations. */
function fileOf<I extends z.ZodType, E extends z.ZodType>(inputs: I, expected: E) {
  return z.object({ cases: z.array(z.object({ name: z.string(), inputs, expected })) });
}

/** Reductions by verl's names. */
export const reductionNames = {
  "token-mean": "token-mean",
  "seq-mean-token-mean": "sequence-mean",
  "seq-mean-token-sum": "sequence-sum",
  "seq-mean-token-sum-norm": "constant",
} as const satisfies Record<string, Reduction>;

const reductionName = z.enum(Object.keys(reductionNames) as (keyof typeof reductionNames)[]);

/** `advantages.json`. */
export const advantagesFile = fileOf(
  z.object({
    group_index: numbers.optional(),
    token_level_rewards: matrix,
    response_mask: matrix,
  }),
  z.record(z.string(), z.object({ advantages: matrix, returns: matrix.optional() })),
);

/** `gae.json`. */
export const gaeFile = fileOf(
  z.object({ token_level_rewards: matrix, values: matrix, response_mask: matrix }),
  z.array(z.object({ gamma: number, lam: number, advantages: matrix, returns: matrix })),
);

/** The inputs of a policy loss. */
export const policyInputs = z.object({
  old_log_prob: matrix,
  log_prob: matrix,
  advantages: matrix,
  response_mask: matrix,
});

/** What is expected of every policy loss. */
export const policyExpected = z.object({
  clip_ratio_low: number,
  clip_ratio_high: number,
  loss_agg_mode: reductionName,
  loss: number,
  pg_clipfrac: number,
  pg_clipfrac_lower: number,
  ppo_kl: number,
  grad_log_prob: matrix,
  sequence_ratio: numbers.optional(),
});

/** `policy_loss.json`. */
export const policyFile = fileOf(policyInputs, z.array(policyExpected.extend({ clip_ratio_c: number })));
/** `gspo_loss.json`. */
export const sequenceFile = fileOf(policyInputs, z.array(policyExpected.required({ sequence_ratio: true })));

/** `value_loss.json`. */
export const valueFile = fileOf(
  z.object({ vpreds: matrix, returns: matrix, values: matrix, response_mask: matrix }),
  z.array(z.object({
    cliprange_value: number,
    loss_agg_mode: reductionName,
    loss: number,
    vf_clipfrac: number,
    grad_vpreds: matrix,
  })),
);

/** `kl.json`. */
export const klFile = z.object({
  cases: z.tuple([
    z.object({
      name: z.literal("kl_penalty"),
      inputs: z.object({ logprob: numbers, ref_logprob: numbers }),
      expected: z.array(z.object({
        kl_penalty: z.enum(["kl", "abs", "mse", "low_var_kl"]),
        value: numbers,
        grad_logprob: numbers,
      })),
    }),
    z.object({
      name: z.literal("rewards_with_kl"),
      inputs: z.object({ token_level_scores: matrix, old_log_prob: matrix, ref_log_prob: matrix }),
      expected: z.array(z.object({ kl_ratio: number, token_level_rewards: matrix })),
    }),
  ]),
});

/** Divergence estimators by verl's names. */
export const klNames = { kl: "k1", abs: "absolute", mse: "k2", low_var_kl: "k3" } as const satisfies Record<
  string,
  KlEstimator
>;

const aggregationCase = z.object({
  inputs: z.object({ loss_mat: matrix, loss_mask: matrix }),
  expected: z.array(z.object({
    loss_agg_mode: reductionName,
    dp_size: number.default(1),
    batch_num_tokens: number.optional(),
    global_batch_size: number.optional(),
    loss_scale_factor: number.optional(),
    loss: number,
    grad_loss_mat: matrix,
  })),
});

const statisticsCase = z.object({
  name: z.literal("masked_statistics"),
  inputs: z.object({ values: matrix, mask: matrix }),
  expected: z.tuple([z.object({
    masked_sum: number,
    masked_mean: number,
    masked_var_unbiased: number,
    masked_var_biased: number,
    masked_whiten: matrix,
    masked_whiten_keep_mean: matrix,
  })]),
});

/** `aggregation.json`. */
export const aggregationFile = z.object({ cases: z.array(z.union([statisticsCase, aggregationCase])) });

/** `overlong.json`. */
export const overlongFile = fileOf(
  z.object({
    max_response_length: number,
    overlong_buffer_len: number,
    penalty_factor: number,
    score: number,
    response_length: numbers,
  }),
  z.object({ overlong_reward: numbers, reward: numbers, overlong: z.array(z.boolean()) }),
);
