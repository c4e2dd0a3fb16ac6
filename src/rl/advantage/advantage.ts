/**
 * Advantage estimators: from rewards to one advantage a token.
 *
 * @module
 */

import { discountedReturns, type GaeSettings, generalizedAdvantages } from "./gae.ts";
import { elementAt, mapMasked, type Rows, whiten } from "../masked.ts";

/** Estimators that compare the responses to one prompt. */
export type GroupEstimator = "grpo" | "grpo-mean" | "rloo";

/** How groups are compared. */
export interface GroupSettings {
  /** Added to a group's standard deviation before dividing by it; default 1e-6, verl's. */
  readonly epsilon?: number | undefined;
  /**
   * The advantage of a response without others in its group: its `reward`, as if the mean were 0 and the deviation 1
   * (default, as verl), or `zero`.
   */
  readonly singleton?: "reward" | "zero" | undefined;
}

/** What a reward's distance from the group mean is multiplied by. */
const groupScales: Readonly<
  Record<GroupEstimator, (size: number, deviation: number, epsilon: number) => number>
> = {
  // A = (r − mean) / (std + ε): Shao et al., arXiv 2402.03300
  "grpo": (_size, deviation, epsilon) => 1 / (deviation + epsilon),
  // A = r − mean: Dr. GRPO, Liu et al., arXiv 2503.20783
  "grpo-mean": () => 1,
  // A = r − mean of the others = (r − mean) n / (n − 1): RLOO, Ahmadian et al., arXiv 2402.14740
  "rloo": (size) => size > 1 ? size / (size - 1) : 1,
};

/** The mean and the standard deviation (n − 1) of a group. */
function groupMoments(
  rewards: readonly number[],
  singleton: "reward" | "zero",
): { mean: number; deviation: number } {
  const [first = 0] = rewards, size = rewards.length;
  if (size === 1 && singleton === "reward") return { mean: 0, deviation: 1 };
  // Exactly 0 for equal rewards: their rounded mean may differ from each of them.
  if (rewards.every((reward) => reward === first)) return { mean: first, deviation: 0 };
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / size;
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (size - 1)) };
}

/**
 * The advantage of every response over the others in its group. A group of equal rewards has advantage 0.
 *
 * @param rewards One reward a response.
 * @param groups The prompt of each response, by any key; groups may be interleaved and differ in size.
 * @throws {RangeError} If there are not as many groups as rewards.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupAdvantages } from "./advantage.ts";
 *
 * assertEquals([...groupAdvantages([1, 0, 1, 1], ["a", "a", "b", "b"], "rloo")], [1, -1, 0, 0]);
 * ```
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  groups: readonly (string | number)[],
  estimator: GroupEstimator,
  { epsilon = 1e-6, singleton = "reward" }: GroupSettings = {},
): Float64Array {
  if (rewards.length !== groups.length) {
    throw new RangeError(
      `Cannot compare responses: there are ${rewards.length} rewards and ${groups.length} groups; expected as many`,
    );
  }
  const advantages = new Float64Array(rewards.length);
  const members = Map.groupBy(advantages.keys(), (i) => groups[i]);
  for (const indices of members.values()) {
    const values = indices.map((i) => rewards[i] ?? NaN);
    const { mean, deviation } = groupMoments(values, singleton);
    const scale = groupScales[estimator](values.length, deviation, epsilon);
    for (const i of indices) advantages[i] = ((rewards[i] ?? NaN) - mean) * scale;
  }
  return advantages;
}

/**
 * Rewards per token from one reward a response: on its last token that counts, or on its last token if none does, so
 * that the response still counts in its group. A response without tokens has a row without numbers.
 *
 * @throws {RangeError} If a reward is missing or not finite.
 */
export function outcomeRewards(rewards: ArrayLike<number>, mask: Rows): Float64Array[] {
  return mask.map((row, i) => {
    const reward = rewards[i] ?? NaN;
    if (!Number.isFinite(reward)) {
      throw new RangeError(
        `Cannot reward response ${i}: its reward is ${rewards[i]}; expected a finite one`,
      );
    }
    const tokens = new Float64Array(row.length);
    if (row.length === 0) return tokens;
    const last = Array.from(row).findLastIndex((counts) => counts !== 0);
    tokens[last < 0 ? row.length - 1 : last] = reward;
    return tokens;
  });
}

