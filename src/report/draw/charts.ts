/**
 * Lines and bars over layers or training steps, with intervals.
 *
 * @module
 */

import { axes, PLOT, pointer, type Scales, scalesOf } from "./axes.ts";
import { type Axis, layerAxis, type Place, ranged, short } from "./written.ts";
import { element, label, type Panel, tip } from "./svg.ts";

/** A line, or a row of bars. */
export interface Series {
  /** Its colour and mark: `s0` to `s7`. */
  readonly kind: string;
  /** What it is called. */
  readonly name: string;
  /** Its values. */
  readonly points: readonly Place[];
}

/** A place that is pointed out. */
export interface Pointed {
  /** Where. */
  readonly at: number;
  /** What stands there. */
  readonly name: string;
}

/** What a chart shows. */
export interface Chart {
  /** Above it. */
  readonly title: string;
  /** The unit of the values. */
  readonly unit: string;
  /** The lines or bars. */
  readonly series: readonly Series[];
  /** Whether the names of the series stand in the chart; default yes. */
  readonly legend?: boolean;
  /** What its places are; default layers. */
  readonly axis?: Axis;
  /** A place that is pointed out. */
  readonly pointed?: Pointed;
  /** Values that are seen whatever the data, such as 0. */
  readonly include?: readonly number[];
  /** What no value can be below: intervals that reach there are cut. */
  readonly least?: number;
  /** A dashed line at a value, with its name. */
  readonly mark?: { readonly value: number; readonly name: string };
}

/** Marks in three forms, so that lines are told apart without colour. */
const marks: readonly ((x: number, y: number) => string)[] = [
  (cx, cy) => element("circle", { class: "mark", cx, cy, r: 3 }),
  (x, y) => element("rect", { class: "mark", x: x - 2.8, y: y - 2.8, width: 5.6, height: 5.6 }),
  (x, y) => element("path", { class: "mark", d: `M${x.toFixed(2)} ${(y - 3.8).toFixed(2)}l3.6 6.4h-7.2z` }),
];

/** The mark of a kind. */
function markOf(kind: string): (x: number, y: number) => string {
  return marks[Number(kind.slice(1)) % marks.length] ?? ((cx, cy) => element("circle", { cx, cy, r: 3 }));
}

/** The names of all series in a row; several rows where there are many. */
function legend(series: readonly Series[]): string {
  if (series.length < 2) return "";
  let x = PLOT.left;
  return series.map(({ kind, name }) => {
    const at = x;
    x += 34 + 7.2 * name.length;
    return element(
      "g",
      { class: `series ${kind}` },
      element("line", { class: "line", x1: at, x2: at + 14, y1: 31, y2: 31 }),
      markOf(kind)(at + 7, 31),
      label("legend", at + 19, 35, name),
    );
  }).join("");
}

/** The names of series below each other, for charts that have no room for them. */
export function legendPanel(title: string, series: readonly Pick<Series, "kind" | "name">[]): Panel {
  const rows = series.map(({ kind, name }, row) => {
    const y = 40 + 22 * row;
    return element(
      "g",
      { class: `series ${kind}` },
      element("line", { class: "line", x1: 4, x2: 40, y1: y, y2: y }),
      markOf(kind)(22, y),
      label("legend", 50, y + 4, name),
    );
  });
  return {
    width: PLOT.width,
    height: 44 + 22 * series.length,
    description: `${title}: ${series.map(({ name }) => name).join(", ")}`,
    body: label("head", 0, 14, title) + rows.join(""),
  };
}

function described({ title, unit, series, axis = layerAxis }: Chart): string {
  const all = series.map(({ name, points }) =>
    `${name}: ${points.map(({ at, mean }) => `${at} ${short(mean)}`).join(", ")}`
  );
  return `${title}${unit === "" ? "" : `, in ${unit}`}, by ${axis.name}. ${all.join(". ")}.`;
}

/** Says the values of a place wherever its column is pointed at: marks may lie on each other. */
function columnTips(
  { series, unit, axis = layerAxis }: Chart,
  { x, step }: Scales,
  places: readonly number[],
): string {
  return places.map((at) => {
    const said = series.flatMap(({ name, points }) => {
      const point = points.find((each) => each.at === at);
      return point ? [`${name} ${ranged(point)}`] : [];
    });
    const column = {
      x: x(at) - step / 2,
      y: PLOT.top,
      width: step,
      height: PLOT.height - PLOT.top - PLOT.bottom,
    };
    return element(
      "rect",
      { class: "column", ...column },
      tip(`${axis.say(at)}: ${said.join("; ")} ${unit}`),
    );
  }).join("");
}

