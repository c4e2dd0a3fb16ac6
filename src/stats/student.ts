/**
 * Student's t distribution: intervals whose variance is itself estimated from few values, such as three seeds.
 *
 * @module
 */

import { normalCumulative, normalQuantile } from "./normal.ts";

/** Degrees of freedom from which the normal distribution is used: the two then differ by less than 1e-9. */
const NORMAL_FROM = 1e9;

/** ln Γ(x) for x > 0: the recurrence up to x ≥ 15, then Stirling's series. Absolute error near 1e-14. */
function logGamma(x: number): number {
  let shift = 0;
  for (; x < 15; x++) shift += Math.log(x);
  const r = 1 / (x * x);
  const series =
    (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * 691 / 360360))))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Continued fraction of the incomplete beta function, evaluated by Lentz's method; for x < (a + 1) / (a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const safe = (value: number): number => Math.abs(value) < tiny ? tiny : value;
  let c = 1, d = 1 / safe(1 - (a + b) * x / (a + 1)), product = d;
  for (let m = 1; m < 100_000; m++) {
    for (
      const term of [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ]
    ) {
      d = 1 / safe(1 + term * d);
      c = safe(1 + term / c);
      product *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return product;
}

/** The regularised incomplete beta function I_x(a, b); `y` is 1 − x, given apart because the difference may cancel. */
function betaIncomplete(a: number, b: number, x: number, y: number): number {
  if (x <= 0 || y <= 0) return x <= 0 ? 0 : 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y));
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(a, b, x) / a
    : 1 - front * betaFraction(b, a, y) / b;
}

/**
 * The probability that a t-distributed variable is at most t: for t ≤ 0 it is I_{ν/(ν+t²)}(ν/2, 1/2) / 2.
 *
 * Source: Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.1, 26.5.8.
 *
 * @param degreesOfFreedom ν > 0, need not be an integer; Infinity is the normal distribution.
 * @throws {RangeError} If ν is not positive or t is not a number.
 *
 * @example One degree of freedom is the Cauchy distribution
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { studentCumulative } from "./student.ts";
 *
 * assertAlmostEquals(studentCumulative(1, 1), 0.75, 1e-14);
 * ```
 */
export function studentCumulative(t: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0) || Number.isNaN(t)) {
    throw new RangeError(
      `Cannot evaluate Student's distribution at ${t} with ${degreesOfFreedom} degrees of freedom: expected more than 0`,
    );
  }
  if (degreesOfFreedom >= NORMAL_FROM) return normalCumulative(t);
  const square = t * t, sum = degreesOfFreedom + square;
  if (sum === Infinity) return t > 0 ? 1 : 0;
  const tail = betaIncomplete(degreesOfFreedom / 2, 0.5, degreesOfFreedom / sum, square / sum) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t with {@linkcode studentCumulative} equal to p, by bisection down to neighbouring numbers.
 *
 * @throws {RangeError} If p is not strictly between 0 and 1 or ν is not positive.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { studentQuantile } from "./student.ts";
 *
 * assertAlmostEquals(studentQuantile(0.975, 2), 4.302652729749464, 1e-12);
 * ```
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p > 0 && p < 1)) {
    throw new RangeError(
      `Cannot compute a quantile of Student's distribution: p is ${p}, expected 0 < p < 1`,
    );
  }
  if (degreesOfFreedom >= NORMAL_FROM) return normalQuantile(p);
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentQuantile(1 - p, degreesOfFreedom);
  let low = -1, high = 0;
  while (studentCumulative(low, degreesOfFreedom) > p && low > -1e150) [low, high] = [low * 2, low];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (studentCumulative(middle, degreesOfFreedom) < p) low = middle;
    else high = middle;
  }
}