/** What advantages are estimated from. */
export interface AdvantageBatch {
  /** The reward of every token, see {@linkcode outcomeRewards}. */
  readonly rewards: Rows;
  /** The tokens that count. */
  readonly mask: Rows;
  /** The prompt of each response. */
  readonly groups: readonly (string | number)[];
  /** The critic's value at every token; `gae` needs it. */
  readonly values?: Rows;
  /**
   * What each response earned where that is not the sum of its tokens' rewards: a response without any token has no place
   * for it, and still counts in its group. Default: the sums.
   */
  readonly outcomes?: ArrayLike<number>;
  /** The advantage of each response, from an estimator of one's own; `own` needs it. */
  readonly given?: readonly number[];
}

/** Settings of all estimators; each reads its own. */
export interface AdvantageSettings extends GroupSettings, GaeSettings {}

/** Numbers per token. */
export interface Advantages {
  /** The advantages; 0 at tokens that do not count. */
  readonly advantages: Float64Array[];
  /** What a critic should predict: the discounted returns; for group estimators the advantages. */
  readonly returns: Float64Array[];
}

/** Advantage estimators. */
export type AdvantageEstimator =
  | GroupEstimator
  | "reward"
  | "reinforce++"
  | "reinforce++-baseline"
  | "gae"
  | "own";

/** What each response earned. */
function scoresOf({ rewards, outcomes }: AdvantageBatch): ArrayLike<number> {
  return outcomes ?? rewards.map((row) => Array.from(row).reduce((sum, reward) => sum + reward, 0));
}

/** An estimator that gives every token of a response the response's advantage in its group. */
function compareGroups(
  estimator: GroupEstimator,
): (batch: AdvantageBatch, settings?: GroupSettings) => Advantages {
  return (batch, settings) => {
    const { mask, groups } = batch, scores = scoresOf(batch);
    const compared = groupAdvantages(scores, groups, estimator, settings);
    const advantages = mapMasked(mask, (i) => compared[i] ?? NaN);
    return { advantages, returns: advantages };
  };
}

/**
 * The estimators.
 *
 * - `grpo`, `grpo-mean`, `rloo`: {@linkcode groupAdvantages}, the same at every token of a response;
 * - `reward`: what the response earned, at every token of it, compared with nothing;
 * - `reinforce++` (Hu et al., arXiv 2501.03262): discounted returns, whitened over all tokens of the batch;
 * - `reinforce++-baseline`: the reward minus the group mean, whitened over all tokens;
 * - `gae`: {@linkcode generalizedAdvantages}, whitened over all tokens, with returns A + V before whitening;
 * - `own`: what a module of the user's own has computed, the same at every token of a response.
 *
 * Whitened estimators mix all tokens, so they take the whole batch of a step.
 */
export const advantageEstimators: Readonly<
  Record<AdvantageEstimator, (batch: AdvantageBatch, settings?: AdvantageSettings) => Advantages>
> = {
  "grpo": compareGroups("grpo"),
  "grpo-mean": compareGroups("grpo-mean"),
  "rloo": compareGroups("rloo"),
  "reward": (batch) => {
    const scores = scoresOf(batch), advantages = mapMasked(batch.mask, (i) => scores[i] ?? NaN);
    return { advantages, returns: advantages };
  },
  "reinforce++": ({ rewards, mask }, { gamma = 1 } = {}) => {
    const returns = discountedReturns(rewards, mask, gamma);
    return { advantages: whiten(returns, mask), returns };
  },
  "reinforce++-baseline": (batch, settings) => {
    const advantages = whiten(compareGroups("grpo-mean")(batch, settings).advantages, batch.mask);
    return { advantages, returns: advantages };
  },
  "gae": ({ rewards, mask, values }, settings) => {
    if (!values) {
      throw new TypeError("Cannot estimate advantages by gae: values are missing; expected a critic's");
    }
    const advantages = generalizedAdvantages(rewards, values, mask, settings);
    const returns = mapMasked(mask, (i, t) => elementAt(advantages, i, t) + elementAt(values, i, t));
    return { advantages: whiten(advantages, mask), returns };
  },
  "own": ({ mask, given }) => {
    if (!given) {
      throw new TypeError("Cannot estimate advantages: they are missing; expected those of the module");
    }
    const advantages = mapMasked(mask, (i) => given[i] ?? NaN);
    return { advantages, returns: advantages };
  },
};

/** The names of the estimators. */
export const estimatorNames: readonly AdvantageEstimator[] = Object.keys(
  advantageEstimators,
) as AdvantageEstimator[];

/** Estimators that compare the responses to one prompt: a group of one has advantage 0, or its reward. */
export const groupEstimators: readonly AdvantageEstimator[] = [
  ...Object.keys(groupScales) as GroupEstimator[],
  "reinforce++-baseline",
];
