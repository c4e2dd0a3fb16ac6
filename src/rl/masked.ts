/**
 * Numbers per response token, as rows of any lengths, and their statistics over the tokens that count.
 *
 * @module
 */

/** One row of numbers a response; rows may differ in length. In a mask, 1 marks the tokens that count. */
export type Rows = readonly ArrayLike<number>[];

/**
 * One element of rows.
 *
 * @throws {RangeError} If the rows do not reach that far.
 */
export function elementAt(rows: Rows, row: number, position: number): number {
  const value = rows[row]?.[position];
  if (value === undefined) {
    throw new RangeError(
      `Cannot read position ${position} of row ${row}: there are ${rows.length} rows, this one has ${
        rows[row]?.length ?? 0
      } positions; expected the mask's shape`,
    );
  }
  return value;
}

/** A value at every position that counts, 0 elsewhere. */
export function mapMasked(mask: Rows, value: (row: number, position: number) => number): Float64Array[] {
  return mask.map((row, i) => Float64Array.from(row, (counts, t) => counts ? value(i, t) : 0));
}

/** The number of tokens that count in one row of a mask. */
export function countValid(row: ArrayLike<number>): number {
  return Array.from(row).reduce((count, counts) => count + (counts ? 1 : 0), 0);
}

/** Statistics over the tokens that count. */
export interface Moments {
  /** Their number. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
  /** Their mean; 0 without tokens. */
  readonly mean: number;
  /** Their variance with the n − 1 denominator; 0 for fewer than two tokens. */
  readonly variance: number;
}

/**
 * Statistics over the tokens that count.
 *
 * @throws {RangeError} If the values do not cover the mask.
 */
export function maskedMoments(values: Rows, mask: Rows): Moments {
  const valid = mask.flatMap((row, i) =>
    Array.from(row, (counts, t) => counts ? elementAt(values, i, t) : undefined)
  ).filter((value) => value !== undefined);
  const count = valid.length;
  const sum = valid.reduce((total, value) => total + value, 0);
  const mean = count === 0 ? 0 : sum / count;
  const squares = valid.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { count, sum, mean, variance: count < 2 ? 0 : squares / (count - 1) };
}

/** Keeps whitening finite where all values are equal. */
const WHITEN_EPSILON = 1e-8;

/**
 * Values shifted and scaled to mean 0 and variance 1 over all tokens that count; 0 elsewhere.
 *
 * @throws {RangeError} If the values do not cover the mask.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { whiten } from "./masked.ts";
 *
 * const [row] = whiten([[1, 3, 9]], [[1, 1, 0]]);
 * assertAlmostEquals(row?.[1] ?? NaN, Math.SQRT1_2);
 * ```
 */
export function whiten(values: Rows, mask: Rows): Float64Array[] {
  const { mean, variance } = maskedMoments(values, mask);
  const deviation = Math.sqrt(variance + WHITEN_EPSILON);
  return mapMasked(mask, (i, t) => (elementAt(values, i, t) - mean) / deviation);
}
