/**
 * The methods of a result's profile: by name, or a row under another name with seeds or a length of its own.
 *
 * @module
 */

import type { JudgedRecord } from "./evidence.ts";
import { at, distinctList, isNatural, isText, member } from "./values.ts";

/** A method as a profile names it. */
export interface JudgedMethod {
  /** Its name in runs and files. */
  readonly name: string;
  /** Its seeds, where they are not the profile's. */
  readonly seeds: readonly number[] | undefined;
  /** Its steps, where they are not the profile's. */
  readonly steps: number | undefined;
}

function methodOf(value: unknown): JudgedMethod | undefined {
  if (isText(value)) return { name: value, seeds: undefined, steps: undefined };
  const name = member(value, "name"), given = member(value, "seeds"), steps = member(value, "steps");
  const seeds = distinctList(given, isNatural);
  if (!isText(name) || given !== undefined && !seeds || steps !== undefined && !isNatural(steps)) {
    return undefined;
  }
  return { name, seeds, steps };
}

/** The methods that a profile names, or `undefined` where it does not say. */
export function profileMethods(profile: JudgedRecord["profile"]): readonly JudgedMethod[] | undefined {
  const list = profile["methods"];
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const methods = list.flatMap((value) => methodOf(value) ?? []);
  const distinct = new Set(methods.map(({ name }) => name)).size === list.length;
  return methods.length === list.length && distinct ? methods : undefined;
}

/** How many steps a run of a method has: its own number, or else the profile's. */
export function stepsOf(profile: JudgedRecord["profile"], method: string): unknown {
  return profileMethods(profile)?.find(({ name }) => name === method)?.steps ??
    at(profile, "training", "steps");
}
