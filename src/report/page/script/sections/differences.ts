/**
 * The table of differences: every pair of methods of a result, with its interval against zero.
 *
 * @module
 */

import type { LeaderboardPair, LeaderboardResult } from "../../../leaderboard/mod.ts";
import { percent, points } from "../../shared/mod.ts";
import { intervalBar, intervalScale, type Scale } from "../chart/mod.ts";
import { choice, field } from "../controls.ts";
import { board, labelOf } from "../data.ts";
import { button, type Child, el, scrolled, withRoles } from "../dom.ts";
import { linkTo, nameThePlace } from "../link.ts";
import { openProblems } from "./dialog.ts";
import { section } from "./section.ts";
import { scaleOf, verdictChip } from "./verdict.ts";

/** Width of the interval bars, in pixels. */
const WIDTH = 180;

/** With more rows the table begins with the means over all suites. */
const MANY = 24;

/** The pair whose differences are shown, as `bupo,grpo`; empty for all. */
export const chosenPair = { value: "" };

/** What a pair is called in links and choices. */
function idOf({ candidate, baseline }: Pick<LeaderboardPair, "candidate" | "baseline">): string {
  return `${candidate},${baseline}`;
}

/** A pair as people write it. */
function titleOf(
  { result, candidate, baseline }: Pick<LeaderboardPair, "result" | "candidate" | "baseline">,
): string {
  return `${labelOf(candidate, result)} − ${labelOf(baseline, result)}`;
}

/** Opens the problems of which one method's majority is right and the other's is not. */
function openFlips(pair: LeaderboardPair, suite: string): void {
  const { result, candidate, baseline, fixed, broken } = pair;
  const better = labelOf(candidate, result), other = labelOf(baseline, result);
  const only = (method: string): string => `Only the majority of ${method}’s samples is right.`;
  void openProblems({
    result,
    title: `${suite}: ${better} against ${other}`,
    methods: [baseline, candidate],
    problems: [
      ...fixed.map((problem) => ({ suite, problem, said: `Fixed: ${only(better)}` })),
      ...broken.map((problem) => ({ suite, problem, said: `Broken: ${only(other)}` })),
    ],
    pair: idOf(pair),
  });
}

/** The problems that a pair's methods do not both solve. */
function flipsCell(pair: LeaderboardPair): HTMLElement {
  const { result, suite, fixed, broken, candidate, baseline } = pair;
  const label = { class: "plain", "data-label": "Problems" };
  if (suite === null) return el("td", label, "");
  if (fixed.length + broken.length === 0) return el("td", label, "none");
  const counts = `${fixed.length} fixed, ${broken.length} broken`;
  const title = `Completions: ${labelOf(candidate, result)} against ${
    labelOf(baseline, result)
  } on ${suite}, ${counts}`;
  return el(
    "td",
    label,
    button(counts, () => openFlips(pair, suite), { class: "link", "aria-label": title }),
  );
}

/** A pair's row; the first of its methods' rows has their heading. */
function pairRow(pair: LeaderboardPair, heading: Child, scale: Scale): HTMLElement {
  const { suite, verdict, note, difference, covers, p, detectable } = pair;
  return el(
    "tr",
    { class: suite === null ? "over" : null },
    heading,
    el("td", { class: "text suite" }, suite ?? "mean of all"),
    el(
      "td",
      { class: "text" },
      verdictChip(verdict),
      note === null ? null : el("span", { class: "under pair-note" }, note),
    ),
    el(
      "td",
      { class: "score" },
      el("span", { class: "number" }, points(difference.value)),
      el("span", { class: "range" }, `[${points(difference.low)}, ${points(difference.high)}]`),
      covers === "problems and seeds" ? null : el("span", { class: "under" }, covers),
    ),
    el("td", { class: "interval-cell" }, intervalBar(difference, scale, WIDTH)),
    el("td", { class: "plain", "data-label": "p" }, p < 0.001 ? "< 0.001" : p.toFixed(3)),
    el("td", { class: "plain", "data-label": "Detectable" }, detectable === null ? "–" : percent(detectable)),
    flipsCell(pair),
  );
}

