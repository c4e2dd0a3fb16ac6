/**
 * The grids of a profile as tables: which method stands where.
 *
 * @module
 */

import {
  axesOf,
  gridAxes,
  type GridAxis,
  type GridCell,
  gridCells,
  gridsOf,
  type MethodGrid,
  ownValues,
} from "../../method_grid.ts";
import { labelOf } from "./summary.ts";

/** A grid of methods that were evaluated: rows by its first settings, columns by its last one. */
export interface Sweep {
  /** What it is called. */
  readonly title: string;
  /** What the rows stand for. */
  readonly down: string;
  /** What the columns stand for; none where only one thing varies. */
  readonly across: string | null;
  /** The columns' headings; one without a heading where only one thing varies. */
  readonly columns: readonly string[];
  /** The rows: a heading, and the method in each column, or null where it is missing. */
  readonly rows: readonly { readonly label: string; readonly methods: readonly (string | null)[] }[];
}

/** How settings are headed. */
const axisTitles: Readonly<Record<GridAxis, string>> = {
  internalLayer: "k (layer)",
  internalSteps: "s (steps on it)",
  learningRate: "learning rate",
  steps: "training steps",
};

/** The values of a setting that a grid varies. */
function varied(grid: MethodGrid): GridAxis[] {
  return axesOf(grid).filter((axis) => (grid[axis]?.length ?? 0) > 1);
}

/** What a grid leaves fixed, in words. */
function fixedWords(grid: MethodGrid): string[] {
  const [method] = grid.method;
  const settings = axesOf(grid).flatMap((axis) => {
    const [value, ...more] = grid[axis] ?? [];
    return value === undefined || more.length > 0 ? [] : [`${gridAxes[axis]} = ${value}`];
  });
  return [...(grid.method.length === 1 && method !== undefined ? [labelOf(method)] : []), ...settings];
}

/** The title of a grid: its own, or what varies and what does not. */
function titleOf(grid: MethodGrid): string {
  if (grid.title !== undefined) return grid.title;
  const names = varied(grid).map((axis) => axisTitles[axis]);
  const what = [...(grid.method.length > 1 ? ["method"] : []), ...names].join(" × ");
  const fixed = fixedWords(grid).join(", ");
  return fixed === "" ? what : `${fixed}: ${what}`;
}

/** A grid as a table. */
function sweepOf(grid: MethodGrid, cells: readonly GridCell[], known: ReadonlySet<string>): Sweep {
  const axes = varied(grid), methods = grid.method.length > 1;
  const across = axes.length + Number(methods) > 1 ? axes.at(-1) : undefined;
  const down = axes.filter((axis) => axis !== across);
  const headings = across === undefined ? [undefined] : grid[across] ?? [];
  const labelled = (cell: GridCell): string =>
    [
      ...(methods || down.length === 0 ? [labelOf(cell.method)] : []),
      ...down.map((axis) =>
        down.length + Number(methods) > 1
          ? `${gridAxes[axis]} = ${cell.values[axis]}`
          : `${cell.values[axis]}`
      ),
    ].join(", ");
  const rows = [...Map.groupBy(cells, labelled)].map(([label, own]) => ({
    label,
    methods: headings.map((value) => {
      const cell = own.find((one) => across === undefined || one.values[across] === value);
      return cell && known.has(cell.name) ? cell.name : null;
    }),
  }));
  return {
    title: titleOf(grid),
    down: [...(methods || down.length === 0 ? ["method"] : []), ...down.map((axis) => axisTitles[axis])].join(
      ", ",
    ),
    across: across === undefined ? null : axisTitles[across],
    columns: headings.map((value) => value === undefined ? "" : String(value)),
    rows,
  };
}

/** The grids of a profile, as anybody's record has it, of which some method was evaluated. */
export function sweepsOf(profile: unknown, methods: Iterable<string>): Sweep[] {
  const known = new Set(methods),
    training = typeof profile === "object" && profile !== null ? Reflect.get(profile, "training") : undefined;
  return gridsOf(profile).map((grid) => sweepOf(grid, gridCells(grid, ownValues(training)), known))
    .filter(({ rows }) => rows.some(({ methods }) => methods.some((method) => method !== null)));
}

/** The methods that stand in grids alone: those that have a setting in their name. */
export function sweptMethods(sweeps: readonly Sweep[]): Set<string> {
  const all = sweeps.flatMap(({ rows }) => rows.flatMap(({ methods }) => methods));
  return new Set(all.flatMap((method) => method?.includes(".") ? [method] : []));
}
