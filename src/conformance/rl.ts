/**
 * Checks this folder's estimators and objectives against reference values that other implementations computed.
 *
 * @module
 */

import type { z } from "zod";
import type { GoldenGroup } from "./agreement.ts";
import { exp, grad, type Graph, input, mul, sum, type Tensor } from "../tensor/mod.ts";
import {
  type AdvantageEstimator,
  advantageEstimators,
  type AdvantageSettings,
  elementAt,
  klEstimators,
  type LossTokens,
  mapMasked,
  maskedMoments,
  objectiveOf,
  overlongPenalty,
  rewardsWithKl,
  type Rows,
  sequenceLogRatio,
  tokenWeights,
  type Totals,
  valueLoss,
  whiten,
} from "../rl/mod.ts";
import {
  advantagesFile,
  aggregationFile,
  gaeFile,
  klFile,
  klNames,
  overlongFile,
  type policyExpected,
  policyFile,
  type policyInputs,
  reductionNames,
  sequenceFile,
  valueFile,
} from "./rl_files.ts";

/** The elements of a graph input. */
export interface GraphFeed {
  /** The sizes, outermost first. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: Float64Array;
}

/** Computes a float64 graph's outputs from its inputs by name. */
export type GraphEvaluator = (
  graph: Graph,
  feeds: Readonly<Record<string, GraphFeed>>,
) => Promise<Record<string, Float64Array>>;

/** Computed values and their reference, under the name of their group. */
type Comparison = readonly [group: string, actual: ArrayLike<number>, expected: ArrayLike<number>];

/** The estimators of `advantages.json` by their names there. */
const estimatorNames: Readonly<Record<string, readonly [AdvantageEstimator, AdvantageSettings]>> = {
  "grpo_std": ["grpo", {}],
  "grpo_nostd": ["grpo-mean", {}],
  "rloo": ["rloo", {}],
  "rloo_vectorized": ["rloo", { singleton: "zero" }],
  "reinforce_plus_plus_baseline": ["reinforce++-baseline", {}],
  "reinforce_plus_plus_gamma1": ["reinforce++", { gamma: 1 }],
  "reinforce_plus_plus_gamma0.97": ["reinforce++", { gamma: 0.97 }],
};

/** All elements of rows, row after row. */
function flat(rows: Rows): Float64Array {
  return Float64Array.from(rows.flatMap((row) => Array.from(row)));
}

/** The weights of verl's loss over a batch; its `seq-mean-token-sum-norm` divides by the mask's width alone. */
function verlWeights(mode: keyof typeof reductionNames, mask: Rows, totals: Totals = {}): Float64Array[] {
  const reduction = reductionNames[mode];
  const constant = { length: mask[0]?.length ?? 0, sequences: 1 };
  return tokenWeights(mask, reduction, reduction === "constant" ? { ...constant, ...totals } : totals);
}

/**
 * Computes a traced loss, what is traced with it, and as `gradient` its derivative.
 *
 * @param matrices The elements of the float64 inputs [batch, sequence] by name.
 * @param variable The input that the derivative is taken with respect to.
 */
export function computeLoss<K extends string>(
  evaluate: GraphEvaluator,
  matrices: Readonly<Record<K, Rows>>,
  variable: NoInfer<K>,
  trace: (tensors: Readonly<Record<K, Tensor>>) => { loss: Tensor } & Record<string, Tensor>,
): Promise<Record<string, Float64Array>> {
  const names = Object.keys(matrices) as K[];
  const tensors = Object.fromEntries(
    names.map((name) => [name, input(name, "float64", ["batch", "sequence"])]),
  ) as Record<K, Tensor>;
  const outputs = trace(tensors);
  const [gradient] = grad(outputs.loss, [tensors[variable]]);
  if (!gradient) throw new TypeError(`internal: the loss does not depend on ${variable}`);
  const feeds = names.map((name): [string, GraphFeed] => {
    const rows = matrices[name];
    return [name, { shape: [rows.length, rows[0]?.length ?? 0], data: flat(rows) }];
  });
  return evaluate(
    { name: "golden", inputs: names.map((name) => tensors[name]), outputs: { ...outputs, gradient } },
    Object.fromEntries(feeds),
  );
}

/** Pairs references with the outputs of the same name; a missing output has no elements. */
function pairUp(
  actual: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, ArrayLike<number>>>,
): Comparison[] {
  return Object.entries(expected).map(([name, values]) => [name, actual[name] ?? [], values]);
}

/** A policy loss, its metrics and its gradient beside their references. */
async function comparePolicy(
  evaluate: GraphEvaluator,
  inputs: z.infer<typeof policyInputs>,
  expected: z.infer<typeof policyExpected>,
  trace: (tokens: LossTokens) => { loss: Tensor } & Record<string, Tensor>,
): Promise<Comparison[]> {
  const mask = inputs.response_mask;
  const matrices = {
    logprobs: inputs.log_prob,
    oldLogprobs: inputs.old_log_prob,
    advantages: inputs.advantages,
    weights: verlWeights(expected.loss_agg_mode, mask),
    metricWeights: tokenWeights(mask, "token-mean"),
    sequenceWeights: tokenWeights(mask, "sequence-mean", { sequences: 1 }),
  };
  const traced = ({ sequenceWeights, ...tokens }: Record<keyof typeof matrices, Tensor>) =>
    trace({ ...tokens, extra: () => sequenceWeights });
  return pairUp(await computeLoss(evaluate, matrices, "logprobs", traced), {
    loss: [expected.loss],
    gradient: flat(expected.grad_log_prob),
    clipFraction: [expected.pg_clipfrac],
    clipFractionLower: [expected.pg_clipfrac_lower],
    approxKl: [expected.ppo_kl],
    ...expected.sequence_ratio && { sequenceRatio: expected.sequence_ratio },
  });
}

/** Comparisons of a file's parts; those that compute graphs come later. */
type Parts = (Comparison[] | Promise<Comparison[]>)[];

/** Everything that one reference file compares, by its name without `.json`. */
const checks: Readonly<Record<string, (json: unknown, evaluate: GraphEvaluator) => Parts>> = {
  advantages: (json) =>
    advantagesFile.parse(json).cases.map(({ inputs, expected }) =>
      Object.entries(expected).flatMap(([name, { advantages, returns }]): Comparison[] => {
        const [estimator, settings] = estimatorNames[name] ?? [];
        if (!estimator) throw new RangeError(`Cannot check advantages: "${name}" is no known estimator`);
        const { token_level_rewards: rewards, response_mask: mask, group_index: groups = [] } = inputs;
        const actual = advantageEstimators[estimator]({ rewards, mask, groups }, settings);
        return [
          [`${name} advantages`, flat(actual.advantages), flat(advantages)],
          ...returns ? [[`${name} returns`, flat(actual.returns), flat(returns)] as const] : [],
        ];
      })
    ),
  gae: (json) =>
    gaeFile.parse(json).cases.map(({ inputs, expected }) =>
      expected.flatMap(({ gamma, lam: lambda, advantages, returns }): Comparison[] => {
        const { token_level_rewards: rewards, values, response_mask: mask } = inputs;
        const actual = advantageEstimators.gae({ rewards, mask, values, groups: [] }, { gamma, lambda });
        return [
          ["advantages", flat(actual.advantages), flat(advantages)],
          ["returns", flat(actual.returns), flat(returns)],
        ];
      })
    ),
  policy_loss: (json, evaluate) =>
    policyFile.parse(json).cases.flatMap(({ inputs, expected }) =>
      expected.map((entry) =>
        comparePolicy(evaluate, inputs, entry, (tokens) => {
          const { clip_ratio_low: clipLow, clip_ratio_high: clipHigh, clip_ratio_c: dualClip } = entry;
          const objective = { kind: "clip", clipLow, clipHigh, dualClip } as const;
          const { loss, metrics } = objectiveOf({ objective })(tokens);
          return { loss, ...metrics };
        })
      )
    ),
  gspo_loss: (json, evaluate) =>
    sequenceFile.parse(json).cases.flatMap(({ inputs, expected }) =>
      expected.map((entry) =>
        comparePolicy(evaluate, inputs, entry, (tokens) => {
          const { clip_ratio_low: clipLow, clip_ratio_high: clipHigh } = entry;
          const objective = { kind: "sequence-clip", clipLow, clipHigh } as const;
          const { loss, metrics } = objectiveOf({ objective })(tokens);
          const sequenceWeights = tokens.extra("sequenceWeights");
          return { loss, ...metrics, sequenceRatio: exp(sequenceLogRatio({ ...tokens, sequenceWeights })) };
        })
      )
    ),
  value_loss: (json, evaluate) =>
    valueFile.parse(json).cases.flatMap(({ inputs, expected }) =>
      expected.map(async (entry) => {
        const matrices = {
          values: inputs.vpreds,
          oldValues: inputs.values,
          returns: inputs.returns,
          weights: verlWeights(entry.loss_agg_mode, inputs.response_mask),
          metricWeights: tokenWeights(inputs.response_mask, "token-mean"),
        };
        const outputs = await computeLoss(
          evaluate,
          matrices,
          "values",
          (tokens) => ({ ...valueLoss(tokens, { clip: entry.cliprange_value }) }),
        );
        return pairUp(outputs, {
          loss: [entry.loss],
          gradient: flat(entry.grad_vpreds),
          clipFraction: [entry.vf_clipfrac],
        });
      })
    ),
  kl: (json, evaluate) => {
    const [penalty, rewards] = klFile.parse(json).cases;
    return [
      ...penalty.expected.map(async ({ kl_penalty, value, grad_logprob }) => {
        const matrices = { logprobs: [penalty.inputs.logprob], reference: [penalty.inputs.ref_logprob] };
        const outputs = await computeLoss(evaluate, matrices, "logprobs", ({ logprobs, reference }) => {
          const divergence = klEstimators[klNames[kl_penalty]](logprobs, reference);
          return { loss: sum(divergence), [`${kl_penalty} value`]: divergence };
        });
        return pairUp({ ...outputs, [`${kl_penalty} gradient`]: outputs["gradient"] ?? [] }, {
          [`${kl_penalty} value`]: value,
          [`${kl_penalty} gradient`]: grad_logprob,
        });
      }),
      // The straight-through estimate has the value of one and the gradient of the other.
      ...penalty.expected.filter(({ kl_penalty }) => kl_penalty === "low_var_kl").map(async ({ value }) => {
        const matrices = { logprobs: [penalty.inputs.logprob], reference: [penalty.inputs.ref_logprob] };
        const outputs = await computeLoss(evaluate, matrices, "logprobs", ({ logprobs, reference }) => {
          const divergence = klEstimators["k3-straight"](logprobs, reference);
          return { loss: sum(divergence), "straight-through value": divergence };
        });
        const slope = penalty.expected.find(({ kl_penalty }) => kl_penalty === "mse")?.grad_logprob ?? [];
        return pairUp({ ...outputs, "straight-through gradient": outputs["gradient"] ?? [] }, {
          "straight-through value": value,
          "straight-through gradient": slope,
        });
      }),
      rewards.expected.map(({ kl_ratio, token_level_rewards }): Comparison => {
        const { token_level_scores, old_log_prob: logprobs, ref_log_prob: referenceLogprobs } =
          rewards.inputs;
        const mask = token_level_scores.map((row) => row.map(() => 1));
        const actual = rewardsWithKl(token_level_scores, { logprobs, referenceLogprobs, mask }, kl_ratio);
        return ["rewards with kl", flat(actual), flat(token_level_rewards)];
      }),
    ];
  },
  aggregation: (json, evaluate) =>
    aggregationFile.parse(json).cases.flatMap((reference): Parts => {
      if ("name" in reference) {
        const { inputs: { values, mask }, expected: [expected] } = reference;
        const { count, sum, mean, variance } = maskedMoments(values, mask);
        const whitened = whiten(values, mask);
        return [pairUp({
          sum: [sum],
          mean: [mean],
          variance: [variance],
          "biased variance": [variance * (count - 1) / count],
          whitened: flat(whitened),
          "whitened, mean kept": flat(mapMasked(mask, (i, t) => elementAt(whitened, i, t) + mean)),
        }, {
          sum: [expected.masked_sum],
          mean: [expected.masked_mean],
          variance: [expected.masked_var_unbiased],
          "biased variance": [expected.masked_var_biased],
          whitened: flat(expected.masked_whiten),
          "whitened, mean kept": flat(expected.masked_whiten_keep_mean),
        })];
      }
      const { inputs: { loss_mat, loss_mask }, expected } = reference;
      return expected.map(async (entry) => {
        // verl multiplies by the number of workers, over which it averages gradients afterwards.
        const { batch_num_tokens, global_batch_size, loss_scale_factor, dp_size } = entry;
        const constant = reductionNames[entry.loss_agg_mode] === "constant";
        const weights = verlWeights(entry.loss_agg_mode, loss_mask, {
          ...batch_num_tokens && { tokens: batch_num_tokens / dp_size },
          ...global_batch_size && !constant && { sequences: global_batch_size / dp_size },
          ...loss_scale_factor && { length: loss_scale_factor },
        });
        const matrices = { losses: loss_mat, weights };
        const outputs = await computeLoss(
          evaluate,
          matrices,
          "losses",
          (tokens) => ({ loss: sum(mul(tokens.weights, tokens.losses)) }),
        );
        return pairUp(outputs, { loss: [entry.loss], gradient: flat(entry.grad_loss_mat) });
      });
    }),
  overlong: (json) =>
    overlongFile.parse(json).cases.map(({ inputs, expected }): Comparison[] => {
      const { max_response_length: maxLength, overlong_buffer_len: buffer, penalty_factor: factor } = inputs;
      const penalties = inputs.response_length.map((length) =>
        overlongPenalty(length, { maxLength, buffer, factor })
      );
      return [
        ["penalty", penalties, expected.overlong_reward],
        ["reward", penalties.map((penalty) => inputs.score + penalty), expected.reward],
        ["overlong", penalties.map((penalty) => Number(penalty < 0)), expected.overlong.map(Number)],
      ];
    }),
};

/** verl adds 1e-8 or 1e-6 to denominators. */
const TOLERANCE = 1e-6;

/** The largest error: relative, absolute below 1; infinite where a value is missing or no number. */
function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  return Array.from(expected).reduce((worst, value, i) => {
    const error = Math.abs((actual[i] ?? NaN) - value) / Math.max(1, Math.abs(value));
    return Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }, 0);
}

/**
 * Compares this folder's functions with one reference file.
 *
 * @param name The file's name without `.json`: advantages, gae, policy_loss, gspo_loss, value_loss, kl, aggregation or
 * overlong.
 * @param json The file's parsed content.
 * @param evaluate Computes the traced losses and their gradients.
 * @returns The worst error of each group of values.
 * @throws {RangeError} If no function belongs to the name.
 */
export async function checkRl(
  name: string,
  json: unknown,
  evaluate: GraphEvaluator,
): Promise<GoldenGroup[]> {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (!check) {
    throw new RangeError(
      `Cannot check the file "${name}": expected one of ${Object.keys(checks).join(", ")}`,
    );
  }
  const comparisons = (await Promise.all(check(json, evaluate))).flat();
  const groups = Map.groupBy(comparisons, ([group]) => group);
  return Array.from(groups, ([group, members]) => ({
    name: `${name}: ${group}`,
    worst: Math.max(...members.map(([, actual, expected]) => worstError(actual, expected))),
    tolerance: TOLERANCE,
    count: members.reduce((count, [, , expected]) => count + expected.length, 0),
  }));
}
