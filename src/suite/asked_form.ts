/**
 * The form of an answer that the words of a question ask for.
 *
 * @module
 */

import type { RequiredForm } from "./problem.ts";

/** What words ask for which form; the first that fits counts. */
const ASKED: readonly (readonly [words: RegExp, wanted: NonNullable<RequiredForm["wanted"]>])[] = [
  [/\b(?:as|to|in) (?:a |an? exact |a terminating |a repeating )?decimal\b/i, "decimal"],
  [/\b(?:what|as a) percent(?:age)?\b|\bpercent(?:age)? (?:change|increase|decrease)\b/i, "decimal"],
  [/(?:^|[.:?!\n]\s*)(?:expand|multiply out)\b|\bin expanded form\b/i, "expanded"],
  [/(?:^|[.:?!\n]\s*)(?:completely )?factor(?:i[sz]e)?\b|\bin factored form\b/i, "factored"],
  [
    /(?:^|[.:?!\n]\s*)simplify\b|\b(?:common fraction|lowest terms|simplest (?:form|radical form|terms))\b/i,
    "lowest terms",
  ],
];

/**
 * The form that a question asks for in so many words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { askedForm } from "./asked_form.ts";
 *
 * assertEquals(askedForm("Write $\\frac18$ as a decimal."), { wanted: "decimal" });
 * assertEquals(askedForm("Find the factor of 2 that is odd."), undefined);
 * ```
 */
export function askedForm(question: string): RequiredForm | undefined {
  const wanted = ASKED.find(([words]) => words.test(question))?.[1];
  return wanted === undefined ? undefined : { wanted };
}
