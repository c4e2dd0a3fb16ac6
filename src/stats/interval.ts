/**
 * Intervals of a single proportion.
 *
 * @module
 */

import { normalQuantile } from "./normal.ts";

/** A closed interval. */
export interface Interval {
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/**
 * Wilson's score interval of a proportion, without continuity correction: the values π that satisfy
 * |p − π| ≤ z √(π (1 − π) / n), where p = successes / n. It stays inside [0, 1] and keeps a width when p is 0 or 1.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927. The lower
 * root is taken from the product of the roots, p² n / (n + z²), which loses no digits near 0.
 *
 * @param successes Number of successes in [0, n]; may be fractional (an effective count).
 * @param n Number of trials.
 * @param confidence Coverage, 0.95 by default.
 * @throws {RangeError} If the counts are outside their range.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { wilsonInterval } from "./interval.ts";
 *
 * assertAlmostEquals(wilsonInterval(0, 30).high, 0.11351339317396877, 1e-12);
 * ```
 */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): Interval {
  if (!(n > 0 && successes >= 0 && successes <= n)) {
    throw new RangeError(`Cannot compute a Wilson interval of ${successes} successes in ${n} trials`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  const p = successes / n;
  const high = Math.min(
    1,
    (2 * successes + z * z + z * Math.sqrt(z * z + 4 * successes * (1 - p))) / (2 * (n + z * z)),
  );
  return { low: p * successes / ((n + z * z) * high), high };
}
