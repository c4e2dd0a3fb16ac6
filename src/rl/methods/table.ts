/**
 * All methods by name.
 *
 * @module
 */

import { bottomUpMethods } from "./bottom_up.ts";
import { controlMethods } from "./controls.ts";
import { groupMethods } from "./group.ts";
import type { Method } from "./method.ts";
import { tokenMethods } from "./token.ts";

const rows = { ...groupMethods, ...tokenMethods, ...bottomUpMethods, ...controlMethods } as const;

/** The names of the methods. */
export type MethodName = keyof typeof rows;

/** The methods. */
export const methods: Readonly<Record<MethodName, Method>> = rows;

/** How people write a method: a row's label, or the name of another. */
export function methodLabel(name: string): string {
  return isMethodName(name) ? methods[name].label : name;
}

/** Is it the name of a method? */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
