/**
 * JSON with comments, as editors know it: profiles that people write.
 *
 * @module
 */

import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";

/**
 * Reads JSON with comments and trailing commas.
 *
 * @param source What it is called in errors.
 * @throws {SyntaxError} If it is none: one line that says where.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseJsonc } from "./jsonc.ts";
 *
 * assertEquals(parseJsonc('{ "steps": 80, // twice as many\n}', "mine.jsonc"), { steps: 80 });
 * assertThrows(() => parseJsonc('{\n "steps" 80}', "mine.jsonc"), SyntaxError, "Cannot read mine.jsonc: line 2");
 * ```
 */
export function parseJsonc(text: string, source: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (!first) return value;
  const before = text.slice(0, first.offset).split("\n");
  const what = printParseErrorCode(first.error).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
  throw new SyntaxError(
    `Cannot read ${source}: line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${what}`,
  );
}
