/**
 * Compares what a page shows with what follows from the signed files.
 *
 * @module
 */

/** How far two numbers may be apart: browsers round logarithms and powers differently in the last digits. */
const TOLERANCE = 1e-7;

/** Are two numbers the same but for rounding? */
function near(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/**
 * The paths at which two JSON values differ: `mean.average.value`, `suites.0.name`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { differingPaths } from "./compared.ts";
 *
 * assertEquals(differingPaths({ a: [1, "x"], b: 1 }, { a: [1, "y"], c: 2 }), ["a.1", "b", "c"]);
 * ```
 */
export function differingPaths(shown: unknown, signed: unknown, path = ""): string[] {
  if (isObject(shown) && isObject(signed) && Array.isArray(shown) === Array.isArray(signed)) {
    const names = new Set([...Object.keys(shown), ...Object.keys(signed)]);
    return [...names].flatMap((name) => {
      const below = path === "" ? name : `${path}.${name}`;
      if (!Object.hasOwn(shown, name) || !Object.hasOwn(signed, name)) return [below];
      return differingPaths(Reflect.get(shown, name), Reflect.get(signed, name), below);
    });
  }
  const same = typeof shown === "number" && typeof signed === "number"
    ? near(shown, signed)
    : shown === signed;
  return same ? [] : [path];
}
