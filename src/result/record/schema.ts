/**
 * Reads JSON documents against a schema, strictly: one spelling for each value, and errors of one line.
 *
 * @module
 */

import type { z } from "zod";
import { canonicalJson } from "../../canonical_json.ts";
import { checkJsonText } from "./strict_json.ts";

/** A path in a document as people write it: `runs[0].suites["mini-aime"].correct[3]`. */
function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) =>
    typeof part === "number"
      ? `[${part}]`
      : /^[A-Za-z_]\w*$/.test(String(part))
      ? `.${String(part)}`
      : `[${JSON.stringify(String(part))}]`
  ).join("");
  return text === "" ? "the document" : text.replace(/^\./, "");
}

/** The start of a value's JSON, for error messages. */
function excerpt(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The part of a document at a path. */
function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => value !== null && typeof value === "object" ? Reflect.get(value, part) : undefined,
    document,
  );
}

/**
 * Checks a value against a schema.
 *
 * @param action What is being done, for the error: "Cannot read results.json".
 * @throws {TypeError} With the first place that does not fit: path, what was expected, what was found.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { z } from "zod";
 * import { parseAs } from "./schema.ts";
 *
 * const schema = z.object({ runs: z.array(z.object({ seed: z.number() })) });
 * assertThrows(
 *   () => parseAs(schema, { runs: [{ seed: "1" }] }, "Cannot read results.json"),
 *   TypeError,
 *   'Cannot read results.json: runs[0].seed: expected number, found "1"',
 * );
 * ```
 */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown, action: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const message = (issue?.message ?? "invalid").replace(/^Invalid \w+: /, "").replace(/, received .*$/, "");
  throw new TypeError(`${action}: ${formatPath(path)}: ${message}, found ${excerpt(valueAt(value, path))}`);
}

/** How a document is written: its RFC 8785 form and a line feed. */
export function writeDocument(value: unknown): string {
  return canonicalJson(value) + "\n";
}

/** A text from bytes that are UTF-8. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("it is not UTF-8");
  }
}

/**
 * Parses a document that {@linkcode writeDocument} wrote. Any other spelling of the same value is refused, and with it
 * what other parsers read otherwise: duplicate names, numbers that float64 does not hold.
 *
 * @param action What is being done, for the error.
 * @throws {SyntaxError} If the bytes are not UTF-8, not JSON, or not in canonical form.
 */
export function readDocument(bytes: Uint8Array, action: string): unknown {
  try {
    const text = decode(bytes);
    checkJsonText(text);
    const value: unknown = JSON.parse(text);
    if (isCanonical(value, text)) return value;
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    throw new SyntaxError(`${action}: ${reason.replace(/\s+/g, " ")}`);
  }
  throw new SyntaxError(`${action}: expected canonical JSON (RFC 8785) with a line feed at the end`);
}

/** Is a text the canonical form of a value? */
function isCanonical(value: unknown, text: string): boolean {
  try {
    return writeDocument(value) === text;
  } catch {
    return false; // a number such as 1e999 has no JSON form
  }
}

/**
 * The first place at which two JSON values differ, as people write it, or `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { firstDifference } from "./schema.ts";
 *
 * assertEquals(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), "a[1].b");
 * assertEquals(firstDifference({ a: [1] }, { a: [1] }), undefined);
 * ```
 */
export function firstDifference(a: unknown, b: unknown): string | undefined {
  const visit = (a: unknown, b: unknown, path: readonly PropertyKey[]): string | undefined => {
    if (canonicalForm(a) === canonicalForm(b)) return undefined;
    const bothArrays = Array.isArray(a) && Array.isArray(b);
    if (!bothArrays && (!isObject(a) || !isObject(b))) return formatPath(path);
    const names = new Set([...Object.keys(a as object), ...Object.keys(b as object)]);
    for (const name of [...names].sort()) {
      const part = bothArrays ? Number(name) : name;
      const found = visit(Reflect.get(a as object, part), Reflect.get(b as object, part), [...path, part]);
      if (found !== undefined) return found;
    }
    return formatPath(path);
  };
  return visit(a, b, []);
}

function canonicalForm(value: unknown): string {
  return value === undefined ? "" : canonicalJson(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
