/**
 * The answer rules: how a column's value becomes the reference answer.
 *
 * @module
 */

import { WrittenNumber } from "./rows/mod.ts";
import { normalizeText, numberText } from "./text.ts";

/** The name of an answer rule. */
export type AnswerRule = "text" | "number" | "gsm8k" | "list";

/** A text as it is; a number's digits; a truth value in a word. */
function plainAnswer(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "number" || value instanceof WrittenNumber) {
    return numberText(value);
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  throw new SyntaxError(
    `is ${value === null || value === undefined ? "missing" : "neither text nor a number"}`,
  );
}

/** What stands behind the last `####` of a GSM8K solution, without the commas between thousands. */
function gsm8kAnswer(value: unknown): string {
  const text = plainAnswer(value), mark = text.lastIndexOf("####");
  if (mark < 0) throw new SyntaxError('has no "####"');
  const answer = text.slice(mark + 4).trim();
  return numberText(/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(answer) ? answer.replaceAll(",", "") : answer);
}

/** The entries of a list, separated by commas; mostly there is one. */
function listAnswer(value: unknown): string {
  if (!Array.isArray(value)) throw new SyntaxError("is no list");
  if (value.length === 0) throw new SyntaxError("is an empty list");
  return value.map(plainAnswer).map(normalizeText).join(", ");
}

/** The rules by name. */
const rules: Readonly<Record<AnswerRule, (value: unknown) => string>> = {
  text: plainAnswer,
  number: numberText,
  gsm8k: gsm8kAnswer,
  list: listAnswer,
};

/** The names of the answer rules. */
export const answerRules = Object.keys(rules) as [AnswerRule, ...AnswerRule[]];

/**
 * The reference answer that a rule finds in a value, normalised as {@linkcode normalizeText} does.
 *
 * @throws {SyntaxError} If the rule does not fit the value. The message is a predicate, such as `is no number`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAnswer } from "./answer.ts";
 *
 * assertEquals(readAnswer("gsm8k", "9 * 120 = 1,080\n#### 1,080"), "1080");
 * assertEquals(readAnswer("list", ["$\\frac12$"]), "$\\frac12$");
 * ```
 */
export function readAnswer(rule: AnswerRule, value: unknown): string {
  return normalizeText(rules[rule](value));
}
