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

/** The largest power of ten that a number is written out with. */
const MAX_POWER = 400;

/**
 * A number as text: a whole one without decimals and without leading zeros, a power of ten written out. Digits are never
 * changed, so a text of any length stays exact.
 *
 * @throws {SyntaxError} If the value is no finite number.
 *
 * @example AIME writes three digits; floats come with decimals
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberText } from "./text.ts";
 *
 * assertEquals(["025", 27, "27.0", "-0.50"].map(numberText), ["25", "27", "27", "-0.5"]);
 * assertEquals([1e-7, 1e21, "2.5e3"].map(numberText), ["0.0000001", "1000000000000000000000", "2500"]);
 * ```
 */
export function numberText(value: unknown): string {
  const text = typeof value === "string" ? value.trim() : `${value}`;
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (!match) throw new SyntaxError("is no number");
  const [, sign, before = "", after = "", power = "0"] = match;
  if (Math.abs(Number(power)) > MAX_POWER) throw new SyntaxError(`has a power of ten beyond ${MAX_POWER}`);
  const point = before.length + Number(power), digits = before + after;
  const wide = digits.padStart(digits.length + Math.max(0, 1 - point), "0").padEnd(Math.max(point, 1), "0");
  const at = Math.max(point, 1);
  const whole = wide.slice(0, at).replace(/^0+(?=\d)/, ""), fraction = wide.slice(at).replace(/0+$/, "");
  const number = fraction ? `${whole}.${fraction}` : whole;
  return sign === "-" && /[1-9]/.test(number) ? `-${number}` : number;
}
