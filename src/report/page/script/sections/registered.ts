/**
 * The registered plan of a result: what it asked before it was run, and what came out.
 *
 * @module
 */

import type { LeaderboardResult, RegisteredOutcome } from "../../../leaderboard/mod.ts";
import { percent, points } from "../../shared/mod.ts";
import { intervalBar, intervalScale, type Scale } from "../chart/mod.ts";
import { labelOf } from "../data.ts";
import { type Child, el, scrolled, withRoles } from "../dom.ts";
import { section } from "./section.ts";
import { scaleOf, verdictChip } from "./verdict.ts";

/** Width of the interval bars, in pixels. */
const WIDTH = 180;

/** What was planted, and whether it came out. */
function plantedCell({ planted, asPlanted }: RegisteredOutcome): HTMLElement {
  const label = { class: "plain", "data-label": "Planted" };
  if (planted === undefined) return el("td", label, "– (the question)");
  const found = asPlanted ? "as planted" : "NOT as planted";
  return el("td", label, `${planted}: `, asPlanted ? found : el("strong", {}, found));
}

/** A comparison that the plan names. */
function pairRow(pair: RegisteredOutcome, result: LeaderboardResult, scale: Scale): HTMLElement {
  const { method, against, verdict, difference, detectable } = pair;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, `${labelOf(method, result.name)} − ${labelOf(against, result.name)}`),
    el("td", { class: "text" }, verdict === null ? "not run" : verdictChip(verdict)),
    difference === null ? el("td", { class: "score" }, "–") : el(
      "td",
      { class: "score" },
      el("span", { class: "number" }, points(difference.value)),
      el("span", { class: "range" }, `[${points(difference.low)}, ${points(difference.high)}]`),
    ),
    el("td", { class: "interval-cell" }, difference && intervalBar(difference, scale, WIDTH)),
    el("td", { class: "plain", "data-label": "Detectable" }, detectable === null ? "–" : percent(detectable)),
    plantedCell(pair),
  );
}

/** What the profile said before the run, and what came out; nothing where it said nothing. */
export function registeredSection(result: LeaderboardResult): HTMLElement | null {
  const { registered } = result;
  if (!registered) return null;
  const { metric, samples, suites, seeds, smallestEffect, pairs, deviations } = registered;
  const scale = scaleOf(pairs.flatMap(({ difference }) => difference ?? []), smallestEffect / 100);
  const titles: Child[] = ["Pair", "Verdict", "Δ, points"];
  titles.push(["Interval", intervalScale(scale, WIDTH)], "Detectable", "Planted");
  return section(
    "registered",
    "Registered before the run",
    `${metric}@${samples} over ${suites.join(" and ")}, ${seeds} seed${
      seeds === 1 ? "" : "s"
    } a method; tied where shown to be within ±${smallestEffect} points (shaded). p-values of the pairs in question are corrected for their number. ${
      deviations.length === 0
        ? "The result is what the plan says."
        : `It deviates from the plan: ${deviations.join("; ")}.`
    }`,
    scrolled(
      "Table of registered comparisons",
      withRoles(el(
        "table",
        { class: "pairs registered" },
        el("caption", { class: "hidden" }, "Registered comparisons in percentage points"),
        el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
        el("tbody", {}, pairs.map((pair) => pairRow(pair, result, scale))),
      )),
    ),
  );
}
