/**
 * Reads JSON documents against a schema, strictly: one spelling for each value, and errors of one line.
 *
 * @module
 */

import type { z } from "zod";
import { canonicalJson } from "../canonical_json.ts";

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

/**
 * Parses a document that {@linkcode writeDocument} wrote. Any other spelling of the same value is refused, and with it
 * duplicate names, of which JSON parsers silently keep one.
 *
 * @param action What is being done, for the error.
 * @throws {SyntaxError} If the bytes are not UTF-8, not JSON, or not in canonical form.
 */
export function readDocument(bytes: Uint8Array, action: string): unknown {
  let text: string, value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof TypeError ? "it is not UTF-8" : String(error).replace(/\s+/g, " ");
    throw new SyntaxError(`${action}: ${reason}`);
  }
  if (writeDocument(value) !== text) {
    throw new SyntaxError(`${action}: expected canonical JSON (RFC 8785) with a line feed at the end`);
  }
  return value;
}
