/**
 * Curves in a terminal: a row of bars a metric, small enough that several runs stand below each other.
 *
 * @module
 */

import { type LoggedStep, numbersOf, shownMetrics } from "./shown.ts";

/** Bars from low to high. */
const BARS = [..."▁▂▃▄▅▆▇█"];

/** Columns of a metric's name, of its newest number, and of a curve at least and at most. */
const NAME = 9, NUMBER = 8, CURVE = { least: 8, most: 24 } as const;

/** The metrics that have a place in a terminal. */
const shown = shownMetrics.flatMap(({ key, short }) => short === undefined ? [] : [{ key, name: short }]);

/** What runs are shown with. */
export interface CurveStyle {
  /** Columns that there are. */
  readonly columns: number;
  /** Whether curves have a colour. */
  readonly color: boolean;
}

/** A number in three digits. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) {
    return value.toExponential(0).replace("-", "−").replace("e-", "e−");
  }
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/**
 * Numbers as bars between the least and the largest of them; more than there is room for are means of neighbours.
 *
 * @param width The most bars.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparkline } from "./terminal.ts";
 *
 * assertEquals(sparkline([0, 1, 2, 7], 10), "▁▂▃█");
 * assertEquals(sparkline([0, 2, 6, 8], 2), "▁█");
 * assertEquals(sparkline([3, 3], 10), "▁▁");
 * ```
 */
export function sparkline(values: readonly number[], width: number): string {
  const bars = Math.min(width, values.length);
  const means = Array.from({ length: bars }, (_, i) => {
    const part = values.slice(
      Math.floor(i * values.length / bars),
      Math.floor((i + 1) * values.length / bars),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const least = Math.min(...means), span = Math.max(...means) - least;
  return means.map((value) => BARS[span > 0 ? Math.round((value - least) / span * (BARS.length - 1)) : 0])
    .join("");
}

/** The values of every shown metric that steps have. */
function seriesOf(
  steps: readonly LoggedStep[],
): { readonly name: string; readonly values: readonly number[] }[] {
  const numbers = steps.map(numbersOf);
  return shown.flatMap(({ key, name }) => {
    const values = numbers.flatMap((each) => each[key] ?? []);
    return values.length > 0 ? [{ name, values }] : [];
  });
}

/**
 * The curves of a run in as few lines as there are columns for.
 *
 * @param most The most lines; what has no place is left out, from the end of the list.
 */
export function runLines(
  steps: readonly LoggedStep[],
  { columns, color }: CurveStyle,
  most: number,
): string[] {
  const series = seriesOf(steps), room = Math.max(1, columns - 2);
  const beside = Math.max(1, Math.floor(room / (NAME + CURVE.least + NUMBER + 2)));
  const width = Math.max(1, Math.min(CURVE.most, Math.floor(room / beside) - NAME - NUMBER - 2));
  const lines: string[] = [];
  for (let at = 0; at < series.length && lines.length < most; at += beside) {
    const cells = series.slice(at, at + beside).map(({ name, values }) => {
      const bars = sparkline(values, width), gap = " ".repeat(Math.max(0, width - bars.length));
      const curve = color ? `\x1b[36m${bars}\x1b[39m` : bars;
      return `${name.padEnd(NAME)}${curve}${gap} ${short(values.at(-1) ?? NaN).padEnd(NUMBER)}`;
    });
    lines.push(`  ${cells.join(" ").trimEnd()}`);
  }
  return lines;
}

/**
 * A run in one line, without anything that steers a terminal: the first and the newest number of each metric.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runLine } from "./terminal.ts";
 *
 * const steps = [{ step: 1, rewardMean: 0.25, entropy: 0.5 }, { step: 2, rewardMean: 0.5, entropy: 0.4 }];
 * assertEquals(runLine(steps), "2 steps, reward 0.25 → 0.5, entropy 0.5 → 0.4");
 * ```
 */
export function runLine(steps: readonly LoggedStep[]): string {
  const changes = seriesOf(steps).map(({ name, values }) => {
    return `${name} ${short(values[0] ?? NaN)} → ${short(values.at(-1) ?? NaN)}`;
  });
  return [`${steps.length} ${steps.length === 1 ? "step" : "steps"}`, ...changes].join(", ");
}
