/**
 * Numbers with the digits that a file holds.
 *
 * @module
 */

/** A number of a file whose digits are not those that JavaScript would write: `9007199254740993`, `1e-7`, `2.50`. */
export class WrittenNumber {
  /**
   * Keeps the digits.
   *
   * @param text The number as the file writes it.
   */
  constructor(
    /** The number as the file writes it. */
    readonly text: string,
  ) {}

  /** The digits. */
  toString(): string {
    return this.text;
  }
}

/**
 * Reads JSON without rounding: a number that a double would not write as it stands is a {@linkcode WrittenNumber}.
 *
 * @throws {SyntaxError} If it is no JSON.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseExactly } from "./number.ts";
 *
 * assertEquals(`${parseExactly("9007199254740993")}`, "9007199254740993");
 * assertEquals(parseExactly('{"answer": 5}'), { answer: 5 });
 * ```
 */
export function parseExactly(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== "number" || source === undefined || String(value) === source) return value;
    return new WrittenNumber(source);
  };
  return JSON.parse(text, keep);
}
