/**
 * The least, the mean and the largest of many numbers: what a mean alone hides.
 *
 * @module
 */

import type { Rows } from "./masked.ts";

/** The least, the mean and the largest of some numbers. */
export type Extremes = Readonly<Record<"least" | "mean" | "most", number>>;

/**
 * The extremes of numbers; all 0 where there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { extremesOf } from "./extremes.ts";
 *
 * assertEquals(extremesOf([1, 6, 2]), { least: 1, mean: 3, most: 6 });
 * assertEquals(extremesOf([]), { least: 0, mean: 0, most: 0 });
 * ```
 */
export function extremesOf(values: readonly number[]): Extremes {
  if (values.length === 0) return { least: 0, mean: 0, most: 0 };
  let least = Infinity, most = -Infinity, sum = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  return { least, mean: sum / values.length, most };
}

/**
 * Several extremes as one: the least and the largest of all, and the mean of the means.
 *
 * @returns Nothing where there are none.
 */
export function joinedExtremes(parts: readonly Extremes[]): Extremes | undefined {
  if (parts.length === 0) return undefined;
  return {
    least: Math.min(...parts.map(({ least }) => least)),
    mean: parts.reduce((sum, { mean }) => sum + mean, 0) / parts.length,
    most: Math.max(...parts.map(({ most }) => most)),
  };
}

/**
 * exp(log π_new − log π_old) over the tokens that count, before any bound is put on it. A ratio beyond the range of numbers
 * is the largest number.
 *
 * @param logprobs Log-probs now, one row a response.
 * @param before Log-probs before, one row a response; an absent row has the ratio 1.
 * @param mask The tokens that count.
 */
export function ratioExtremes(
  logprobs: Rows,
  before: readonly (ArrayLike<number> | undefined)[],
  mask: Rows,
): Extremes {
  const ratios = mask.flatMap((row, i) =>
    Array.from(row).flatMap((counts, t) => {
      if (counts === 0) return [];
      const old = before[i];
      if (!old) return [1];
      return [Math.min(Number.MAX_VALUE, Math.exp((logprobs[i]?.[t] ?? NaN) - (old[t] ?? NaN)))];
    })
  );
  return extremesOf(ratios);
}
