/**
 * The columns of the method table: how a row is sorted and shown.
 *
 * @module
 */

import type { LeaderboardResult, LeaderboardRow, LeaderboardScore } from "../../../leaderboard/mod.ts";
import { counted, niceTicks, percent } from "../../shared/mod.ts";
import { intervalBar, intervalScale, type Scale } from "../chart/mod.ts";
import { board } from "../data.ts";
import { el } from "../dom.ts";
import { state } from "../state.ts";

/** Widths of the interval bars, in pixels. */
const MEAN_WIDTH = 190, SUITE_WIDTH = 96;

/** With more suites a result's table has room for its scores only. */
const MOST_SUITES = 4;

/** A heading that sorts. */
export interface Heading {
  /** What the column is called in the choice of the order. */
  readonly id: string;
  /** What stands over it. */
  readonly title: string;
  /** What stands below the title. */
  readonly notes?: readonly string[];
  /** The scale of its bars. */
  readonly scale?: SVGElement;
  /** Whether it has numbers only. */
  readonly plain?: boolean;
}

/** A column. */
export interface Column extends Heading {
  /** By what rows are sorted. */
  readonly sort: (row: LeaderboardRow) => number;
  /** The cell of a row. */
  readonly cell: (row: LeaderboardRow) => HTMLElement;
}

/** Whether a group of columns is shown: as chosen, else where there is room for it. */
export function isShown(group: string): boolean {
  const most = Math.max(0, ...board.results.map(({ suites }) => suites.length));
  return state.columns.get(group) ?? (group !== "completions" || most <= MOST_SUITES);
}

/** A scale on which all intervals of a column have room. */
function scaleOf(scores: readonly (LeaderboardScore | undefined)[]): Scale {
  const shown = scores.flatMap((score) => score ? [score[state.metric]] : []);
  const ticks = niceTicks(
    Math.min(...shown.map(({ low }) => low)),
    Math.max(...shown.map(({ high }) => high)),
    4,
  );
  return { min: ticks[0], max: ticks.at(-1) ?? ticks[0], marks: ticks };
}

/** A suite's column, or that of the mean; its scale fits its own numbers. */
function scoreColumn(
  heading: Pick<Heading, "id" | "title" | "notes">,
  rows: readonly LeaderboardRow[],
  width: number,
  of: (row: LeaderboardRow) => LeaderboardScore | undefined,
): Column {
  const scale = scaleOf(rows.map(of));
  return {
    ...heading,
    scale: intervalScale(scale, width),
    sort: (row) => of(row)?.[state.metric].value ?? -1,
    cell: (row) => {
      const shown = of(row)?.[state.metric], label = heading.title;
      if (!shown) return el("td", { class: "score", "data-label": label }, "–");
      const kind = row.method === "bupo" ? "focus" : row.method === "base" ? "base" : "";
      return el(
        "td",
        { class: heading.id === "mean" ? "score mean" : "score", "data-label": label },
        el("span", { class: "number" }, percent(shown.value)),
        el("span", { class: "range" }, `[${percent(shown.low)}, ${percent(shown.high)}]`),
        intervalBar(shown, scale, width, kind),
      );
    },
  };
}

/** A column of a number without an interval. */
function plainColumn(
  id: "tokens" | "truncated" | "unparsed",
  title: string,
  format: (value: number) => string,
): Column {
  return {
    id,
    title,
    plain: true,
    sort: (row) => row[id],
    cell: (row) => el("td", { class: "plain", "data-label": title }, format(row[id])),
  };
}

/** Number of problems and k of a suite in some results. */
function suiteNotes(results: readonly LeaderboardResult[], suite: string): string[] {
  const used = results.flatMap(({ suites }) => suites.filter(({ name }) => name === suite));
  const problems = new Set(used.map(({ problems }) => problems)),
    ks = new Set(used.map(({ samples }) => samples));
  const [count = 0] = problems;
  return [
    problems.size === 1 ? counted(count, "problem") : `${[...problems].join(" or ")} problems`,
    `k = ${[...ks].join(" or ")}`,
  ];
}

/** The columns that some results of the same suites and their rows need. */
export function columnsOf(
  results: readonly LeaderboardResult[],
  rows: readonly LeaderboardRow[],
): Column[] {
  const suites = results[0]?.suites.map(({ name }) => name) ?? [];
  const share = (value: number): string => `${percent(value)} %`;
  const [only] = suites, several = suites.length > 1;
  const notes = several || only === undefined ? [counted(suites.length, "suite")] : suiteNotes(results, only);
  return [
    scoreColumn(
      { id: "mean", title: several ? "Mean of the suites" : only ?? "Mean", notes },
      rows,
      MEAN_WIDTH,
      (row) => row.mean,
    ),
    ...(several ? suites : []).filter((suite) => isShown(`suite ${suite}`)).map((suite) =>
      scoreColumn(
        { id: `suite ${suite}`, title: suite, notes: suiteNotes(results, suite) },
        rows,
        SUITE_WIDTH,
        (row) => row.suites[suite],
      )
    ),
    ...(isShown("completions")
      ? [
        plainColumn("tokens", "Tokens", (value) => value.toFixed(1)),
        plainColumn("truncated", "Cut off", share),
        plainColumn("unparsed", "No answer", share),
      ]
      : []),
  ];
}
