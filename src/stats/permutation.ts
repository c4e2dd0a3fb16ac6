/**
 * Paired permutation test over problems.
 *
 * @module
 */

import { RandomStream } from "../random.ts";

/** Up to so many differences that are not 0, all sign patterns are enumerated. */
const EXACT_UP_TO = 16;

/** Sums that differ by less than this share of Σ |d| are equal: they differ by rounding only. */
const ROUNDING = 1e-12;

/** What a permutation test gives. */
export interface PermutationTest {
  /** The two-sided p-value. */
  readonly p: number;
  /** Whether all sign patterns were enumerated. */
  readonly exact: boolean;
}

/** Values whose signed sums are looked up together: a byte of signs. */
const TOGETHER = 8;

/**
 * For each eight values the sums of all their sign patterns, one after another: entry 256 j + byte holds Σ ±d_{8j+i}, plus
 * where bit i is set. A sum of all values then takes an eighth of the additions and no branch.
 */
function signedSums(values: Float64Array): Float64Array {
  const groups = Math.ceil(values.length / TOGETHER), sums = new Float64Array(groups * 256);
  for (let group = 0; group < groups; group++) {
    for (let signs = 0; signs < 256; signs++) {
      let sum = 0;
      for (let i = 0; i < TOGETHER; i++) {
        const value = values[group * TOGETHER + i] ?? 0;
        sum += signs >>> i & 1 ? value : -value;
      }
      sums[group * 256 + signs] = sum;
    }
  }
  return sums;
}

/** How many of the 2^n sign patterns give a sum at least as far from 0, for at most 16 values. */
function countAll(values: Float64Array, threshold: number): number {
  const sums = signedSums(values), second = values.length > TOGETHER;
  let hits = 0;
  for (let signs = 0; signs < 2 ** values.length; signs++) {
    const sum = (sums[signs & 255] ?? 0) + (second ? sums[256 + (signs >>> 8)]! : 0); // at most two groups
    if (Math.abs(sum) >= threshold) hits++;
  }
  return hits;
}

/** The same among random patterns. */
function countDrawn(values: Float64Array, threshold: number, draws: number): number {
  const random = new RandomStream("permutation"), sums = signedSums(values);
  let hits = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0, word = 0;
    for (let at = 0; at < sums.length; at += 256) {
      word = at % 1024 === 0 ? random.word() : word >>> 8;
      sum += sums[at + (word & 255)]!; // a byte
    }
    if (Math.abs(sum) >= threshold) hits++;
  }
  return hits;
}

/**
 * Two-sided p-value that paired differences are symmetric around 0: the share of sign patterns ε with
 * |Σ ε_i d_i| ≥ |Σ d_i|. All 2^n patterns where at most 16 differences are not 0, else random ones with fixed numbers
 * and the observed pattern counted in, p = (1 + hits) / (1 + draws).
 *
 * Given each problem's mean over samples and seeds, it tests these training runs against each other; that other seeds
 * might have trained better is not part of it.
 *
 * Sources: Fisher, "The design of experiments", 1935, section 21; Phipson and Smyth, Statistical Applications in
 * Genetics and Molecular Biology 9, 2010 (never 0).
 *
 * @param differences One difference a problem.
 * @param draws Number of random patterns; default 9999.
 * @throws {RangeError} If there is no difference, one is not finite, or the number of draws is not a positive integer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairedPermutation } from "./permutation.ts";
 *
 * assertEquals(pairedPermutation([0.5, 0.25, 0.25, 1, 0]), { p: 2 / 16, exact: true });
 * ```
 */
export function pairedPermutation(differences: ArrayLike<number>, draws = 9999): PermutationTest {
  const all = Float64Array.from(differences);
  if (all.length === 0 || !all.every(Number.isFinite) || !(Number.isInteger(draws) && draws > 0)) {
    throw new RangeError(
      `Cannot permute ${all.length} differences ${draws} times: expected at least one, all finite, and a positive integer`,
    );
  }
  // Differences of 0 have no sign and change no sum.
  const values = all.filter((value) => value !== 0);
  const sum = values.reduce((total, value) => total + value, 0);
  const size = values.reduce((total, value) => total + Math.abs(value), 0);
  const threshold = Math.abs(sum) - ROUNDING * size;
  if (values.length <= EXACT_UP_TO) {
    return { p: countAll(values, threshold) / 2 ** values.length, exact: true };
  }
  return { p: (1 + countDrawn(values, threshold, draws)) / (1 + draws), exact: false };
}

/**
 * Holm's correction: p-values that may be compared with the level of the whole family. In ascending order,
 * p̃_(i) = max_{j≤i} min(1, (m − j + 1) p_(j)).
 *
 * Source: Holm, Scandinavian Journal of Statistics 6, 1979.
 *
 * @returns The adjusted p-values, in the order given.
 * @throws {RangeError} If a value is outside [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holm } from "./permutation.ts";
 *
 * assertEquals(holm([0.25, 0.125, 0.5]), [0.5, 0.375, 0.5]);
 * ```
 */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) {
    throw new RangeError(`Cannot correct the p-value ${wrong}: expected a number from 0 to 1`);
  }
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = pValues.slice();
  let running = 0;
  for (const [rank, { p, index }] of order.entries()) {
    running = Math.max(running, Math.min(1, (order.length - rank) * p));
    adjusted[index] = running;
  }
  return adjusted;
}
