/**
 * A verdict with what its evaluation could have seen.
 *
 * @module
 */

import type { Verdict } from "../../stats/mod.ts";
import { percent } from "./grid.ts";

/** Verdicts that say what was not seen, and so need to say what would have been. */
const OPEN: ReadonlySet<string> = new Set<Verdict>([
  "tied within noise",
  "inconclusive (too few seeds)",
  "inconclusive (too few problems)",
]);

/**
 * A verdict, and for a tie or an inconclusive one the smallest true difference that would have been found, in points.
 *
 * @param detectable That difference as a share; null where nothing varies.
 */
export function verdictParts(verdict: string, detectable: number | null): string[] {
  return [
    verdict,
    ...(OPEN.has(verdict) && detectable !== null ? [`(detectable: ${percent(detectable)})`] : []),
  ];
}

/**
 * The parts of a verdict in one text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { verdictWords } from "./verdict_words.ts";
 *
 * assertEquals(verdictWords("tied within noise", 0.0193), "tied within noise (detectable: 1.9)");
 * assertEquals(verdictWords("better", 0.0193), "better");
 * ```
 */
export function verdictWords(verdict: string, detectable: number | null): string {
  return verdictParts(verdict, detectable).join(" ");
}
