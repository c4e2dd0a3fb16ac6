/**
 * What a difference is called. The one rule for every table, page and sentence.
 *
 * @module
 */

import type { PairedEvidence } from "./paired.ts";

/** With fewer problems the permutation test can never reach 5 %: its smallest p-value is 2 / 2^n. */
const FEWEST_PROBLEMS = 6;

/**
 * What a difference means; the first of these that holds, at the level 1 − confidence:
 *
 * - `identical`: every count of every seed is the same on both sides, and it is no ceiling or floor that both reached.
 * - `inconclusive (too few seeds)`: a trained side has fewer than three training runs. What their spread is cannot be
 *   told, whatever the number of problems: of equal methods, one run against five looks different in every fifth pair.
 * - `inconclusive (too few problems)`: fewer than six problems, with which the permutation test can never reach 5 %.
 * - `better`, `worse`: the interval excludes 0, and the p-value, corrected for several suites, is at most the level.
 * - `tied within noise`: shown to be smaller than the margin: the two one-sided tests reject at the level, which is to say
 *   that the interval of coverage 1 − 2 · level lies inside ±margin. Where nothing varies, Wilson's upper bound for the
 *   share of problems that may differ, added to the difference, has to be at most the margin.
 * - `inconclusive (too few …)`: none of these. The evaluation is too small to say, and seeds are lacking where they make up
 *   more than half of the variance, else problems.
 */
export type Verdict =
  | "identical"
  | "better"
  | "worse"
  | "tied within noise"
  | "inconclusive (too few seeds)"
  | "inconclusive (too few problems)";

/**
 * Says in a word what a difference means; the rules stand at {@linkcode Verdict}.
 *
 * @param evidence The numbers of the pair.
 * @param confidence Coverage of its interval.
 * @param p The p-value, corrected where several suites are tested; default the evidence's own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairedEvidence } from "./paired.ts";
 * import { verdictOf } from "./verdict.ts";
 *
 * const run = (solved: number) => Array.from({ length: 60 }, (_, i) => i % 10 < solved ? 1 : 0);
 * const three = { scores: [[run(8), run(8), run(8)]], trained: true };
 * const base = { scores: [[run(2)]], trained: false };
 * assertEquals(verdictOf(pairedEvidence(three, base)), "better");
 * const one = { scores: [[run(8)]], trained: true };
 * assertEquals(verdictOf(pairedEvidence(one, base)), "inconclusive (too few seeds)");
 * ```
 */
export function verdictOf(evidence: PairedEvidence, confidence = 0.95, p = evidence.p): Verdict {
  const { identical, fewSeeds, problems, difference, equivalence, lacking } = evidence;
  const level = 1 - confidence + 1e-12; // 1 − 0.95 is a little more than 0.05, 1 − 0.9 a little less than 0.1
  if (identical) return "identical";
  if (fewSeeds) return "inconclusive (too few seeds)";
  if (problems < FEWEST_PROBLEMS) return "inconclusive (too few problems)";
  if (p <= level && difference.low > 0) return "better";
  if (p <= level && difference.high < 0) return "worse";
  return equivalence <= level ? "tied within noise" : `inconclusive (too few ${lacking})`;
}
