/**
 * The table of differences: every pair of methods of a result, with its interval against zero.
 *
 * @module
 */

import type { PairVerdict } from "../../../compare/mod.ts";
import type { LeaderboardPair, LeaderboardResult } from "../../../leaderboard/mod.ts";
import { niceTicks, percent, points } from "../../shared/mod.ts";
import { intervalBar, intervalScale, type Scale } from "../chart/mod.ts";
import { board, labelOf } from "../data.ts";
import { button, type Child, el } from "../dom.ts";
import { openFlips } from "./flips.ts";
import { section } from "./section.ts";

/** Width of the interval bars, in pixels. */
const WIDTH = 180;

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
function verdictChip(verdict: PairVerdict): HTMLElement {
  const [mark, kind] = verdicts[verdict];
  return el("span", { class: `verdict ${kind}` }, el("span", { "aria-hidden": "true" }, mark), ` ${verdict}`);
}

/** The problems that a pair's methods do not both solve. */
function flipsCell(pair: LeaderboardPair): HTMLElement {
  const { suite, fixed, broken, candidate, baseline } = pair;
  if (suite === null) return el("td", { class: "plain" }, "");
  if (fixed.length + broken.length === 0) return el("td", { class: "plain" }, "none");
  const counts = `${fixed.length} fixed, ${broken.length} broken`;
  const label = `Transcripts: ${labelOf(candidate)} against ${labelOf(baseline)} on ${suite}, ${counts}`;
  return el(
    "td",
    { class: "plain" },
    button(counts, () => void openFlips({ ...pair, suite }), { class: "link", "aria-label": label }),
  );
}

/** A pair's row; the first of its methods' rows has their heading. */
function pairRow(pair: LeaderboardPair, heading: Child, scale: Scale): HTMLElement {
  const { suite, verdict, difference, p, detectable } = pair;
  return el(
    "tr",
    { class: suite === null ? "over" : null },
    heading,
    el("td", { class: "text" }, suite ?? "mean of all"),
    el("td", { class: "text" }, verdictChip(verdict)),
    el(
      "td",
      { class: "score" },
      el("span", { class: "number" }, points(difference.value)),
      el("span", { class: "range" }, `[${points(difference.low)}, ${points(difference.high)}]`),
    ),
    el("td", {}, intervalBar(difference, scale, WIDTH)),
    el("td", { class: "plain" }, p < 0.001 ? "< 0.001" : p.toFixed(3)),
    el("td", { class: "plain" }, detectable === null ? "–" : percent(detectable)),
    flipsCell(pair),
  );
}

/** One scale for the differences of all pairs, with zero in the middle. */
function scaleOf(pairs: readonly LeaderboardPair[]): Scale {
  const { margin } = board.settings;
  const reach = Math.max(
    margin,
    ...pairs.flatMap(({ difference }) => [Math.abs(difference.low), Math.abs(difference.high)]),
  );
  const edge = niceTicks(0, reach, 3).at(-1) ?? reach;
  return { min: -edge, max: edge, marks: [-edge, -edge / 2, 0, edge / 2, edge], band: [-margin, margin] };
}

/** The table. */
function pairTable(pairs: readonly LeaderboardPair[]): HTMLElement {
  const scale = scaleOf(pairs);
  const titles: Child[] = ["Pair", "Suite", "Verdict", "Δ, points"];
  titles.push(["Interval", intervalScale(scale, WIDTH)], "p", "Detectable", "Problems");
  const groups = Map.groupBy(pairs, ({ candidate, baseline }) => JSON.stringify([candidate, baseline]));
  const heading = ({ candidate, baseline }: LeaderboardPair, rowspan: number): HTMLElement =>
    el("th", { scope: "rowgroup", rowspan }, `${labelOf(candidate)} − ${labelOf(baseline)}`);
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of differences" },
    el(
      "table",
      { class: "pairs" },
      el("caption", { class: "hidden" }, "Differences of avg@k in percentage points"),
      el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
      [...groups.values()].toReversed().map((group) =>
        el(
          "tbody",
          {},
          group.map((pair, i) => pairRow(pair, i === 0 ? heading(pair, group.length) : null, scale)),
        )
      ),
    ),
  );
}

/** Every pair of methods of a result. */
export function differences(result: LeaderboardResult): HTMLElement | null {
  const pairs = board.pairs.filter((pair) => pair.result === result.name);
  const { confidence, margin, power } = board.settings;
  return section(
    "differences",
    "Differences",
    `Paired by problem; ${
      100 * confidence
    } % intervals over problems and seeds, p after Holm’s correction over suites. Shaded: ±${
      percent(margin)
    } points count as none. Detectable: the smallest true difference that this evaluation finds in ${
      100 * power
    } % of cases. Fixed and broken: problems of which the first method alone, or the second alone, solves the majority of samples.`,
    pairs.length === 0 ? null : pairTable(pairs),
  );
}
