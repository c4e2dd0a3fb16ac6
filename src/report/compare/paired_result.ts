/**
 * The numbers of a paired comparison, and the word for them.
 *
 * @module
 */

import {
  bootstrapDifference,
  equivalenceTest,
  mcnemarExact,
  minimumDetectableEffect,
  pairedPermutation,
  type Scores,
  varianceComponents,
  wilsonInterval,
} from "../../stats/mod.ts";
import type { ComparisonSettings, Flips, PairedResult, PairVerdict } from "./comparison.ts";

/** With fewer problems the permutation test can never reach 5 %: its smallest p-value is 2 / 2^n. */
const FEWEST_PROBLEMS = 6;

/** A suite on which a contest takes place: shares of correct samples, `[seed][problem]`, on the same problems. */
export interface Round {
  readonly suite: string;
  readonly ids: readonly string[];
  readonly samples: number;
  readonly candidate: Scores;
  readonly baseline: Scores;
  readonly note: string | null;
  /** Is every count the same on both sides: the same runs, not other draws of seeds? */
  readonly repeated: boolean;
}

/** The mean of each problem over the seeds. */
function problemMeans(scores: Scores): Float64Array {
  return varianceComponents([scores]).problems[0]?.values ?? new Float64Array();
}

/** McNemar's p-value where each side has a single answer to each problem. */
function mcnemar({ candidate, baseline, samples }: Round): number | null {
  const [a, ...more] = candidate, [b, ...others] = baseline;
  if (samples !== 1 || !a || !b || more.length > 0 || others.length > 0) return null;
  const only = (x: readonly number[], y: readonly number[]): number =>
    x.filter((score, i) => score === 1 && y[i] === 0).length;
  return mcnemarExact(only(a, b), only(b, a));
}

/** The numbers of a contest over one or more suites, before the correction for many suites. */
export function resultOf(rounds: readonly Round[], settings: ComparisonSettings): PairedResult {
  const a = rounds.map(({ candidate }) => candidate), b = rounds.map(({ baseline }) => baseline);
  // Of the same runs once more there is no other draw of seeds that could have come out.
  const seeds = rounds.every(({ repeated }) => repeated) ? "fixed" : "random";
  const estimate = bootstrapDifference(a, b, { ...settings, seeds });
  // A problem's share in the mean over suites depends on the size of its suite.
  const differences = varianceComponents(a, b).problems.flatMap(({ values }) =>
    Array.from(values, (value) => value / values.length)
  );
  const { p } = pairedPermutation(differences, settings.draws);
  const problems = differences.length, { margin, confidence } = settings;
  const unseen = Math.abs(estimate.value) + wilsonInterval(0, problems, confidence).high;
  const [round] = rounds;
  return {
    problems,
    difference: { value: estimate.value, low: estimate.low, high: estimate.high },
    p,
    adjusted: p,
    mcnemar: round && rounds.length === 1 ? mcnemar(round) : null,
    equivalence: estimate.standardError > 0 ? equivalenceTest(estimate, margin) : unseen <= margin ? 0 : 1,
    detectable: estimate.standardError > 0 ? minimumDetectableEffect(estimate, settings) : null,
  };
}

/** What the numbers mean; the rules stand at {@linkcode PairVerdict}. */
export function verdictOf(result: PairedResult, { confidence }: ComparisonSettings): PairVerdict {
  const { difference, problems, adjusted, equivalence } = result;
  const level = 1 - confidence + 1e-12; // 1 − 0.95 is a little more than 0.05, 1 − 0.9 a little less than 0.1
  if (problems < FEWEST_PROBLEMS) return "inconclusive (too few)";
  if (adjusted <= level && difference.low > 0) return "better";
  if (adjusted <= level && difference.high < 0) return "worse";
  return equivalence <= level ? "tied within noise" : "inconclusive (too few)";
}

/** Problems that more than half of all samples solve on one side only. */
export function flipsOf({ ids, candidate, baseline }: Round): Flips {
  const a = problemMeans(candidate), b = problemMeans(baseline);
  const solved = (means: Float64Array, i: number): boolean => (means[i] ?? 0) > 0.5 + 1e-12;
  return {
    fixed: ids.filter((_, i) => solved(a, i) && !solved(b, i)),
    broken: ids.filter((_, i) => !solved(a, i) && solved(b, i)),
  };
}
