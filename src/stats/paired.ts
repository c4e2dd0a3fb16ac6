/**
 * Everything that is known of the difference of two methods on the same problems.
 *
 * @module
 */

import { bootstrapDifference, type BootstrapOptions, type Estimate } from "./bootstrap.ts";
import { type Scores, type SeedModel, varianceComponents } from "./components.ts";
import { wilsonInterval } from "./interval.ts";
import { normalQuantile } from "./normal.ts";
import { pairedPermutation } from "./permutation.ts";
import { equivalenceTest, minimumDetectableEffect, noiseFloor, type TestPlan } from "./power.ts";
import { studentCumulative } from "./student.ts";

/** With fewer training runs of a method, nothing is called better, worse or tied. */
export const FEWEST_SEEDS = 3;

/** One side of a comparison. */
export interface PairedSide {
  /** Shares of correct samples, a matrix `[seed][problem]` a suite. */
  readonly scores: readonly Scores[];
  /** Whether it was trained, so that other seeds might have come out; a base model was not. */
  readonly trained: boolean;
}

/** How two sides are compared. */
export interface PairedSettings extends Omit<BootstrapOptions, "seeds">, Pick<TestPlan, "power"> {
  /** Largest difference that counts as none, as a share; default 0.03. */
  readonly margin?: number;
  /** Random sign patterns of the permutation test; default 9999. */
  readonly draws?: number;
  /** Samples of each share by suite, for the noise floor; without them it stays unknown. */
  readonly samples?: readonly number[];
  /** Do both sides come from one and the same record? */
  readonly sameRecord?: boolean;
}

/** What an interval speaks of. */
export type Coverage = "problems and seeds" | "problems only" | "seeds only";

/** Where the spread of seeds was taken from for a side that has too few, and how far it reaches. */
export interface SeedWidth {
  /** Half the width that it gives, as a share. */
  readonly half: number;
  /**
   * `own`: the two seeds at hand, the other side being untrained. `pooled`: both sides' seeds together. `other`: the other
   * side's. `noise floor`: no side has two seeds; two repetitions (A/A) come apart that far by sampling alone, so that this
   * is the least that it can be.
   */
  readonly from: "own" | "pooled" | "other" | "noise floor";
}

/** What is known of a difference. */
export interface PairedEvidence {
  /** Number of problems, over all suites. */
  readonly problems: number;
  /** The mean of a − b over the suites with its interval. */
  readonly difference: Estimate;
  /** What the interval speaks of. */
  readonly covers: Coverage;
  /**
   * Two-sided p-value that the methods are equal: the larger of the permutation test over problems and of Student's test of
   * the difference over its standard error, which counts the seeds as well.
   */
  readonly p: number;
  /** p-value of the two one-sided tests of equivalence within the margin. */
  readonly equivalence: number;
  /** Smallest true difference that would be found with the wanted power; null where nothing varies. */
  readonly detectable: number | null;
  /** Number of runs of each side. */
  readonly seeds: readonly [number, number];
  /** Has a trained side fewer than three? */
  readonly fewSeeds: boolean;
  /** What more of would tell most: what makes up more than half of the variance. */
  readonly lacking: "seeds" | "problems";
  /** The width that borrowed seeds give; null where no side has too few, or nothing is known. */
  readonly seedWidth: SeedWidth | null;
  /** Is every share of every seed the same on both sides, without both having reached all or nothing? */
  readonly identical: boolean;
}

/** Number of runs. */
function runsOf({ scores }: PairedSide): number {
  return scores[0]?.length ?? 0;
}

/** Are all shares the same, and not only because each is 0 or each is 1? One record is the same as itself, whatever its shares. */
function isIdentical(a: PairedSide, b: PairedSide, sameRecord: boolean): boolean {
  const first = a.scores[0]?.[0]?.[0];
  const ceiling = (first === 0 || first === 1) && a.scores.flat(2).every((share) => share === first);
  return (sameRecord || !ceiling) && JSON.stringify(a.scores) === JSON.stringify(b.scores);
}

