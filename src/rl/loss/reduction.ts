/**
 * How per-token losses become one number. The loss is a plain sum Σ weight · ℓ over tokens: mask and denominators are
 * folded into the weights here, on the whole batch, so that cutting it into micro-batches changes no gradient.
 *
 * @module
 */

import { countValid, mapMasked, type Rows } from "../masked.ts";

/**
 * Reductions, with verl's names for them:
 *
 * - `token-mean`: every token weighs the same (DAPO);
 * - `sequence-mean`: the mean over sequences of their token means, `seq-mean-token-mean` (the GRPO paper);
 * - `sequence-sum`: the mean over sequences of their token sums, `seq-mean-token-sum`;
 * - `constant`: the token sum over sequences × a constant length (Dr. GRPO); verl's `seq-mean-token-sum-norm`
 *   leaves out the number of sequences.
 */
export type Reduction = "token-mean" | "sequence-mean" | "sequence-sum" | "constant";

/** What a batch is divided by. */
export interface Totals {
  /** The number of tokens; default: those that count. */
  readonly tokens?: number;
  /** The number of sequences; default: those with a token that counts. */
  readonly sequences?: number;
  /** The length that `constant` divides by, such as the longest response allowed. */
  readonly length?: number;
}

/** What the tokens of a row are divided by, from the row's number of valid tokens and the batch's totals. */
const denominators: Readonly<Record<Reduction, (valid: number, totals: Required<Totals>) => number>> = {
  "token-mean": (_valid, { tokens }) => tokens,
  "sequence-mean": (valid, { sequences }) => valid * sequences,
  "sequence-sum": (_valid, { sequences }) => sequences,
  "constant": (_valid, { sequences, length }) => sequences * length,
};

/** The reductions. */
export const reductions: readonly Reduction[] = Object.keys(denominators) as Reduction[];

/**
 * The weight of every token in a loss Σ weight · ℓ; 0 for tokens that do not count, so a batch without any has weight 0
 * everywhere.
 *
 * `token-mean` gives the weights of metrics, and `sequence-mean` with `sequences: 1` those of a mean per sequence.
 *
 * @param mask The tokens that count in the whole batch, not in a micro-batch of it.
 * @throws {TypeError} If `constant` is asked for without a length.
 * @throws {RangeError} If a total is not positive.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tokenWeights } from "./reduction.ts";
 *
 * assertEquals(tokenWeights([[1, 1], [1, 0]], "sequence-mean").map((row) => [...row]), [[0.25, 0.25], [0.5, 0]]);
 * ```
 */
export function tokenWeights(mask: Rows, reduction: Reduction, totals: Totals = {}): Float64Array[] {
  for (const [name, total] of Object.entries(totals)) {
    if (!(total > 0)) {
      throw new RangeError(`Cannot weigh tokens by ${reduction}: ${name} is ${total}; expected more than 0`);
    }
  }
  if (reduction === "constant" && totals.length === undefined) {
    throw new TypeError("Cannot weigh tokens by constant: length is missing; expected a number of tokens");
  }
  const valid = mask.map(countValid);
  const known: Required<Totals> = {
    tokens: valid.reduce((sum, count) => sum + count, 0),
    sequences: valid.filter((count) => count > 0).length,
    length: 1,
    ...totals,
  };
  const weights = valid.map((count) => 1 / denominators[reduction](count, known));
  return mapMasked(mask, (i) => weights[i] ?? 0);
}
