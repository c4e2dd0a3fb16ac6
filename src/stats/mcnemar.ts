/**
 * Exact McNemar test.
 *
 * @module
 */

/** A power of two that keeps the running sum far from overflow; multiplying by it is exact. */
const SCALE = 512;

/**
 * The two-sided p-value that two systems, one answer a problem each, are equally good:
 * min(1, 2 P(X ≤ min(b, c))) with X ~ Binomial(b + c, 1/2).
 *
 * Only for one sample a problem; with more samples use a paired bootstrap.
 *
 * Source: McNemar, Psychometrika 12, 1947; the exact form is the sign test on the discordant problems.
 *
 * @param b Problems that only the first system solved.
 * @param c Problems that only the second system solved.
 * @throws {RangeError} If a count is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mcnemarExact } from "./mcnemar.ts";
 *
 * assertEquals(mcnemarExact(0, 5), 0.0625);
 * ```
 */
export function mcnemarExact(b: number, c: number): number {
  if (![b, c].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`Cannot test discordant counts ${b} and ${c}: expected non-negative integers`);
  }
  const n = b + c;
  // Sum of C(n, i), divided by 2^SCALE as often as needed.
  let term = 1, sum = 1, scaled = 0;
  for (let i = 1; i <= Math.min(b, c); i++) {
    term *= (n - i + 1) / i;
    sum += term;
    if (sum > 2 ** SCALE) {
      term *= 2 ** -SCALE;
      sum *= 2 ** -SCALE;
      scaled += SCALE;
    }
  }
  // Two factors, because 2^(scaled - n) alone may underflow while the product does not.
  const exponent = 1 + scaled - n, half = Math.trunc(exponent / 2);
  return Math.min(1, sum * 2 ** half * 2 ** (exponent - half));
}
