/**
 * Aggregates over seeds and suites that one outlying run or suite cannot move far.
 *
 * @module
 */

import { RandomStream } from "../random.ts";
import { quantile } from "./bootstrap.ts";
import type { Interval } from "./interval.ts";
import { normalQuantile } from "./normal.ts";

/** Scores by suite and run, `[suite][run]`; the number of runs may differ between suites. */
export type RunScores = readonly (readonly number[])[];

/** An aggregate with the interval of its stratified bootstrap; null where it would have no width. */
export interface Aggregate {
  /** The aggregate of the scores as they are. */
  readonly value: number;
  /** The interval. */
  readonly interval: Interval | null;
}

/** How the stratified bootstrap draws. */
export interface AggregateOptions {
  /** Number of resamples; default 2000. */
  readonly resamples?: number;
  /** Coverage of the interval; default 0.95. */
  readonly confidence?: number;
}

/** Throws unless every suite has a finite score. */
function check(scores: RunScores): void {
  if (scores.length === 0 || !scores.every((runs) => runs.length > 0 && runs.every(Number.isFinite))) {
    throw new RangeError(
      "Cannot aggregate scores: expected at least one suite with at least one finite score each",
    );
  }
}

/**
 * The interquartile mean of all scores together: of N sorted values the lowest and the highest ⌊N/4⌋ are left out.
 *
 * Source: Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", arXiv 2108.13264,
 * section 4.3, as its library rliable computes it (`scipy.stats.trim_mean` with a quarter on each side).
 *
 * @throws {RangeError} If a suite is without scores.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { interquartileMean } from "./aggregate.ts";
 *
 * assertEquals(interquartileMean([[0, 1, 2, 100]]), 1.5);
 * ```
 */
export function interquartileMean(scores: RunScores): number {
  check(scores);
  const sorted = Float64Array.from(scores.flat()).sort(), cut = Math.floor(sorted.length / 4);
  const kept = sorted.subarray(cut, sorted.length - cut);
  return kept.reduce((sum, score) => sum + score, 0) / kept.length;
}

/**
 * The probability that a run of a scores higher than a run of b, averaged over suites: Mann and Whitney's
 * U / (runs of a × runs of b), equal scores counted half.
 *
 * Source: arXiv 2108.13264, section 4.3.
 *
 * @throws {RangeError} If the suites do not match or one is without scores.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { probabilityOfImprovement } from "./aggregate.ts";
 *
 * assertEquals(probabilityOfImprovement([[2, 3]], [[1, 3]]), 0.625);
 * ```
 */
export function probabilityOfImprovement(a: RunScores, b: RunScores): number {
  check(a);
  check(b);
  if (a.length !== b.length) throw new RangeError(`Cannot compare ${a.length} suites with ${b.length}`);
  let total = 0;
  for (const [suite, runs] of a.entries()) {
    const others = b[suite] ?? [];
    let wins = 0;
    for (const x of runs) for (const y of others) wins += x > y ? 1 : x === y ? 0.5 : 0;
    total += wins / (runs.length * others.length);
  }
  return total / a.length;
}

/**
 * Interval of a probability of improvement that was found among m runs of one method and n of the other: the θ with
 * (θ̂ − θ)² ≤ z² V(θ), V(θ) = θ (1 − θ) (1 + N (1 − θ)/(2 − θ) + N θ/(1 + θ)) / (m n), N = (m + n)/2 − 1. It keeps a width
 * where every run of one method beats every run of the other: nine such comparisons of three runs with three still allow
 * 50 %. Runs on several suites are the same runs, so suites add no comparisons. It speaks of training again.
 *
 * Source: Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2",
 * Statistics in Medicine 25, 2006, method 5.
 *
 * @param probability θ̂, as of {@linkcode probabilityOfImprovement}.
 * @param runs Number of runs of each method.
 * @throws {RangeError} If the probability is outside [0, 1] or there is no run.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { improvementInterval } from "./aggregate.ts";
 *
 * const { low, high } = improvementInterval(1, [3, 3]);
 * assertAlmostEquals(low, 0.5, 0.01);
 * assertAlmostEquals(high, 1, 1e-12);
 * ```
 */
export function improvementInterval(
  probability: number,
  [m, n]: readonly [number, number],
  confidence = 0.95,
): Interval {
  if (!(probability >= 0 && probability <= 1 && m >= 1 && n >= 1)) {
    throw new RangeError(
      `Cannot compute an interval of the probability ${probability} of ${m} and ${n} runs: expected 0 to 1 and at least 1`,
    );
  }
  const z = normalQuantile((1 + confidence) / 2), size = (m + n) / 2 - 1;
  const outside = (theta: number): boolean => {
    const factor = 1 + size * ((1 - theta) / (2 - theta) + theta / (1 + theta));
    return (probability - theta) ** 2 > z * z * theta * (1 - theta) * factor / (m * n);
  };
  /** Bisects between an end of [0, 1] and the probability; the ends themselves are excluded unless they are it. */
  const end = (from: 0 | 1): number => {
    if (probability === from) return from;
    let [far, near]: [number, number] = [from, probability];
    for (;;) {
      const middle = (far + near) / 2;
      if (middle === far || middle === near) return near;
      if (outside(middle)) far = middle;
      else near = middle;
    }
  };
  return { low: end(0), high: end(1) };
}

/**
 * A statistic of run scores with a percentile interval: runs are drawn with replacement inside each suite and method.
 * It speaks of training the same methods again on the same suites. With fewer than about five runs it is too narrow, and
 * where all runs of a suite are alike it has no width and is left out.
 *
 * Source: arXiv 2108.13264, section 4.1.
 *
 * @param groups The scores of each method that the statistic is of.
 * @param statistic For example {@linkcode interquartileMean} or {@linkcode probabilityOfImprovement}.
 */
export function stratifiedBootstrap<Groups extends readonly RunScores[]>(
  groups: Groups,
  statistic: (...groups: Groups) => number,
  { resamples = 2000, confidence = 0.95 }: AggregateOptions = {},
): Aggregate {
  const value = statistic(...groups);
  if (groups.every((scores) => scores.every((runs) => new Set(runs).size === 1))) {
    return { value, interval: null };
  }
  const random = new RandomStream("stratified bootstrap");
  const values = Float64Array.from({ length: resamples }, () => {
    const drawn = groups.map((scores) =>
      scores.map((runs) => runs.map(() => runs[Math.floor(random.uniform() * runs.length)] ?? NaN))
    );
    return statistic(...drawn as unknown as Groups); // the same shape as the groups
  }).sort();
  const low = quantile(values, (1 - confidence) / 2), high = quantile(values, (1 + confidence) / 2);
  return { value, interval: low < high ? { low, high } : null };
}
