/**
 * How a difference is shown wherever one is: its verdict, and the scale of its interval.
 *
 * @module
 */

import type { Ranged } from "../../../compare/mod.ts";
import type { PairVerdict } from "../../../table/mod.ts";
import { niceTicks } from "../../shared/mod.ts";
import type { Scale } from "../chart/mod.ts";
import { el } from "../dom.ts";

/** The mark and the class of a verdict. */
const verdicts: Readonly<Record<PairVerdict, readonly [mark: string, kind: string]>> = {
  better: ["▲", "better"],
  worse: ["▼", "worse"],
  "tied within noise": ["=", "tied"],
  identical: ["≡", "tied"],
  "inconclusive (too few seeds)": ["?", "inconclusive"],
  "inconclusive (too few problems)": ["?", "inconclusive"],
  "not comparable": ["×", "incomparable"],
};

/** A verdict with its mark. */
export function verdictChip(verdict: PairVerdict): HTMLElement {
  const [mark, kind] = verdicts[verdict];
  return el("span", { class: `verdict ${kind}` }, el("span", { "aria-hidden": "true" }, mark), ` ${verdict}`);
}

/**
 * One scale for differences, with zero in the middle.
 *
 * @param margin What counts as none, shaded.
 */
export function scaleOf(differences: readonly Ranged[], margin: number): Scale {
  const reach = Math.max(margin, ...differences.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const edge = niceTicks(0, reach, 3).at(-1) ?? reach;
  return { min: -edge, max: edge, marks: [-edge, -edge / 2, 0, edge / 2, edge], band: [-margin, margin] };
}
