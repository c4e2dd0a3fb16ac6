/**
 * Two-level bootstrap over problems and training seeds, with fixed random numbers: the same scores give the same
 * interval, digit for digit, on every machine.
 *
 * @module
 */

import { RandomStream } from "../random.ts";
import { type Components, type Scores, type SeedModel, varianceComponents } from "./components.ts";
import { wilsonInterval } from "./interval.ts";
import { normalQuantile } from "./normal.ts";
import { studentQuantile } from "./student.ts";

/**
 * How an interval was made. `wilson` and `bound` stand in where nothing varies, so that the bootstrap would know no
 * uncertainty: `wilson` for a mean of shares, `bound` for a difference.
 */
export type IntervalMethod = "bootstrap" | "wilson" | "bound";

/** The ways as people write them. */
export const intervalMethods: Readonly<Record<IntervalMethod, string>> = {
  bootstrap: "percentile bootstrap, widened by Student's quantiles",
  wilson: "Wilson's score interval",
  bound: "Wilson's upper bound for the share of problems that may differ",
};

/** An estimate with its uncertainty; its interval always has a width. */
export interface Estimate {
  /** The mean over the scores as they are. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /**
   * Square root of the estimated variance, problems and seeds together; never 0. Where nothing varies it is half the
   * interval over the normal quantile.
   */
  readonly standardError: number;
  /** Satterthwaite's degrees of freedom of the standard error; Infinity where nothing varies. */
  readonly degreesOfFreedom: number;
  /** How the interval was made. */
  readonly method: IntervalMethod;
}

/** How the bootstrap draws. */
export interface BootstrapOptions {
  /** Number of resamples; default 2000. */
  readonly resamples?: number;
  /** Coverage of the interval; default 0.95. */
  readonly confidence?: number;
  /**
   * `random` (default) and `shared`: the interval speaks of the method, trained again with other seeds; a seed's level
   * counts. `fixed`: it speaks of these training runs on other problems of the kind.
   */
  readonly seeds?: SeedModel;
}

/** The quantile of sorted values with linear interpolation (type 7 of Hyndman and Fan, 1996). */
export function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1), low = Math.floor(at);
  const below = sorted[low] ?? NaN, above = sorted[Math.min(low + 1, sorted.length - 1)] ?? NaN;
  return below + (at - low) * (above - below);
}

/** The most indices of draws that are kept for the next estimate of the same shape, all shapes together. */
const MOST_KEPT = 2 ** 24;

/** Draws by their shape, the one used last at the end. */
const kept = new Map<string, Uint32Array>();

/**
 * Indices of draws with replacement, for each resample as many of each size as it says, one after another. They depend on
 * the shape alone, so that sixty methods on the same suites share them. Plain scaling: its bias is n / 2^32.
 */
function drawIndices(sizes: readonly number[], resamples: number): Uint32Array {
  const shape = `${resamples}:${sizes.join()}`, known = kept.get(shape);
  if (known) {
    kept.delete(shape);
    kept.set(shape, known);
    return known;
  }
  const random = new RandomStream("bootstrap");
  const indices = new Uint32Array(resamples * sizes.reduce((sum, size) => sum + size, 0));
  for (let at = 0; at < indices.length;) {
    for (const size of sizes) {
      for (let i = 0; i < size; i++) indices[at++] = Math.floor(random.uniform() * size);
    }
  }
  kept.set(shape, indices);
  let total = [...kept.values()].reduce((sum, { length }) => sum + length, 0);
  for (const [shape, { length }] of kept) {
    if (total <= MOST_KEPT) break;
    kept.delete(shape);
    total -= length;
  }
  return indices;
}

/** Values around 0, scaled so that the mean of a draw has the given variance. */
function scaled(values: Float64Array, target: number): Float64Array {
  const n = values.length;
  const center = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / n / n;
  const factor = spread > 0 ? Math.sqrt(target / spread) : 0;
  return values.map((value) => (value - center) * factor);
}

/** Below this standard error of shares, only rounding varies. */
const NOTHING_VARIES = 1e-12;

/**
 * The interval where no problem and no seed varies. A share of at most u of the problems of the kind may behave otherwise
 * without one of them having been seen, u being Wilson's upper bound for 0 of n. A difference of value v then lies from
 * (1 − u) v − u to (1 − u) v + u, as each of those problems differs by at least −1 and at most 1.
 */
function unvaried(
  { value, problems }: Components,
  kind: "mean" | "difference",
  confidence: number,
): Estimate {
  const n = problems.reduce((sum, { values }) => sum + values.length, 0);
  const unseen = wilsonInterval(0, n, confidence).high;
  const ends = kind === "mean"
    ? wilsonInterval(Math.min(1, Math.max(0, value)) * n, n, confidence)
    : { low: (1 - unseen) * value - unseen, high: (1 - unseen) * value + unseen };
  return {
    value,
    ...ends,
    standardError: (ends.high - ends.low) / (2 * normalQuantile((1 + confidence) / 2)),
    degreesOfFreedom: Infinity,
    method: kind === "mean" ? "wilson" : "bound",
  };
}

