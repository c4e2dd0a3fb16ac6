/**
 * Looking into values from strangers, without dependencies: what judges has to run in a browser too.
 *
 * @module
 */

/** The member of a value, or `undefined` where the value is no object or has no such member of its own. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** The value at a path of members. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce(member, value);
}

/** A list of distinct items that all are of a kind, or `undefined`. */
export function distinctList<T extends string | number>(
  value: unknown,
  isItem: (item: unknown) => item is T,
): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isItem)) return undefined;
  return new Set(value).size === value.length ? value : undefined;
}

/** Is it a text that is not empty? */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Is it a whole number, 0 or more? */
export function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A value from elsewhere in an error: short, in one line. */
export function said(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The first path at which two JSON values differ, `undefined` if there is none. */
export function difference(a: unknown, b: unknown, path = ""): string | undefined {
  if (a === b) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) {
    const there = Object.hasOwn(a, name) && Object.hasOwn(b, name);
    const inner = Array.isArray(a)
      ? `${path}[${name}]`
      : !/^[A-Za-z_]\w*$/.test(name)
      ? `${path}[${JSON.stringify(name)}]`
      : path === ""
      ? name
      : `${path}.${name}`;
    if (!there) return inner;
    const found = difference(Reflect.get(a, name), Reflect.get(b, name), inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
