/**
 * Scales and axes of charts over layers or training steps.
 *
 * @module
 */

import { niceTicks } from "../page/mod.ts";
import { short } from "./written.ts";
import { element, label } from "./svg.ts";

/** Where a chart's plot lies within a panel. */
export const PLOT = { width: 380, height: 258, left: 46, right: 12, top: 62, bottom: 36 } as const;

/** Scales of a chart. */
export interface Scales {
  /** Where a place stands. */
  readonly x: (at: number) => number;
  /** Where a value stands. */
  readonly y: (value: number) => number;
  /** The width of a place's column. */
  readonly step: number;
  /** The marked values. */
  readonly ticks: readonly number[];
}

/** The smallest distance of two neighbours; 1 for a single place. */
function distance(places: readonly number[]): number {
  return Math.min(...places.slice(1).map((at, i) => at - (places[i] ?? 0)), places.length < 2 ? 1 : Infinity);
}

/** The scales of places, ascending, and of values that must be seen. */
export function scalesOf(places: readonly number[], values: readonly number[]): Scales {
  const finite = values.filter((value) => Number.isFinite(value));
  const least = Math.min(...finite), most = Math.max(...finite);
  // Equal numbers that differ in their last bits have no room between them that could be cut into ticks.
  const flat = most - least <= 1e-9 * Math.max(Math.abs(least), Math.abs(most));
  const room = flat ? Math.abs(most) / 10 || 1 : 0;
  const ticks = niceTicks(least - room, most + room, 5);
  const [low] = ticks, high = ticks.at(-1) ?? low, [first = 0] = places, last = places.at(-1) ?? first;
  const apart = distance(places), step = (PLOT.width - PLOT.left - PLOT.right) / ((last - first) / apart + 1);
  const bottom = PLOT.height - PLOT.bottom;
  return {
    x: (at) => PLOT.left + ((at - first) / apart + 0.5) * step,
    y: (value) => bottom - (value - low) / (high - low) * (bottom - PLOT.top),
    step,
    ticks,
  };
}

/** The places that are marked: at most about ten, the first and the last among them, others at round numbers. */
export function markedPlaces(places: readonly number[]): number[] {
  const [first = 0] = places, last = places.at(-1) ?? first, apart = distance(places);
  const every = apart * ([1, 2, 4, 5, 10, 20].find((size) => (last - first) / apart / size <= 10) ?? 50);
  const marked = places.filter((at) =>
    at === first || at % every === 0 && last - at >= every / 2 && at - first >= every / 2
  );
  return [...new Set([...marked, last])];
}

/** Grid, numbers and names of both axes. */
export function axes({ x, y, ticks }: Scales, places: readonly number[], name: string, unit: string): string {
  const right = PLOT.width - PLOT.right, bottom = PLOT.height - PLOT.bottom;
  const lines = ticks.map((tick) =>
    element("line", {
      class: tick === 0 ? "zero" : "grid",
      x1: PLOT.left,
      x2: right,
      y1: y(tick),
      y2: y(tick),
    }) +
    label("tick", PLOT.left - 6, y(tick) + 4, short(tick), "end")
  );
  const marks = markedPlaces(places).map((at) => label("tick", x(at), bottom + 15, String(at), "middle"));
  return [
    ...lines,
    ...marks,
    label("tick", (PLOT.left + right) / 2, bottom + 31, name, "middle"),
    label("tick", PLOT.left - 6, PLOT.top - 10, unit, "end"),
  ].join("");
}

/** The place that is pointed out, by its name. */
export function pointer({ x }: Scales, place: number, name: string): string {
  const top = PLOT.top - 4, at = x(place), bottom = PLOT.height - PLOT.bottom;
  return element("line", { class: "pointer", x1: at, x2: at, y1: top, y2: bottom }) +
    label("tick strong", at, top - 4, name, "middle");
}