/** The interval of a mean or difference whose variance components are known. */
function interval(
  components: Components,
  kind: "mean" | "difference",
  { resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): Estimate {
  if (!(Number.isInteger(resamples) && resamples >= 2 && confidence > 0 && confidence < 1)) {
    throw new RangeError(`Cannot draw ${resamples} resamples for an interval of coverage ${confidence}`);
  }
  const { value, standardError, degreesOfFreedom } = components;
  if (standardError < NOTHING_VARIES) return unvaried(components, kind, confidence);
  const strata = components.problems.length;
  const problems = components.problems.map(({ values, variance }) => scaled(values, variance));
  // In an order that does not depend on which method is subtracted, so that b − a is exactly the mirror of a − b.
  const seeds = components.seeds.filter(({ variance }) => variance > 0)
    .toSorted((one, other) => one.variance - other.variance)
    .map(({ deviations, variance }) => scaled(deviations, variance));
  const levels = [
    ...problems.map((values) => ({ values, of: strata })),
    ...seeds.map((values) => ({ values, of: 1 })),
  ];
  const indices = drawIndices(levels.map(({ values }) => values.length), resamples);
  const offsets = new Float64Array(resamples);
  for (let resample = 0, at = 0; resample < resamples; resample++) {
    for (const { values, of } of levels) {
      let sum = 0;
      for (const end = at + values.length; at < end; at++) sum += values[indices[at]!]!; // index below n
      offsets[resample]! += sum / values.length / of; // in range
    }
  }
  offsets.sort();
  const p = (1 + confidence) / 2;
  const widening = studentQuantile(p, degreesOfFreedom) / normalQuantile(p);
  return {
    value,
    low: value + widening * quantile(offsets, 1 - p),
    high: value + widening * quantile(offsets, p),
    standardError,
    degreesOfFreedom,
    method: "bootstrap",
  };
}

/**
 * The mean score with an interval from a two-level bootstrap: each resample draws problems with replacement inside each
 * stratum (a suite), all seeds of a problem together, and adds a draw of the seeds' levels across all strata. Its
 * statistic is the unweighted mean over strata. Each level is scaled to the variance that
 * {@linkcode varianceComponents} estimates for it, and the distances of the 2.5 % and 97.5 % quantiles from the mean
 * are widened by the ratio of Student's to the normal quantile at Satterthwaite's degrees of freedom.
 *
 * Why not draw both levels plainly with replacement: that counts interaction and sampling two or three times, and with
 * S seeds their levels at (S − 1)/S of their variance and with normal quantiles. Of 400 simulated pairs of equal methods
 * with 120 problems, 8 samples and 3 seeds it told 0.5 % apart where seeds had no level of their own and 15 % where it
 * varied by 3.5 points; this interval told 3.5 % and 5.4 % of 1000 apart, and between 3.4 % and 6.2 % with 30 to 200
 * problems, 3 or 5 seeds and levels of 0 to 3.5 points (500 problems with 16 samples and 1 seed: 6.1 %). With two seeds it
 * was 2.4 to 8.3 %. With one seed the interval knows nothing of seeds and speaks of the training runs at hand.
 *
 * Sources: Davison and Hinkley, "Bootstrap methods and their application", 1997, section 3.8 (which levels to draw);
 * Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007; Carpenter, Goldstein and Rasbash, Applied
 * Statistics 52, 2003 (levels scaled to their estimated variance); Hesterberg, American Statistician 69, 2015
 * (quantiles widened for small samples).
 *
 * @param strata One matrix of shares a suite, all with the same seeds in the same order.
 * @throws {RangeError} If a matrix is empty or ragged, or a score is not finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootstrapMean } from "./bootstrap.ts";
 *
 * const suite = [[0, 0.5, 1, 0.25], [0.25, 0.5, 1, 0]];
 * const { value, low, high } = bootstrapMean([suite]);
 * assertEquals(value, 0.4375);
 * assertEquals(low < value && value < high, true);
 * ```
 */
export function bootstrapMean(strata: readonly Scores[], options: BootstrapOptions = {}): Estimate {
  return interval(varianceComponents(strata, undefined, options.seeds), "mean", options);
}

/**
 * The mean difference a − b of two methods on the same problems, with the interval of {@linkcode bootstrapMean} over
 * the differences of each problem: one that is hard for both cancels. Seeds are not paired (training run 1 of one
 * method shares nothing with run 1 of another that a reader could rely on); the methods may have different ones and
 * different numbers of them. A base model, which was not trained, has one row.
 *
 * @param a One score matrix a suite.
 * @param b The same suites, problems in the same order.
 * @throws {RangeError} If suites or problems do not match.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootstrapDifference } from "./bootstrap.ts";
 *
 * const trained = [[0.5, 0.75, 1, 0.25, 0.75], [0.5, 0.5, 1, 0.5, 0.75]];
 * const base = [[0.25, 0.25, 0.75, 0, 0.25]];
 * assertEquals(bootstrapDifference([trained], [base]).low > 0, true);
 * ```
 */
export function bootstrapDifference(
  a: readonly Scores[],
  b: readonly Scores[],
  options: BootstrapOptions = {},
): Estimate {
  return interval(varianceComponents(a, b, options.seeds), "difference", options);
}
