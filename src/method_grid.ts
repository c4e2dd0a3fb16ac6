/**
 * Grids of methods: one row of the table of methods with every combination of some settings. What each combination is called
 * follows from its settings alone, so that equal ones are one method, in whatever grid they stand.
 *
 * @module
 */

/** Settings that a grid may vary, and how names and labels say them. */
export const gridAxes = {
  internalLayer: "k",
  internalSteps: "s",
  learningRate: "lr",
  steps: "steps",
} as const;

/** A setting that a grid may vary. */
export type GridAxis = keyof typeof gridAxes;

/** The settings in the order in which names have them. */
export const axisNames: readonly GridAxis[] = ["internalLayer", "internalSteps", "learningRate", "steps"];

/** Values of settings. */
export type GridValues = { readonly [A in GridAxis]?: number | undefined };

/** A grid, as a profile has it. */
export type MethodGrid<M extends string = string> =
  & { readonly [A in GridAxis]?: readonly number[] | undefined }
  & {
    /** What its tables are called. */
    readonly title?: string | undefined;
    /** The rows. */
    readonly method: readonly M[];
    /** Training seeds in place of the profile's. */
    readonly seeds?: readonly number[] | undefined;
  };

/** A combination. */
export interface GridCell<M extends string = string> {
  /** What the method is called: the row where all values are the profile's own. */
  readonly name: string;
  /** The row. */
  readonly method: M;
  /** All values that the grid gives it. */
  readonly values: GridValues;
  /** Those that the name says, because they are not the profile's own. */
  readonly named: GridValues;
}

/** The most combinations of a grid; a result has no room for more methods. */
export const MOST_CELLS = 4096;

/** A value as names have it: no sign, and no point that could be taken for that between settings. */
function valueText(axis: GridAxis, value: number): string {
  return axis === "learningRate" ? value.toExponential().replace("+", "") : String(value);
}

/** The settings that a grid gives values to. */
export function axesOf(grid: MethodGrid): GridAxis[] {
  return axisNames.filter((axis) => grid[axis] !== undefined);
}

/** How many combinations a grid has. */
export function cellCount(grid: MethodGrid): number {
  return axesOf(grid).reduce((count, axis) => count * (grid[axis]?.length ?? 1), grid.method.length);
}

/**
 * The combinations of a grid, the last setting running fastest.
 *
 * @param own The profile's own values: names leave them out, unless the grid has seeds of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gridCells } from "./method_grid.ts";
 *
 * const grid = { method: ["bupo"], internalLayer: [2, 3], learningRate: [2e-4, 2.5e-4] };
 * assertEquals(gridCells(grid, { internalLayer: 3, learningRate: 2e-4 }).map(({ name }) => name), [
 *   "bupo.k2", "bupo.k2.lr2.5e-4", "bupo", "bupo.lr2.5e-4",
 * ]);
 * ```
 */
export function gridCells<M extends string>(grid: MethodGrid<M>, own: GridValues): GridCell<M>[] {
  const combinations = axesOf(grid).reduce<readonly GridValues[]>(
    (all, axis) => all.flatMap((values) => (grid[axis] ?? []).map((value) => ({ ...values, [axis]: value }))),
    [{}],
  );
  return grid.method.flatMap((method) =>
    combinations.map((values): GridCell<M> => {
      const said = axisNames.filter((axis) =>
        values[axis] !== undefined && (grid.seeds !== undefined || values[axis] !== own[axis])
      );
      const parts = said.map((axis) => `.${gridAxes[axis]}${valueText(axis, values[axis] ?? NaN)}`);
      const named = Object.fromEntries(said.map((axis) => [axis, values[axis]]));
      return { name: method + parts.join(""), method, values, named };
    })
  );
}

/** A setting in a name. */
const PART = /\.(steps|lr|k|s)(\d(?:[\d.]*\d)?(?:e-?\d+)?)(?=\.|$)/g;

/**
 * A method of a grid in words.
 *
 * @param labelOf How a row is written.
 * @returns Nothing where the name is none of a grid.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gridLabel } from "./method_grid.ts";
 *
 * assertEquals(gridLabel("bupo.k2.lr2.5e-4", () => "BuPO"), "BuPO k=2 lr=2.5e-4");
 * assertEquals(gridLabel("bupo.mine", () => "BuPO"), undefined);
 * ```
 */
export function gridLabel(name: string, labelOf: (method: string) => string): string | undefined {
  const end = name.indexOf("."), settings = end < 0 ? "" : name.slice(end);
  const parts = [...settings.matchAll(PART)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== settings) return undefined;
  return [labelOf(name.slice(0, end)), ...parts.map(([, axis, value]) => `${axis}=${value}`)].join(" ");
}

/** A list of numbers that is not empty, or nothing. */
function numbersOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((item) => typeof item === "number" && Number.isFinite(item)) ? value : undefined;
}

/** A member of a value that may be anything. */
function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** A grid of a profile that may be anybody's, or nothing where it is none. */
function gridOf(value: unknown): MethodGrid | undefined {
  const method = member(value, "method"),
    title = member(value, "title"),
    seeds = numbersOf(member(value, "seeds"));
  if (!Array.isArray(method) || !method.every((name) => typeof name === "string")) return undefined;
  const values = Object.fromEntries(axisNames.flatMap((axis) => {
    const numbers = numbersOf(member(value, axis));
    return numbers ? [[axis, numbers]] : [];
  }));
  const grid: MethodGrid = {
    method,
    ...values,
    ...(typeof title === "string" ? { title } : {}),
    ...(seeds ? { seeds } : {}),
  };
  return cellCount(grid) <= MOST_CELLS ? grid : undefined;
}

/** The values that methods of a profile have where they have none of their own. */
export function ownValues(training: unknown): GridValues {
  return Object.fromEntries(axisNames.flatMap((axis) => {
    const value = member(training, axis);
    return typeof value === "number" ? [[axis, value]] : [];
  }));
}

/** The grids of a profile, as anybody's record has it; what is no grid is left out. */
export function gridsOf(profile: unknown): MethodGrid[] {
  const list = member(profile, "grid");
  return Array.isArray(list) ? list.flatMap((value) => gridOf(value) ?? []) : [];
}