/** Everything but the data. */
function around(given: Chart, draw: (scales: Scales, chart: Chart) => string): Panel {
  const least = given.least ?? -Infinity;
  const cut = (value: number | null): number | null => value === null ? null : Math.max(least, value);
  const series = given.series.map((own) => ({
    ...own,
    points: own.points.map((point) => ({ ...point, low: cut(point.low), high: cut(point.high) })),
  }));
  const chart = { ...given, series };
  const points = chart.series.flatMap(({ points }) => points);
  const places = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b), [first = 0] = places;
  const seen = points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]);
  const scales = scalesOf(places, [
    ...seen,
    ...chart.include ?? [],
    ...chart.mark ? [chart.mark.value] : [],
  ]);
  const right = PLOT.width - PLOT.right, marked = chart.mark;
  const body = [
    label("head", 0, 14, chart.title),
    chart.legend === false ? "" : legend(chart.series),
    axes(scales, places, (chart.axis ?? layerAxis).name, chart.unit),
    marked
      ? element("line", {
        class: "pointer",
        x1: PLOT.left,
        x2: right,
        y1: scales.y(marked.value),
        y2: scales.y(marked.value),
      }) +
        label("tick", right, scales.y(marked.value) - 5, marked.name, "end")
      : "",
    !chart.pointed || chart.pointed.at < first ? "" : pointer(scales, chart.pointed.at, chart.pointed.name),
    draw(scales, chart),
    columnTips(chart, scales, places),
  ];
  return { width: PLOT.width, height: PLOT.height, description: described(chart), body: body.join("") };
}

/** A line with more points than this has marks at about so few of them: they would lie on each other. */
const MOST_MARKS = 24, FEW_MARKS = 8;

/** Lines with bands for their intervals. */
export function lineChart(given: Chart): Panel {
  return around(given, ({ x, y }, chart) =>
    chart.series.map(({ kind, points }) => {
      const point = (at: number, value: number): string => `${x(at).toFixed(2)} ${y(value).toFixed(2)}`;
      const path = points.map(({ at, mean }) => point(at, mean)).join("L");
      const upper = points.map(({ at, high, mean }) => point(at, high ?? mean));
      const lower = points.map(({ at, low, mean }) => point(at, low ?? mean)).toReversed();
      const every = points.length > MOST_MARKS ? Math.ceil(points.length / FEW_MARKS) : 1;
      const marked = points.filter((_, i) => i % every === 0 || i === points.length - 1);
      const dots = marked.map(({ at, mean }) => markOf(kind)(x(at), y(mean)));
      return element(
        "g",
        { class: `series ${kind}` },
        element("path", { class: "band", d: `M${[...upper, ...lower].join("L")}Z` }),
        element("path", { class: "line", d: `M${path}` }),
        ...dots,
      );
    }).join(""));
}

/** Bars from 0, with whiskers for their intervals. */
export function barChart(given: Chart): Panel {
  return around(
    { ...given, include: [0, ...given.include ?? []] },
    ({ x, y, step }, chart) =>
      chart.series.map(({ kind, points }, i) => {
        const width = 0.72 * step / chart.series.length;
        const bars = points.map((point) => {
          const middle = x(point.at) + (i - (chart.series.length - 1) / 2) * width;
          const top = Math.min(y(0), y(point.mean)), height = Math.abs(y(point.mean) - y(0));
          const ends = point.low === null || point.high === null
            ? undefined
            : { x1: middle, x2: middle, y1: y(point.low), y2: y(point.high) };
          // On a bar of its own colour a line would not be seen: it has an edge in the paper's colour, if the bar has room.
          const whisker = ends
            ? (width > 10 ? element("line", { class: "edge", ...ends }) : "") +
              element("line", { class: "whisker", ...ends })
            : "";
          return element(
            "g",
            { class: point.at === chart.pointed?.at ? "bars chosen" : "bars" },
            element("rect", {
              class: "bar",
              x: middle - width / 2,
              y: top,
              width,
              height: Math.max(0.75, height),
            }),
            whisker,
          );
        });
        return element("g", { class: `series ${kind}` }, ...bars);
      }).join(""),
  );
}
