/**
 * Grids of a profile: what they may vary, and the methods that they stand for.
 *
 * @module
 */

import { z } from "zod";
import { canonicalJson } from "../../canonical_json.ts";
import {
  axesOf,
  cellCount,
  type GridAxis,
  gridCells,
  type MethodGrid,
  ownValues,
} from "../../method_grid.ts";
import { dependsOn, type MethodName, methods } from "../../rl/mod.ts";
import { distinct } from "./distinct.ts";
import { type MethodEntry, methodNameOf, type ProfileMethod } from "./methods.ts";

/** The most methods that the grids of a profile may stand for: a result has no room for more. */
const MOST_METHODS = 60;

const names = Object.keys(methods) as [MethodName, ...MethodName[]];
const count = z.int().positive();

/** Why a result has one base model. */
const ONE_MODEL =
  "expected no model: a result has one base model, whose digest is part of every key; write a profile for " +
  'each one ("extends" this, with "name" and "model"), reproduce each, and see docs/profile.md, "Several base models"';

/** The schema of a grid. */
export const gridSchema: z.ZodType<MethodGrid<MethodName>> = z.strictObject({
  title: z.string().min(1).max(100).optional().describe("What its tables are called; absent: what it varies"),
  method: distinct(z.enum(names), "method").describe("Rows, each with every combination of what follows"),
  internalLayer: distinct(count, "layer").optional().describe("k, in place of training.internalLayer"),
  internalSteps: distinct(count, "number").optional().describe("s_inter, in place of training.internalSteps"),
  learningRate: distinct(z.number().positive().max(1), "rate").optional().describe(
    "In place of training.learningRate",
  ),
  steps: distinct(count, "number").optional().describe("In place of training.steps"),
  seeds: distinct(z.int().nonnegative(), "seed").optional().describe(
    "Training seeds of its methods, in place of the profile's",
  ),
}, {
  error: ({ code, keys }) =>
    code === "unrecognized_keys" && Array.isArray(keys) && keys.includes("model") ? ONE_MODEL : undefined,
});

/** The parts of a profile that grids need. */
export interface GridsProfile {
  /** The methods. */
  readonly methods: readonly ProfileMethod[];
  /** The grids. */
  readonly grid?: readonly MethodGrid<MethodName>[] | undefined;
  /** The values that methods have where they have none of their own. */
  readonly training: {
    readonly internalLayer: number | "auto";
    readonly internalSteps: number;
    readonly learningRate: number;
    readonly steps: number;
  };
}

/** The methods of a grid, as a profile names them. */
function methodsOf(
  grid: MethodGrid<MethodName>,
  { training }: Pick<GridsProfile, "training">,
): ProfileMethod[] {
  return gridCells(grid, ownValues(training)).map(({ name, method, named }): ProfileMethod => {
    if (name === method) return method;
    const entry: MethodEntry = { name, row: method, ...named };
    return grid.seeds ? { ...entry, seeds: grid.seeds } : entry;
  });
}

/** Something that is wrong with the grids of a profile: where, and what. */
export interface GridFault {
  /** Where it stands. */
  readonly path: (string | number)[];
  /** What was expected. */
  readonly message: string;
}

/** What is wrong with a grid by itself. */
function ownFault(
  grid: MethodGrid<MethodName>,
  { training }: Pick<GridsProfile, "training">,
): readonly [field: GridAxis | "method", message: string] | undefined {
  const axes = axesOf(grid);
  if (axes.length === 0 && grid.method.length < 2) {
    return [
      "method",
      "expected several methods, or values of internalLayer, internalSteps, learningRate or steps",
    ];
  }
  if (cellCount(grid) > MOST_METHODS) {
    return ["method", `expected at most ${MOST_METHODS} methods in a grid, found ${cellCount(grid)}`];
  }
  for (const axis of axes) {
    const without = grid.method.find((method) => !dependsOn(methods[method].phases, axis));
    if (without !== undefined) return [axis, `expected only methods that depend on it: ${without} does not`];
  }
  if (training.internalLayer === "auto" && axes.includes("internalLayer")) {
    return [
      "internalLayer",
      'expected no layers where training.internalLayer is "auto": name the layer there',
    ];
  }
  const most = Math.min(training.steps, ...grid.steps ?? []);
  const long = grid.internalSteps?.find((steps) => steps > most);
  if (long !== undefined) {
    return ["internalSteps", `expected at most as many as there are steps, ${most}, found ${long}`];
  }
  return undefined;
}

/** What is wrong with the grids of a profile, by themselves and beside the methods that it lists. */
export function gridFaults(profile: GridsProfile): GridFault[] {
  const known = new Map(profile.methods.map((item) => [methodNameOf(item), { item, where: "methods" }]));
  return (profile.grid ?? []).flatMap((grid, index): GridFault[] => {
    const own = ownFault(grid, profile);
    if (own) return [{ path: ["grid", index, own[0]], message: own[1] }];
    return methodsOf(grid, profile).flatMap((item) => {
      const name = methodNameOf(item), other = known.get(name);
      if (!other) known.set(name, { item, where: `grid.${index}` });
      if (!other || canonicalJson(other.item) === canonicalJson(item)) return [];
      const message = `expected ${name} as ${other.where} has it, its seeds too`;
      return [{ path: ["grid", index], message }];
    });
  });
}

/** A profile whose methods are those that it lists, and those of its grids that it does not. */
export function withGridMethods<P extends GridsProfile>(profile: P): P {
  const known = new Map(profile.methods.map((item) => [methodNameOf(item), item]));
  for (const item of (profile.grid ?? []).flatMap((grid) => methodsOf(grid, profile))) {
    if (!known.has(methodNameOf(item))) known.set(methodNameOf(item), item);
  }
  return { ...profile, methods: [...known.values()] };
}
