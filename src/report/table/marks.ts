/**
 * Verdicts in one character.
 *
 * @module
 */

import type { Verdict } from "../../stats/mod.ts";

/** What a pair is called: the {@linkcode Verdict} on its difference, or that it was refused, for which the note says why. */
export type PairVerdict = Verdict | "not comparable";

/** One character a verdict, after `asv compare`. */
export const verdictMarks: Readonly<Record<PairVerdict, string>> = {
  better: "+",
  worse: "-",
  "tied within noise": "=",
  identical: "≡",
  "inconclusive (too few seeds)": "?",
  "inconclusive (too few problems)": "?",
  "not comparable": "x",
};
