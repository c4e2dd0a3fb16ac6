/**
 * A line chart as a figure: title, drawing, and the data as a table.
 *
 * @module
 */

import { dataTable, el, svg } from "../dom.ts";
import { namesFit } from "./axes.ts";
import type { LineChart } from "./chart.ts";
import { drawing } from "./drawing.ts";

/** The rows of the table: one an x, with value and band of every curve. */
function rowsOf({ series, xTicks, format }: LineChart): string[][] {
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return places.map((place) => {
    const tick = xTicks?.find(({ x }) => x === place);
    return [
      tick?.name ?? tick?.text ?? String(place),
      ...series.map(({ points, raw = points }) => {
        const point = raw.find(({ x }) => x === place);
        return point ? `${format(point.value)} [${format(point.low)}, ${format(point.high)}]` : "";
      }),
    ];
  });
}

/** The names of the curves with the numbers at their ends, by kind where there are several. */
function legend(series: LineChart["series"]): HTMLElement {
  const kinds = Map.groupBy(series.keys(), (i) => series[i]?.family ?? "");
  return el(
    "ul",
    { class: "legend" },
    [...kinds].map(([family, own]) => [
      kinds.size > 1 ? el("li", { class: "family" }, family) : null,
      own.map((i) =>
        el(
          "li",
          {},
          el("b", {}, String(i + 1)),
          svg(
            "svg",
            { viewBox: "0 0 24 10", width: 24, height: 10, "aria-hidden": "true" },
            svg("path", { class: `${series[i]?.kind} line`, d: "M1 5H23" }),
          ),
          series[i]?.label ?? "",
        )
      ),
    ]),
  );
}

/** The figure. */
export function lineChart(chart: LineChart): HTMLElement {
  const { title, note, xLabel, series } = chart;
  return el(
    "figure",
    {},
    el("figcaption", {}, el("b", {}, title), el("span", {}, note)),
    namesFit(series) ? null : legend(series),
    drawing(chart),
    el(
      "details",
      { class: "numbers" },
      el("summary", {}, "Numbers", el("span", { class: "hidden" }, ` of ${title}`)),
      el(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of ${title}` },
        dataTable(title, [xLabel, ...series.map(({ label }) => label)], rowsOf(chart)),
      ),
    ),
  );
}
