/**
 * The history: avg@k over commits, of every profile with more than one result.
 *
 * @module
 */

import type { HistoryPoint } from "../../../leaderboard/mod.ts";
import { listed } from "../../shared/mod.ts";
import { lineChart } from "../chart/mod.ts";
import { figures, seriesClass } from "../data.ts";
import { sharePercent } from "./curves.ts";
import { gallery, section } from "./section.ts";

/** The most commits that are written under an axis. */
const MOST_NAMED = 5;

/** A line of history; `results` has one point of each result. */
function historyChart(
  series: string,
  all: readonly HistoryPoint[],
  results: readonly HistoryPoint[],
): HTMLElement {
  const stride = Math.ceil(results.length / MOST_NAMED);
  const hollow = (point: HistoryPoint): boolean => point.grader !== results.at(-1)?.grader;
  return lineChart({
    title: series,
    note: "avg@k in %, mean over the suites",
    xLabel: "commit, oldest first",
    series: [...Map.groupBy(all, ({ method }) => method)].map(([method, own]) => ({
      label: own[0]?.label ?? method,
      kind: seriesClass(method),
      points: own.map((point) => ({
        ...point,
        x: results.findIndex(({ record }) => record === point.record),
        hollow: hollow(point),
      })),
    })),
    xTicks: results.map((result, x) => ({
      x,
      text: x % stride === 0 ? result.commit.slice(0, 7) : "",
      name: `${result.commit}${hollow(result) ? `, grader ${result.grader}` : ""}`,
    })),
    format: sharePercent,
  });
}

/** avg@k over commits. */
export function historySection(): HTMLElement | null {
  const lines = [...Map.groupBy(figures.history, ({ series }) => series)].map(([series, all]) => {
    const results = [...Map.groupBy(all, ({ record }) => record).values()].flatMap((one) => one.slice(0, 1));
    return { series, all, results };
  }).filter(({ results }) => results.length > 1);
  const regraded = lines.some(({ results }) => new Set(results.map(({ grader }) => grader)).size > 1);
  const notes = [
    "The same profile and model at several commits, with intervals; every point is a result whose signature the publisher verified.",
    regraded ? "Hollow: graded by another version of the grader than the newest." : "",
    figures.historyGaps.length === 0
      ? ""
      : `Of ${listed(figures.historyGaps)}, older results in git are not known, or not all of them.`,
  ];
  return section(
    "history",
    "History",
    notes.filter((note) => note !== "").join(" "),
    gallery(lines.map(({ series, all, results }) => historyChart(series, all, results))),
  );
}
