/**
 * What a line chart shows.
 *
 * @module
 */

import type { CurvePoint as ChartPoint } from "../../../leaderboard/mod.ts";

export type { ChartPoint };

/** A curve. */
export interface Series {
  /** What stands at its end; of many curves their numbers stand there. */
  readonly label: string;
  /** The kind of what it shows, under which a legend has it. */
  readonly family?: string;
  /** Its classes. */
  readonly kind: string;
  /** Its points by ascending x. */
  readonly points: readonly ChartPoint[];
  /** The points as they are, where those above are smoothed. */
  readonly raw?: readonly ChartPoint[];
}

/** A mark of the x-axis. */
export interface XTick {
  /** Where. */
  readonly x: number;
  /** What stands there. */
  readonly text: string;
  /** What it is called in the table; default the text. */
  readonly name?: string;
}

/** A line chart: curves with bands and labels at their ends. */
export interface LineChart {
  /** Its title. */
  readonly title: string;
  /** What it shows. */
  readonly note: string;
  /** The name of the x-axis. */
  readonly xLabel: string;
  /** The curves. */
  readonly series: readonly Series[];
  /** Marks of the x-axis; default round numbers. */
  readonly xTicks?: readonly XTick[];
  /** Whether the x-axis is logarithmic. */
  readonly logX?: boolean;
  /** Whether the y-axis is. */
  readonly logY?: boolean;
  /** How a value is written. */
  readonly format: (value: number) => string;
  /** Up to where it is shaded from the left, and what stands there. */
  readonly shaded?: { readonly until: number; readonly text: string } | undefined;
}
