/**
 * What an evaluation of a given size can tell: minimum detectable effects, sizes, equivalence, noise floors.
 *
 * @module
 */

import { type Scores, varianceComponents } from "./components.ts";
import { normalQuantile } from "./normal.ts";
import { studentCumulative, studentQuantile } from "./student.ts";

/** The level and the power of a planned test. */
export interface TestPlan {
  /** Coverage of the interval, 1 − α; default 0.95. */
  readonly confidence?: number;
  /** Probability to find an effect of the size in question; default 0.8. */
  readonly power?: number;
}

/** A paired comparison of two methods on the same problems. */
export interface PairedDesign {
  /** Number of problems. */
  readonly problems: number;
  /** Variance over problems of the difference of the methods' success probabilities, ω². */
  readonly between: number;
  /** Mean over problems of a single sample's variance, for each method: σ_A², σ_B². */
  readonly within: readonly [number, number];
  /** Samples of each problem, over all seeds, for each method: K_A, K_B. */
  readonly samples: readonly [number, number];
}

/** z_{1−α/2} + z_{power}. */
function normalSum({ confidence = 0.95, power = 0.8 }: TestPlan): number {
  return normalQuantile((1 + confidence) / 2) + normalQuantile(power);
}

/** The variance of a problem's observed difference: ω² + σ_A²/K_A + σ_B²/K_B. */
function differenceVariance({ between, within, samples }: PairedDesign): number {
  const variance = between + within[0] / samples[0] + within[1] / samples[1];
  if (!(variance >= 0 && variance < Infinity)) {
    throw new RangeError(
      `Cannot plan with the variances ${between}, ${within.join(", ")} and ${samples.join(", ")} samples: ` +
        "expected none below 0 and at least one sample",
    );
  }
  return variance;
}

/**
 * The smallest true difference that a planned paired evaluation finds with the wanted power:
 * (z_{1−α/2} + z_{power}) √((ω² + σ_A²/K_A + σ_B²/K_B) / n).
 *
 * Source: Miller, "Adding error bars to evals", arXiv 2411.00640, section 5.
 *
 * @throws {RangeError} If a variance is negative or a size is not positive.
 */
export function plannedEffect(design: PairedDesign, plan: TestPlan = {}): number {
  if (!(design.problems > 0)) {
    throw new RangeError(`Cannot plan with ${design.problems} problems: expected at least 1`);
  }
  return normalSum(plan) * Math.sqrt(differenceVariance(design) / design.problems);
}

/**
 * The number of problems that finds a true difference with the wanted power:
 * (z_{1−α/2} + z_{power})² (ω² + σ_A²/K_A + σ_B²/K_B) / δ², not rounded.
 *
 * Source: Miller, arXiv 2411.00640, section 5.
 *
 * @throws {RangeError} If the difference is not positive or a variance is negative.
 *
 * @example The paper's case: 3 points need about a thousand problems
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { requiredProblems } from "./power.ts";
 *
 * const design = { between: 1 / 9, within: [0, 0], samples: [1, 1] } as const;
 * assertEquals(Math.ceil(requiredProblems(0.03, design)), 969);
 * ```
 */
export function requiredProblems(
  difference: number,
  design: Omit<PairedDesign, "problems">,
  plan: TestPlan = {},
): number {
  if (!(difference > 0)) {
    throw new RangeError(`Cannot plan for a difference of ${difference}: expected a positive one`);
  }
  return normalSum(plan) ** 2 * differenceVariance({ ...design, problems: 1 }) / difference ** 2;
}

/** A standard error and how well it is known; an {@linkcode Estimate} is one. */
export interface Precision {
  /** The standard error. */
  readonly standardError: number;
  /** Its degrees of freedom. */
  readonly degreesOfFreedom: number;
}

/**
 * The smallest true difference that an evaluation with this standard error finds with the wanted power:
 * (t_{1−α/2} + t_{power}) SE, with Student's quantiles because the standard error was estimated.
 *
 * Source: Bloom, Evaluation Review 19, 1995; with infinite degrees of freedom it is Miller's formula.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { minimumDetectableEffect } from "./power.ts";
 *
 * const effect = minimumDetectableEffect({ standardError: 0.01, degreesOfFreedom: Infinity });
 * assertAlmostEquals(effect, 0.0280158522, 1e-9);
 * ```
 */
export function minimumDetectableEffect(
  { standardError, degreesOfFreedom }: Precision,
  { confidence = 0.95, power = 0.8 }: TestPlan = {},
): number {
  return standardError *
    (studentQuantile((1 + confidence) / 2, degreesOfFreedom) + studentQuantile(power, degreesOfFreedom));
}

/**
 * p-value of the two one-sided tests that a difference lies outside ±margin: the larger of P(T ≥ (δ + margin)/SE) and
 * P(T ≤ (δ − margin)/SE). A small p shows that the two are equal up to the margin. Below (1 − c)/2 means that the
 * interval of coverage c lies inside ±margin.
 *
 * Source: Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.
 *
 * @param margin Largest difference that does not matter, > 0.
 * @throws {RangeError} If the margin is not positive.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { equivalenceTest } from "./power.ts";
 *
 * const estimate = { value: 0, standardError: 0.01, degreesOfFreedom: Infinity };
 * assertAlmostEquals(equivalenceTest(estimate, 0.03), 0.0013498980316, 1e-12);
 * ```
 */
export function equivalenceTest(
  { value, standardError, degreesOfFreedom }: Precision & { readonly value: number },
  margin: number,
): number {
  if (!(margin > 0)) {
    throw new RangeError(`Cannot test equivalence within ±${margin}: expected a positive margin`);
  }
  if (standardError === 0) return Math.abs(value) < margin ? 0 : 1;
  const nearest = (margin - Math.abs(value)) / standardError;
  return studentCumulative(-nearest, degreesOfFreedom);
}

/**
 * The noise floor of a method: the standard error of the difference between two repetitions of it, each with as many
 * seeds and samples on the same problems. What is less than about twice this is not a finding.
 *
 * Two repetitions differ by sampling, by interaction and by the seeds' levels: SE² = 2 (Σ_h MS_h/(n_h S)/H² + V₂), for
 * which the seeds at hand are compared with each other (an A/A comparison over every split at once). With one seed,
 * only sampling is known: the variance of a share c/k is estimated by (c/k)(1 − c/k)/(k − 1).
 *
 * @param scores Shares of correct samples, `[seed][problem]`.
 * @param samples Samples of each share, k.
 * @returns The standard error; null where one seed and one sample tell nothing.
 * @throws {RangeError} If the scores are empty, ragged or not finite.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { noiseFloor } from "./power.ts";
 *
 * assertAlmostEquals(noiseFloor([[0.5, 0.5], [0.5, 0.5]], 2) ?? NaN, 0, 1e-15);
 * assertAlmostEquals(noiseFloor([[0.5, 0.5]], 2) ?? NaN, 0.5, 1e-15);
 * ```
 */
export function noiseFloor(scores: Scores, samples: number): number | null {
  const { problems, seeds } = varianceComponents([scores]);
  const n = problems[0]?.values.length ?? 0, runs = scores.length;
  if (runs === 1) {
    if (samples < 2) return null;
    const variances = (scores[0] ?? []).map((share) => share * (1 - share) / (samples - 1));
    return Math.sqrt(2 * variances.reduce((sum, variance) => sum + variance, 0)) / n;
  }
  const [level] = seeds;
  return Math.sqrt(2 * ((level?.sampling ?? 0) / runs + (level?.variance ?? 0)));
}
