/**
 * Paths to values within a row, such as `prompt[0].content`.
 *
 * @module
 */

/** What a path looks like: a name, then names and indices. */
export const COLUMN_PATH = /^[^.[\]\s]+(\[\d{1,4}\]|\.[^.[\]\s]+)*$/;

/** The top-level column of a path. */
export function topColumn(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? "";
}

/**
 * The value at a path, or `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { valueAt } from "./column.ts";
 *
 * const row = { prompt: [{ role: "user", content: "Find 2+3" }] };
 * assertEquals(valueAt(row, "prompt[0].content"), "Find 2+3");
 * assertEquals(valueAt(row, "prompt[1].content"), undefined);
 * ```
 */
export function valueAt(row: unknown, path: string): unknown {
  let value = row;
  for (const [step] of path.matchAll(/[^.[\]]+/g)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}