/** The table. */
function pairTable(pairs: readonly LeaderboardPair[]): HTMLElement {
  const scale = scaleOf(pairs.map(({ difference }) => difference), board.settings.margin);
  const titles: Child[] = ["Pair", "Suite", "Verdict", "Δ, points"];
  titles.push(["Interval", intervalScale(scale, WIDTH)], "p", "Detectable", "Problems");
  const heading = (pair: LeaderboardPair, rowspan: number): HTMLElement =>
    el(
      "th",
      { scope: "rowgroup", rowspan },
      el("a", { class: "name", href: linkTo({ result: pair.result, pair: idOf(pair) }) }, titleOf(pair)),
    );
  return scrolled(
    "Table of differences",
    withRoles(el(
      "table",
      { class: "pairs" },
      el("caption", { class: "hidden" }, "Differences of avg@k in percentage points"),
      el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
      grouped(pairs).map((group) =>
        el(
          "tbody",
          {},
          group.map((pair, i) => pairRow(pair, i === 0 ? heading(pair, group.length) : null, scale)),
        )
      ),
    )),
  );
}

/** The pairs of one kind together, those with BuPO first: they are what the page is about. */
function grouped(pairs: readonly LeaderboardPair[]): LeaderboardPair[][] {
  const about = ([pair]: readonly LeaderboardPair[]): boolean =>
    pair?.candidate === "bupo" || pair?.baseline === "bupo";
  const groups = [...Map.groupBy(pairs, idOf).values()].toReversed();
  return [...groups.filter(about), ...groups.filter((group) => !about(group))];
}

/** The table with the choice of pair and suite. */
function filteredTable(result: LeaderboardResult, pairs: readonly LeaderboardPair[]): Child {
  const groups = grouped(pairs).flatMap((group) => group.slice(0, 1));
  if (!groups.some((pair) => idOf(pair) === chosenPair.value)) chosenPair.value = "";
  const slot = el("div");
  let suite = pairs.length > MANY && chosenPair.value === "" ? "mean" : "";
  const draw = (): void => {
    const shown = pairs.filter((pair) =>
      (chosenPair.value === "" || idOf(pair) === chosenPair.value) &&
      (suite === "" || (suite === "mean" ? pair.suite === null : pair.suite === suite.slice("suite ".length)))
    );
    slot.replaceChildren(pairTable(shown));
  };
  draw();
  if (groups.length < 2 && result.suites.length < 2) return slot;
  const pairChoice = choice(
    "pair",
    [["", "all pairs"], ...groups.map((pair) => [idOf(pair), titleOf(pair)] as const)],
    chosenPair.value,
    (value) => {
      chosenPair.value = value;
      nameThePlace({ result: result.name, pair: value === "" ? undefined : value });
      draw();
    },
  );
  const suiteChoice = choice(
    "pair-suite",
    [
      ["", "mean and suites"],
      ["mean", "mean of all"],
      ...result.suites.map(({ name }) => [`suite ${name}`, name] as const),
    ],
    suite,
    (value) => {
      suite = value;
      draw();
    },
  );
  return [el("div", { class: "toolbar" }, field("Pair", pairChoice), field("Suite", suiteChoice)), slot];
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
    }\u00a0% intervals over problems and seeds where nothing else is said, p after Holm’s correction over suites. Shaded: ±${
      percent(margin)
    } points count as none. Detectable: the smallest true difference that this evaluation finds in ${
      100 * power
    }\u00a0% of cases. Fixed and broken: problems of which the majority of samples is right with the first method only, or with the second only.`,
    pairs.length === 0 ? null : filteredTable(result, pairs),
  );
}
