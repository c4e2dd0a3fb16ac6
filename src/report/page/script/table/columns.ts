/**
 * The columns of the method table: how a row is sorted and shown.
 *
 * @module
 */

import type { LeaderboardResult, LeaderboardRow, LeaderboardScore } from "../../../leaderboard/mod.ts";
import { niceTicks, percent } from "../../shared/mod.ts";
import { intervalBar, intervalScale, type Scale } from "../chart/mod.ts";
import { el } from "../dom.ts";
import { state } from "../state.ts";

/** Widths of the interval bars, in pixels. */
const MEAN_WIDTH = 220, SUITE_WIDTH = 150;

/** A heading that sorts. */
export interface Heading {
  /** What the column is called in the choice of the order. */
  readonly id: string;
  /** What stands over it. */
  readonly title: string;
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

/** A suite's column, or that of the mean. */
function scoreColumn(
  heading: Pick<Heading, "id" | "title">,
  scale: Scale,
  width: number,
  of: (row: LeaderboardRow) => LeaderboardScore | undefined,
): Column {
  return {
    ...heading,
    scale: intervalScale(scale, width),
    sort: (row) => of(row)?.[state.metric].value ?? -1,
    cell: (row) => {
      const shown = of(row)?.[state.metric];
      if (!shown) return el("td", { class: "score" }, "–");
      const kind = row.method === "bupo" ? "focus" : row.method === "base" ? "base" : "";
      return el(
        "td",
        { class: heading.id === "mean" ? "score mean" : "score" },
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
    cell: (row) => el("td", { class: "plain" }, format(row[id])),
  };
}

/** One scale for all intervals that are shown. */
function commonScale(rows: readonly LeaderboardRow[]): Scale {
  const shown = rows.flatMap((row) => [row.mean, ...Object.values(row.suites)]).map((score) =>
    score[state.metric]
  );
  const ticks = niceTicks(
    Math.min(...shown.map(({ low }) => low)),
    Math.max(...shown.map(({ high }) => high)),
    6,
  );
  return { min: ticks[0], max: ticks.at(-1) ?? ticks[0], marks: ticks };
}

/** The columns that some results and their rows need. */
export function columnsOf(
  results: readonly LeaderboardResult[],
  rows: readonly LeaderboardRow[],
): Column[] {
  const suites = [...new Set(results.flatMap((result) => result.suites.map(({ name }) => name)))];
  const scale = commonScale(rows), share = (value: number): string => `${percent(value)} %`;
  const title = suites.length > 1 ? "Mean of the suites" : "Mean";
  return [
    scoreColumn({ id: "mean", title }, scale, MEAN_WIDTH, (row) => row.mean),
    ...(suites.length > 1 ? suites : []).map((suite) =>
      scoreColumn({ id: `suite ${suite}`, title: suite }, scale, SUITE_WIDTH, (row) => row.suites[suite])
    ),
    plainColumn("tokens", "Tokens", (value) => value.toFixed(1)),
    plainColumn("truncated", "Cut off", share),
    plainColumn("unparsed", "No answer", share),
  ];
}
