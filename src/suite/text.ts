/**
 * How the text of a row is normalised: the same problem has the same id, whoever copied it.
 *
 * @module
 */

/**
 * A text in Unicode's composed form (NFC), with line feeds as line ends and no white space around it. Everything else,
 * white space within it included, stays.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeText } from "./text.ts";
 *
 * assertEquals(normalizeText(" Cafe\u0301\r\nx  y \n"), "Caf\u00e9\nx  y");
 * ```
 */
export function normalizeText(text: string): string {
  return text.normalize("NFC").replace(/\r\n?/g, "\n").trim();
}

/**
 * A number as text: a whole one without decimals and without leading zeros. Digits are never changed, so a text of
 * any length stays exact.
 *
 * @throws {SyntaxError} If the value is no finite number.
 *
 * @example AIME writes three digits; floats come with decimals
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberText } from "./text.ts";
 *
 * assertEquals(["025", 27, "27.0", "-0.50"].map(numberText), ["25", "27", "27", "-0.5"]);
 * ```
 */
export function numberText(value: unknown): string {
  const text = typeof value === "string"
    ? value.trim()
    : typeof value === "number"
    ? plain(value)
    : `${value}`;
  const match = /^([+-]?)0*(\d+)(?:\.(\d*))?$/.exec(text);
  if (!match) throw new SyntaxError("is no number");
  const [, sign, whole = "0", decimals = ""] = match;
  const fraction = decimals.replace(/0+$/, ""), number = fraction ? `${whole}.${fraction}` : whole;
  return sign === "-" && /[1-9]/.test(number) ? `-${number}` : number;
}

/** A number's decimal digits, without an exponent where it has none of its own. */
function plain(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? value.toFixed(0) : String(value);
}
