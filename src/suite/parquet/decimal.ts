/**
 * Numbers of parquet columns with the digits that were meant, where a double would show others.
 *
 * @module
 */

import type { SchemaElement } from "hyparquet";

/** Digits that tell every float32 from its neighbours. */
const FLOAT32_DIGITS = 9;

/**
 * The shortest decimal number that rounds to the same float32, as a double: a column of float32 that was written from
 * 0.1 holds 0.10000000149…, and 0.1 was meant.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shortestFloat32 } from "./decimal.ts";
 *
 * assertEquals(shortestFloat32(Math.fround(0.1)), 0.1);
 * ```
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value) && Math.abs(value) <= 2 ** 24) return value;
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(FLOAT32_DIGITS));
}

/** A decimal number as a double that is written with its digits. */
function decimalOf(value: number, scale: number, name: string): number {
  if (Math.abs(value) * 10 ** scale < 1e15) return Number(value.toFixed(Math.min(scale, 100)));
  throw new SyntaxError(`the column ${name} has decimals of more than 15 digits; store them as text`);
}

/** All numbers of a value that may be nested, changed. */
function mapNumbers(value: unknown, change: (number: number) => unknown): unknown {
  if (typeof value === "number") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapNumbers(item, change));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapNumbers(item, change)]));
}

/** How the numbers of the top-level columns are changed that are stored as float32 or as decimals. */
export function decimalColumns(
  schema: readonly SchemaElement[],
): ReadonlyMap<string, (value: unknown) => unknown> {
  const changes = new Map<string, (value: unknown) => unknown>();
  let next = 1;
  const visit = (top: string | undefined): void => {
    const element = schema[next++];
    if (!element) return;
    const name = top ?? element.name, { scale = 0 } = element;
    if (element.converted_type === "DECIMAL" || element.logical_type?.type === "DECIMAL") {
      changes.set(name, (value) => mapNumbers(value, (number) => decimalOf(number, scale, name)));
    } else if (element.type === "FLOAT") {
      changes.set(name, (value) => mapNumbers(value, shortestFloat32));
    }
    for (let i = 0; i < (element.num_children ?? 0); i++) visit(name);
  };
  for (let i = 0; i < (schema[0]?.num_children ?? 0); i++) visit(undefined);
  return changes;
}
