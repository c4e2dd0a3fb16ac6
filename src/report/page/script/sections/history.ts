/**
 * The history: avg@k over commits, of every profile with more than one result of the same settings.
 *
 * @module
 */

import type { HistoryPoint } from "../../../leaderboard/mod.ts";
import { inFamilies, listed, methodStyles, MOST_DRAWN } from "../../shared/mod.ts";
import { lineChart } from "../chart/mod.ts";
import { figures, styleClass } from "../data.ts";
import { sharePercent } from "./curves.ts";
import { gallery, notCovered, section } from "./section.ts";

/** The most commits that are written under an axis. */
const MOST_NAMED = 4;

/** A line of history; `results` has one point of each result. */
function historyChart(all: readonly HistoryPoint[], results: readonly HistoryPoint[]): HTMLElement {
  const stride = Math.ceil(results.length / MOST_NAMED);
  const [first] = results, methods = all.map(({ method }) => method);
  const styles = methodStyles(methods), drawn = new Set(inFamilies(methods).slice(0, MOST_DRAWN));
  return lineChart({
    title: first?.title ?? "",
    note: `avg@k in %, mean over the suites, grader ${first?.grader ?? ""}`,
    xLabel: "results in the order of their commits, evenly spaced",
    series: [...Map.groupBy(all, ({ method }) => method)].filter(([method]) => drawn.has(method)).map((
      [method, own],
    ) => ({
      label: own[0]?.label ?? method,
      kind: styleClass(styles.get(method)),
      points: own.map((point) => ({
        ...point,
        x: results.findIndex(({ record }) => record === point.record),
      })),
    })),
    xTicks: results.map((result, x) => ({
      x,
      text: x % stride === 0 ? result.commit.slice(0, 7) : "",
      name: result.commit,
    })),
    format: sharePercent,
  });
}

/** avg@k over commits. */
export function historySection(): HTMLElement | null {
  const lines = [...Map.groupBy(figures.history, ({ series }) => series).values()].map((all) => {
    const results = [...Map.groupBy(all, ({ record }) => record).values()].flatMap((one) => one.slice(0, 1));
    return { all, results };
  }).filter(({ results }) => results.length > 1);
  const gaps = figures.historyGaps.length === 0
    ? ""
    : ` Of ${listed(figures.historyGaps)}, older results in git are not known, or not all of them.`;
  return section(
    "history",
    "History",
    [
      `Results of the same settings, base model, suites and grader, at several commits; runs that only repeat the numbers of an earlier one are left out. The publisher verified the signature of every point.${gaps} `,
      notCovered(),
    ],
    gallery(lines.map(({ all, results }) => historyChart(all, results))),
  );
}
