/**
 * JSON documents that build on others.
 *
 * @module
 */

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Is a value a JSON object? */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A document with changes: objects are merged, everything else is replaced. */
export function mergeJson(base: Json, changes: Json): Json {
  const merged = Object.entries(changes).map(([key, change]) => {
    const before = base[key];
    return [key, isObject(before) && isObject(change) ? mergeJson(before, change) : change];
  });
  return { ...base, ...Object.fromEntries(merged) };
}
