/**
 * The axes of a line chart: where a value stands, and the marks.
 *
 * @module
 */

import { niceTicks } from "../../shared/mod.ts";
import type { LineChart, Series, XTick } from "./chart.ts";

/** The drawing's width and height. */
export const WIDTH = 380, HEIGHT = 230;

/** The edges of the part in which curves are; the right one leaves room for the labels at the curves' ends. */
export const LEFT = 46, TOP = 12, BOTTOM = HEIGHT - 34;

/** The width of a character of a label in the widest fonts, and the most of a drawing that labels may take. */
const CHARACTER = 8, MOST_LABEL = 130;

/** With more curves their numbers stand at their ends, in two columns, and their names in a legend. */
const MOST_NAMED = 5;

/** The distance of the two columns. */
export const NUMBER_COLUMN = 19;

/** Whether names have room at the curves' ends: there are few, and none is long. */
export function namesFit(series: readonly Series[]): boolean {
  return series.length <= MOST_NAMED && longestName(series) <= MOST_LABEL;
}

function longestName(series: readonly Series[]): number {
  return Math.max(0, ...series.map(({ label }) => label.length)) * CHARACTER;
}

/** The right edge: it leaves room for names or for numbers. */
function rightEdge(series: readonly Series[]): number {
  return WIDTH - 12 - (namesFit(series) ? longestName(series) : 2 * NUMBER_COLUMN);
}

/** Both axes. */
export interface Axes {
  /** The right edge of the part in which curves are. */
  readonly right: number;
  /** Where an x stands. */
  readonly x: (value: number) => number;
  /** Where a y stands. */
  readonly y: (value: number) => number;
  /** Marks of the x-axis. */
  readonly xTicks: readonly XTick[];
  /** Marks of the y-axis. */
  readonly yTicks: readonly number[];
}

/** 1, 10, 100, … and, over less than two decades, 2 and 5 of each. */
function logTicks(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const factors = to - from > 2 ? [1] : [1, 2, 5];
  const all = Array.from(
    { length: to - from + 1 },
    (_, i) => factors.map((factor) => factor * 10 ** (from + i)),
  ).flat();
  const begin = all.findLastIndex((tick) => tick <= low), end = all.findIndex((tick) => tick >= high);
  return all.slice(Math.max(0, begin), end < 0 ? all.length : end + 1);
}

/** The axes on which all points of a chart have room. */
export function axesOf({ series, xTicks, logX, logY }: LineChart): Axes {
  const all = series.flatMap(({ points, raw = [] }) => [...points, ...raw]);
  const right = rightEdge(series);
  const along = logX ? Math.log2 : (value: number) => value;
  const up = logY ? Math.log10 : (value: number) => value;
  const xs = all.map(({ x }) => along(x)), minX = Math.min(...xs), maxX = Math.max(...xs);
  const low = Math.min(...all.map((point) => point.low)), high = Math.max(...all.map((point) => point.high));
  const yTicks = logY ? logTicks(low, high) : niceTicks(low, high);
  const minY = up(Math.min(...yTicks, low)), maxY = up(Math.max(...yTicks, high));
  const round = niceTicks(minX, maxX).filter((tick) => tick >= minX && tick <= maxX);
  return {
    right,
    x: (value) => LEFT + (along(value) - minX) / (maxX - minX || 1) * (right - LEFT),
    y: (value) => BOTTOM - (up(value) - minY) / (maxY - minY || 1) * (BOTTOM - TOP),
    xTicks: xTicks ?? round.map((tick) => ({ x: tick, text: tick.toLocaleString("en-US") })),
    yTicks,
  };
}
