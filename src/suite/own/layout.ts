/**
 * The layouts in which data sets write an answer that is not the answer alone.
 *
 * @module
 */

import { readAnswer } from "../answer.ts";

/** An answer, and how it was found where it did not stand alone. */
export interface FoundAnswer {
  /** The answer. */
  readonly answer: string;
  /** How it was found. */
  readonly layout?: string;
}

/**
 * The content of the last complete `\boxed{}` of a text, braces matched; `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lastBox } from "./layout.ts";
 *
 * assertEquals(lastBox("So $x = \\boxed{\\frac{1}{2}}$."), "\\frac{1}{2}");
 * assertEquals(lastBox("\\boxed{1"), undefined);
 * ```
 */
export function lastBox(text: string): string | undefined {
  for (const { index, 0: head } of [...text.matchAll(/\\f?boxed\s*\{/g)].toReversed()) {
    const start = index + head.length;
    let depth = 1;
    for (let at = start; at < text.length; at++) {
      if (text[at] === "\\") at++;
      else if (text[at] === "{") depth++;
      else if (text[at] === "}" && --depth === 0) return text.slice(start, at).trim() || undefined;
    }
  }
  return undefined;
}

/** A JSON list of one text, as some tables write it; `undefined` if it is something else. */
function oneOfList(text: string): string | undefined {
  if (!/^\s*\[\s*"/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === 1 && typeof value[0] === "string" ? value[0] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The answer in a value: behind the last `####` (GSM8K), in the last `\boxed{}` (MATH), the one entry of a list, or the
 * value itself.
 *
 * @throws {SyntaxError} If it is neither a text nor a number nor a list of them: a predicate for a message.
 */
export function findAnswer(value: unknown): FoundAnswer {
  if (Array.isArray(value)) return { answer: readAnswer("list", value), layout: "a list's entries" };
  const text = readAnswer("text", value);
  if (/####\s*\S/.test(text)) return { answer: readAnswer("gsm8k", text), layout: 'behind the last "####"' };
  const box = lastBox(text);
  if (box !== undefined) return { answer: box, layout: "in the last \\boxed{}" };
  const entry = oneOfList(text);
  return entry === undefined ? { answer: text } : { answer: entry, layout: "a list's entries" };
}
