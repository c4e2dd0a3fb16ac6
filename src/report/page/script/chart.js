/** Line charts with bands, as SVG. Each comes with its data as a table. */

import { short } from "./data.js";
import { dataTable, el, svg } from "./dom.js";

const WIDTH = 380, HEIGHT = 230, LEFT = 42, RIGHT = 62, TOP = 12, BOTTOM = 34;

/** Round numbers that cover a range. */
export function niceTicks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? raw;
  const first = Math.floor(low / step), last = Math.ceil(high / step - 1e-9);
  return Array.from(
    { length: Math.max(1, last - first) + 1 },
    (_, i) => Number(((first + i) * step).toPrecision(12)),
  );
}

/** 1, 10, 100, … and, over less than two decades, 2 and 5 of each. */
function logTicks(low, high) {
  const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const factors = to - from > 2 ? [1] : [1, 2, 5];
  const all = Array.from(
    { length: to - from + 1 },
    (_, i) => factors.map((factor) => factor * 10 ** (from + i)),
  ).flat();
  const begin = all.findLastIndex((tick) => tick <= low), end = all.findIndex((tick) => tick >= high);
  return all.slice(Math.max(0, begin), end < 0 ? all.length : end + 1);
}

/** Where labels go so that they do not cover each other. */
function spread(places, gap) {
  const sorted = places.toSorted((a, b) => a.y - b.y);
  for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + gap);
  const over = (sorted.at(-1)?.y ?? 0) - (HEIGHT - BOTTOM + 4);
  if (over > 0) { for (const place of sorted) place.y -= over; }
  return sorted;
}

/** The path through points. */
function path(points) {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/**
 * A figure: title, curves with bands and labels at their ends, and the data.
 *
 * `series`: `{label, kind, points: [{x, value, low, high, hollow}]}`; `xTicks`: `[{x, text, name}]`, the name for the
 * table; `until`: shaded from the left.
 */
export function lineChart({ title, note, xLabel, series, xTicks, logX, logY, format, until, untilText }) {
  const all = series.flatMap(({ points }) => points);
  const sx = logX ? Math.log2 : (x) => x, sy = logY ? Math.log10 : (y) => y;
  const xs = all.map(({ x }) => sx(x)), minX = Math.min(...xs), maxX = Math.max(...xs);
  const low = Math.min(...all.map((point) => point.low)), high = Math.max(...all.map((point) => point.high));
  const ticks = logY ? logTicks(low, high) : niceTicks(low, high);
  const minY = sy(Math.min(ticks[0], low)), maxY = sy(Math.max(ticks.at(-1), high));
  const x = (value) => LEFT + (sx(value) - minX) / (maxX - minX || 1) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - (sy(value) - minY) / (maxY - minY || 1) * (HEIGHT - BOTTOM - TOP);
  const shownX = xTicks ??
    niceTicks(minX, maxX).filter((tick) => tick >= minX && tick <= maxX).map((tick) => {
      return { x: tick, text: String(tick) };
    });
  const ends = spread(series.map((one) => ({ ...one, y: y(one.points.at(-1).value) + 4 })), 13);
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title}. The data is in the table below.`,
    },
    until === undefined ? null : [
      svg("rect", { class: "phase", x: LEFT, y: TOP, width: x(until) - LEFT, height: HEIGHT - BOTTOM - TOP }),
      svg("text", { class: "tick", x: LEFT + 4, y: TOP + 11 }, untilText),
    ],
    ticks.map((tick) => [
      svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, format(tick)),
    ]),
    shownX.map(({ x: at, text }) =>
      svg("text", { class: "tick", x: x(at), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, text)
    ),
    svg(
      "text",
      { class: "tick", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
      xLabel,
    ),
    series.map(({ kind, points }) => [
      svg("path", {
        class: `${kind} band`,
        d: `${path(points.map((point) => [x(point.x), y(point.low)]))}${
          path(points.toReversed().map((point) => [x(point.x), y(point.high)])).replace("M", "L")
        }Z`,
      }),
    ]),
    series.map(({ kind, points }) => [
      svg("path", { class: `${kind} line`, d: path(points.map((point) => [x(point.x), y(point.value)])) }),
      points.filter(({ hollow }) => hollow || points.length <= 12).map((point) =>
        svg("circle", {
          class: `${kind} dot${point.hollow ? " hollow" : ""}`,
          cx: x(point.x),
          cy: y(point.value),
          r: point.hollow ? 3 : 2.4,
        })
      ),
    ]),
    ends.map(({ label, kind, y: at }) =>
      svg(
        "text",
        { class: `${kind} label`, x: WIDTH - RIGHT + 7, y: at },
        label.length > 9 ? `${label.slice(0, 8)}…` : label,
      )
    ),
  );
  const places = [...new Set(all.map((point) => point.x))].sort((a, b) => a - b);
  const nameOf = (place) => {
    const tick = xTicks?.find((tick) => tick.x === place);
    return tick?.name ?? tick?.text ?? String(place);
  };
  const rows = places.map((place) => [
    nameOf(place),
    ...series.map(({ points }) => {
      const point = points.find((one) => one.x === place);
      return point ? `${format(point.value)} [${format(point.low)}, ${format(point.high)}]` : "";
    }),
  ]);
  return el(
    "figure",
    {},
    el("figcaption", {}, el("b", {}, title), note ? el("span", {}, note) : null),
    picture,
    el(
      "details",
      { class: "numbers" },
      el("summary", {}, "Numbers", el("span", { class: "hidden" }, ` of ${title}`)),
      el(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of ${title}` },
        dataTable(title, [xLabel, ...series.map(({ label }) => label)], rows),
      ),
    ),
  );
}

/** An interval on a scale from `min` to `max`: a line with a dot, over faint marks. */
export function intervalBar({ value, low, high }, { min, max, marks = [], band, kind = "" }, width = 132) {
  const x = (place) => 5 + (Math.min(max, Math.max(min, place)) - min) / (max - min || 1) * (width - 10);
  return svg(
    "svg",
    {
      class: `bar ${kind}`,
      viewBox: `0 0 ${width} 20`,
      width,
      height: 20,
      "aria-hidden": "true",
      focusable: "false",
    },
    band
      ? svg("rect", { class: "margin", x: x(band[0]), y: 0, width: x(band[1]) - x(band[0]), height: 20 })
      : null,
    marks.map((mark) =>
      svg("line", { class: mark === 0 ? "zero" : "grid", x1: x(mark), x2: x(mark), y1: 0, y2: 20 })
    ),
    svg("line", { class: "interval", x1: x(low), x2: x(high), y1: 10, y2: 10 }),
    svg("circle", { class: "value", cx: x(value), cy: 10, r: 3.6 }),
  );
}

/** Three marks of the scale of interval bars, to stand over them. */
export function intervalScale({ min, max, marks }, width = 132) {
  const shown = [marks[0], marks[Math.floor(marks.length / 2)], marks.at(-1)];
  return svg(
    "svg",
    {
      class: "scale",
      viewBox: `0 0 ${width} 12`,
      width,
      height: 12,
      "aria-hidden": "true",
      focusable: "false",
    },
    shown.map((mark) =>
      svg(
        "text",
        { x: 5 + (mark - min) / (max - min || 1) * (width - 10), y: 10, "text-anchor": "middle" },
        short(100 * mark),
      )
    ),
  );
}
