/**
 * All methods by name.
 *
 * @module
 */

import { gridLabel } from "../../method_grid.ts";
import { type BottomUpMethod, bottomUpMethods } from "./bottom_up.ts";
import { type ControlMethod, controlMethods } from "./controls.ts";
import { type GroupMethod, groupMethods } from "./group.ts";
import type { Method } from "./method.ts";
import { type TokenMethod, tokenMethods } from "./token.ts";

/** The rows as they are written; {@linkcode methods} has them as methods. */
export const methodRows = {
  ...groupMethods,
  ...tokenMethods,
  ...bottomUpMethods,
  ...controlMethods,
} as const;

/** The names of the methods. */
export type MethodName = GroupMethod | TokenMethod | BottomUpMethod | ControlMethod;

/** The methods. */
export const methods: Readonly<Record<MethodName, Method>> = {
  ...groupMethods,
  ...tokenMethods,
  ...bottomUpMethods,
  ...controlMethods,
};

/** How people write a method: a row's label, with settings where it is of a grid, or the name of another. */
export function methodLabel(name: string): string {
  return isMethodName(name) ? methods[name].label : gridLabel(name, methodLabel) ?? name;
}

/** Is it the name of a method? */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
