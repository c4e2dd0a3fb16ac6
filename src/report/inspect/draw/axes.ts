/**
 * Scales and axes of charts over layers.
 *
 * @module
 */

import { niceTicks } from "../../page/mod.ts";
import { short } from "./written.ts";
import { element, label } from "./svg.ts";

/** Where a chart's plot lies within a panel. */
export const PLOT = { width: 380, height: 250, left: 46, right: 12, top: 54, bottom: 36 } as const;

/** Scales of a chart. */
export interface Scales {
  /** Where a layer stands. */
  readonly x: (layer: number) => number;
  /** Where a value stands. */
  readonly y: (value: number) => number;
  /** The width of a layer's column. */
  readonly step: number;
  /** The marked values. */
  readonly ticks: readonly number[];
}

/** The scales of layers `[first, last]` and of values that must be seen. */
export function scalesOf(first: number, last: number, values: readonly number[]): Scales {
  const finite = values.filter((value) => Number.isFinite(value));
  const ticks = niceTicks(Math.min(...finite), Math.max(...finite), 5);
  const [low] = ticks, high = ticks.at(-1) ?? low;
  const step = (PLOT.width - PLOT.left - PLOT.right) / (last - first + 1);
  const bottom = PLOT.height - PLOT.bottom;
  return {
    x: (layer) => PLOT.left + (layer - first + 0.5) * step,
    y: (value) => bottom - (value - low) / (high - low) * (bottom - PLOT.top),
    step,
    ticks,
  };
}

/** The layers that are marked: at most about ten, the first and the last among them. */
function markedLayers(first: number, last: number): number[] {
  const every = [1, 2, 4, 5, 10, 20].find((size) => (last - first) / size <= 10) ?? 50;
  const marked = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((layer) =>
    layer === first || layer % every === 0 && last - layer >= every / 2 && layer - first >= every / 2
  );
  return [...new Set([...marked, last])];
}

/** Grid, numbers and names of both axes. */
export function axes({ x, y, ticks }: Scales, first: number, last: number, unit: string): string {
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
  const layers = markedLayers(first, last).map((layer) =>
    label("tick", x(layer), bottom + 15, String(layer), "middle")
  );
  return [
    ...lines,
    ...layers,
    label("tick", (PLOT.left + right) / 2, bottom + 31, "layer", "middle"),
    label("tick", PLOT.left - 6, PLOT.top - 10, unit, "end"),
  ].join("");
}

/** The layer that is pointed out. */
export function pointer({ x }: Scales, layer: number): string {
  const top = PLOT.top - 4, at = x(layer), bottom = PLOT.height - PLOT.bottom;
  return element("line", { class: "pointer", x1: at, x2: at, y1: top, y2: bottom }) +
    label("tick strong", at, top - 4, `k = ${layer}`, "middle");
}
