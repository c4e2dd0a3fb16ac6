/**
 * Settings that people write as JSON, read against a schema; errors are one line that names the field.
 *
 * @module
 */

/** What tells whether a value fits, and where it does not: a schema of zod's is one. */
export interface Schema<T> {
  /** The value as it is wanted, or what is wrong with it. */
  safeParse(value: unknown): {
    readonly data?: T | undefined;
    readonly error?: {
      readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
    } | undefined;
  };
}

/** What stands at a path, where it is short and no object. */
function describeFound(document: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((part, key) => Object(part)[key], document);
  if (Object.prototype.toString.call(value) === "[object Object]") return "";
  const text = JSON.stringify(value) ?? "nothing";
  return `, found ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

/**
 * Reads a document that people write.
 *
 * @param source What it is called in errors: its path.
 * @throws {SyntaxError} If the text is no JSON, or a field is missing, unknown or out of range.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { z } from "zod";
 * import { parseChecked } from "./checked_json.ts";
 *
 * const schema = z.strictObject({ rows: z.array(z.object({ seed: z.number() })) });
 * assertThrows(
 *   () => parseChecked(schema, '{"rows":[{"seed":"1"}]}', "x.json"),
 *   SyntaxError,
 *   "Cannot use x.json: rows.0.seed: Invalid input: expected number, received string",
 * );
 * assertThrows(() => parseChecked(schema, "{", "x.json"), SyntaxError, "Cannot read x.json: ");
 * ```
 */
export function parseChecked<T>(schema: Schema<T>, text: string, source: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source}: ${error instanceof Error ? error.message : error}`);
  }
  return checked(schema, value, source);
}

/**
 * A value that fits a schema.
 *
 * @throws {SyntaxError} If it does not: where, what was expected, and what was found.
 */
export function checked<T>(schema: Schema<T>, value: unknown, source: string): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const { path, message } = error?.issues[0] ?? { path: [], message: "it does not fit" };
  const found = /, (found|received) /.test(message) ? "" : describeFound(value, path);
  throw new SyntaxError(`Cannot use ${source}: ${path.join(".") || "the document"}: ${message}${found}`);
}
