/**
 * The tables of a profile's grids, in cells: accuracies with intervals, and differences to a reference with their marks.
 *
 * @module
 */

import { type Cell, type Grid, gridWidth, percent, plain } from "./grid.ts";
import { type PairVerdict, verdictMarks } from "./marks.ts";
import type { Sweep } from "./sweep.ts";

/** A value with an interval. */
export interface Ranged {
  /** The value. */
  readonly value: number;
  /** The interval's lower end. */
  readonly low: number;
  /** The interval's upper end. */
  readonly high: number;
}

/** What is known of a method. */
export interface SweptScore {
  /** Its average over the suites. */
  readonly average: Ranged;
  /** Its score on each suite. */
  readonly suites: readonly Ranged[];
  /** Its difference to the reference; none for the reference itself. */
  readonly difference: (Ranged & { readonly verdict: PairVerdict }) | undefined;
}

/** The heading and the grid of a table. */
export interface SweepTable {
  /** What it shows. */
  readonly title: string;
  /** The cells, the first row the headings. */
  readonly grid: Grid;
}

/** What tables of grids are made from. */
export interface SweepScores {
  /** The metric, such as `avg@8`. */
  readonly metric: string;
  /** Names of the suites. */
  readonly suites: readonly string[];
  /** What differences are to; absent: there are none. */
  readonly reference: string | undefined;
  /** What is known of a method. */
  readonly of: (method: string) => SweptScore | undefined;
}

function accuracy({ value, low, high }: Ranged): string {
  return `${percent(value)} ± ${percent((high - low) / 2).padStart(3)}`;
}

/** A difference with its interval and mark. */
function differenceText(difference: SweptScore["difference"]): string {
  if (!difference) return "";
  const { value, low, high, verdict } = difference;
  return `${percent(value, true)} [${percent(low, true)}, ${percent(high, true)}] ${verdictMarks[verdict]}`;
}

/** One thing varies: a row a method, columns as in the method table. */
function oneWay({ down, rows }: Sweep, { metric, suites, reference, of }: SweepScores): Grid {
  const heads = suites.length > 1 ? [...suites, "average"] : suites;
  const head: Cell[] = [
    { text: `${metric} by ${down}` },
    ...heads.map((text) => ({ text: plain(text), right: true })),
    ...(reference === undefined ? [] : [{ text: `Δ to ${plain(reference)}` }]),
  ];
  return [
    head,
    ...rows.map(({ label, methods: [method] }): Cell[] => {
      const score = method == null ? undefined : of(method);
      const shown = !score
        ? heads.map(() => "")
        : (suites.length > 1 ? [...score.suites, score.average] : score.suites).map(accuracy);
      return [
        { text: plain(label) },
        ...shown.map((text) => ({ text, right: true })),
        ...(reference === undefined ? [] : [{ text: differenceText(score?.difference) }]),
      ];
    }),
  ];
}

/** Two things vary: a side each. */
function twoWay(
  { down, across, columns, rows }: Sweep,
  what: string,
  text: (method: string) => string,
): Grid {
  return [
    [{ text: `${what}: ${down} ↓, ${across} →` }, ...columns.map((text) => ({ text, right: true }))],
    ...rows.map(({ label, methods }): Cell[] => [
      { text: plain(label) },
      ...methods.map((method) => ({ text: method === null ? "" : text(method), right: true })),
    ]),
  ];
}

/** The tables of a grid. */
export function sweepTables(sweep: Sweep, scores: SweepScores): SweepTable[] {
  const { metric, suites, reference, of } = scores, title = plain(sweep.title);
  if (sweep.across === null) return [{ title, grid: oneWay(sweep, scores) }];
  const mean = suites.length > 1 ? `${metric}, mean of the suites` : metric;
  const averages = twoWay(sweep, mean, (method) => {
    const score = of(method);
    return score ? accuracy(score.average) : "";
  });
  if (reference === undefined) return [{ title, grid: averages }];
  const differences = twoWay(
    sweep,
    `Δ to ${plain(reference)}`,
    (method) => differenceText(of(method)?.difference),
  );
  return [{ title, grid: averages }, { title, grid: differences }];
}

/** A grid as it fits a width: as it is, with rows and columns changed, or a line a cell. */
export function fittedGrid(grid: Grid, width: number): Grid {
  if (gridWidth(grid) <= width) return grid;
  const [head = [], ...rows] = grid;
  const turned = head.map((_, column) =>
    grid.map((row, index) => ({ text: row[column]?.text ?? "", right: index > 0 }))
  );
  if (gridWidth(turned) <= width) return turned;
  return [
    // What the sides are has no room here.
    [{ text: (head[0]?.text ?? "").replace(/: .*/, "") }, { text: "" }, { text: "", right: true }],
    ...rows.flatMap(([label, ...cells]) =>
      cells.map((
        { text },
        i,
      ): Cell[] => [{ text: i === 0 ? label?.text ?? "" : "" }, { text: head[i + 1]?.text ?? "" }, {
        text,
        right: true,
      }])
    ),
  ];
}