/** Half the width of an A/A difference by sampling, of one run of each side. */
function noiseWidth(sides: readonly PairedSide[], samples: readonly number[], z: number): number | null {
  const suites = samples.length;
  let variance = 0;
  for (const { scores } of sides) {
    for (const [suite, matrix] of scores.entries()) {
      const floor = noiseFloor(matrix.slice(0, 1), samples[suite] ?? 1);
      if (floor === null) return null;
      variance += floor ** 2 / 2 / suites ** 2;
    }
  }
  return suites === 0 ? null : z * Math.sqrt(variance);
}

/** How seeds count, and where their spread comes from if a trained side has fewer than three. */
function seedModel(a: PairedSide, b: PairedSide, identical: boolean): [SeedModel, SeedWidth["from"] | null] {
  const trained = [a, b].filter(({ trained }) => trained).map(runsOf);
  if (identical) return ["fixed", null];
  if (trained.every((runs) => runs >= FEWEST_SEEDS)) return ["random", null];
  if (trained.every((runs) => runs < 2)) return ["random", "noise floor"];
  if (trained.length === 1) return ["random", "own"];
  return ["shared", trained.every((runs) => runs > 1) ? "pooled" : "other"];
}

/**
 * The evidence on the difference a − b of two methods. Problems are paired; seeds are not, and each side may have others
 * and another number of them. Where a trained side has fewer than three, its spread is estimated together with the other
 * side's, so that the interval is honest though the verdict will be that seeds are lacking.
 *
 * Why p is not a permutation of seeds: three seeds against three can be arranged in 20 ways, so that such a p-value is
 * never below 10 %.
 *
 * @param a The side that is judged.
 * @param b The side that it is compared with: the same suites, problems in the same order.
 * @throws {RangeError} If suites or problems do not match, or a setting is outside its range.
 */
export function pairedEvidence(a: PairedSide, b: PairedSide, settings: PairedSettings = {}): PairedEvidence {
  const { confidence = 0.95, margin = 0.03, power = 0.8, resamples = 2000, draws = 9999 } = settings;
  const identical = isIdentical(a, b, settings.sameRecord ?? false);
  const [seeds, from] = seedModel(a, b, identical);
  const difference = bootstrapDifference(a.scores, b.scores, { confidence, resamples, seeds });
  const components = varianceComponents(a.scores, b.scores, seeds);
  // A problem's share in the mean over suites depends on the size of its suite.
  const differences = components.problems.flatMap(({ values }) =>
    Array.from(values, (value) => value / values.length)
  );
  const problems = differences.length, varies = difference.method === "bootstrap";
  const { p } = pairedPermutation(differences, draws);
  const student = 2 *
    studentCumulative(-Math.abs(difference.value) / difference.standardError, difference.degreesOfFreedom);
  const unseen = Math.abs(difference.value) + wilsonInterval(0, problems, confidence).high;
  const trained = [a, b].filter(({ trained }) => trained);
  const overSeeds = trained.length > 0 && !identical && from !== "noise floor";
  const overProblems = components.problems.every(({ values }) => values.length > 1);
  const own = components.seeds.reduce((sum, { variance }) => sum + variance, 0);
  const half = from === "noise floor"
    ? noiseWidth([a, b], settings.samples ?? [], normalQuantile((1 + confidence) / 2))
    : (difference.high - difference.low) / 2;
  return {
    problems,
    difference,
    covers: overSeeds ? overProblems ? "problems and seeds" : "seeds only" : "problems only",
    p: Math.min(1, Math.max(p, student)),
    equivalence: varies ? equivalenceTest(difference, margin) : unseen <= margin ? 0 : 1,
    detectable: varies ? minimumDetectableEffect(difference, { confidence, power }) : null,
    seeds: [runsOf(a), runsOf(b)],
    fewSeeds: trained.some((side) => runsOf(side) < FEWEST_SEEDS),
    lacking: 2 * own > difference.standardError ** 2 ? "seeds" : "problems",
    seedWidth: from === null || half === null ? null : { half, from },
    identical,
  };
}
