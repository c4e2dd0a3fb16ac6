/**
 * The drawing of a line chart, as SVG.
 *
 * @module
 */

import { type Child, svg } from "../dom.ts";
import { type Axes, axesOf, BOTTOM, HEIGHT, LEFT, namesFit, NUMBER_COLUMN, TOP, WIDTH } from "./axes.ts";
import type { LineChart, Series } from "./chart.ts";

/** The least distance of two labels, from line to line. */
const LABEL_GAP = 13;

/** With more curves their bands would cover each other. */
const MOST_BANDS = 3;

/** A label and where it stands. */
interface Label {
  readonly text: string;
  readonly kind: string;
  readonly x: number;
  readonly y: number;
}

/** Labels below each other, so that they do not cover each other. */
function stacked(wanted: readonly Label[]): Label[] {
  const placed: Label[] = [];
  for (const label of wanted) {
    placed.push({ ...label, y: Math.max(label.y, (placed.at(-1)?.y ?? -Infinity) + LABEL_GAP) });
  }
  const over = Math.max(0, (placed.at(-1)?.y ?? 0) - (BOTTOM + 4));
  return placed.map((label) => ({ ...label, y: label.y - over }));
}

/** Names at the ends of curves, or their numbers in two columns. */
function endLabels(series: readonly Series[], { right, y }: Axes): Label[] {
  const named = namesFit(series);
  const wanted = series.flatMap(({ label, kind, points }, i) => {
    const end = points.at(-1);
    return end ? [{ text: named ? label : String(i + 1), kind, x: right + 7, y: y(end.value) + 4 }] : [];
  }).sort((a, b) => a.y - b.y);
  if (named) return stacked(wanted);
  return [0, 1].flatMap((column) =>
    stacked(wanted.filter((_, i) => i % 2 === column)).map((label) => ({
      ...label,
      x: label.x + column * NUMBER_COLUMN,
    }))
  );
}

/** The path through points. */
function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** The band of a curve. */
function band({ kind, points }: Series, { x, y }: Axes): SVGElement {
  const below = path(points.map((point) => [x(point.x), y(point.low)]));
  const above = path(points.toReversed().map((point) => [x(point.x), y(point.high)])).replace("M", "L");
  return svg("path", { class: `${kind} band`, d: `${below}${above}Z` });
}

/** A curve, with dots where it has few points. */
function curve({ kind, points, raw }: Series, { x, y }: Axes): Child {
  const place = (point: { readonly x: number; readonly value: number }): [number, number] => [
    x(point.x),
    y(point.value),
  ];
  return [
    raw && svg("path", { class: `${kind} raw`, d: path(raw.map(place)) }),
    svg("path", { class: `${kind} line`, d: path(points.map(place)) }),
    points.length > 12
      ? null
      : points.map((point) =>
        svg("circle", { class: `${kind} dot`, cx: x(point.x), cy: y(point.value), r: 2.4 })
      ),
  ];
}

/** The drawing of a chart. */
export function drawing(chart: LineChart): SVGElement {
  const { title, xLabel, series, format, shaded } = chart, axes = axesOf(chart), { x, y, right } = axes;
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title}. The data is in the table below.`,
    },
    shaded && [
      svg("rect", { class: "phase", x: LEFT, y: TOP, width: x(shaded.until) - LEFT, height: BOTTOM - TOP }),
      svg("text", { class: "tick", x: LEFT + 4, y: TOP + 11 }, shaded.text),
    ],
    axes.yTicks.map((tick) => [
      svg("line", { class: "grid", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, format(tick)),
    ]),
    axes.xTicks.map((tick) =>
      svg("text", { class: "tick", x: x(tick.x), y: BOTTOM + 15, "text-anchor": "middle" }, tick.text)
    ),
    svg(
      "text",
      { class: "tick", x: (LEFT + right) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
      xLabel,
    ),
    series.length > MOST_BANDS ? null : series.map((one) => band(one, axes)),
    series.map((one) => curve(one, axes)),
    endLabels(series, axes).map(({ text, kind, x: along, y: at }) =>
      svg("text", { class: `${kind} label`, x: along, y: at }, text)
    ),
  );
}
