/**
 * The methods of a result's profile: by name, or a row under another name with seeds or settings of its own.
 *
 * @module
 */

import { axisNames, type GridAxis } from "../method_grid.ts";
import type { JudgedRecord } from "./evidence.ts";
import { at, distinctList, isNatural, isText, member } from "./values.ts";

/** A method as a profile names it. */
export interface JudgedMethod {
  /** Its name in runs and files. */
  readonly name: string;
  /** The row that it is, where its phases are the row's. */
  readonly row: string | undefined;
  /** Its seeds, where they are not the profile's. */
  readonly seeds: readonly number[] | undefined;
  /** Its settings, where they are not the profile's. */
  readonly own: { readonly [A in GridAxis]?: number | undefined };
}

function methodOf(value: unknown): JudgedMethod | undefined {
  if (isText(value)) return { name: value, row: value, seeds: undefined, own: {} };
  const name = member(value, "name"), row = member(value, "row"), given = member(value, "seeds");
  const seeds = distinctList(given, isNatural), own: { [A in GridAxis]?: number } = {};
  if (!isText(name) || given !== undefined && !seeds) return undefined;
  for (const axis of axisNames) {
    const setting = member(value, axis);
    if (setting === undefined) continue;
    if (!(axis === "learningRate" ? typeof setting === "number" : isNatural(setting))) return undefined;
    own[axis] = Number(setting);
  }
  return { name, row: isText(row) && member(value, "phases") === undefined ? row : undefined, seeds, own };
}

/** The methods that a profile names, or `undefined` where it does not say. */
export function profileMethods(profile: JudgedRecord["profile"]): readonly JudgedMethod[] | undefined {
  const list = profile["methods"];
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const methods = list.flatMap((value) => methodOf(value) ?? []);
  const distinct = new Set(methods.map(({ name }) => name)).size === list.length;
  return methods.length === list.length && distinct ? methods : undefined;
}

/** A method of a profile. */
export function profileMethod(profile: JudgedRecord["profile"], method: string): JudgedMethod | undefined {
  return profileMethods(profile)?.find(({ name }) => name === method);
}

/** What a method trains with: its own value of a setting, or else the profile's. */
export function settingOf(profile: JudgedRecord["profile"], method: string, setting: GridAxis): unknown {
  return profileMethod(profile, method)?.own[setting] ?? at(profile, "training", setting);
}
