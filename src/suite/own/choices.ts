/**
 * Multiple choice: a question with its options, and the letter of the right one.
 *
 * @module
 */

import { isAbsent } from "../content.ts";
import { WrittenNumber } from "../rows/mod.ts";

/** A row of multiple choice as a problem. */
export interface Choices {
  /** The question with its options, a line each. */
  readonly question: string;
  /** The letter of the right one. */
  readonly answer: string;
}

/** Letters of options, as the grader reads them. */
const LETTERS = "ABCDEFGHIJ";

/** Names of columns that hold one option each. */
const SINGLE = [["A", "B", "C", "D", "E"], [
  "option_a",
  "option_b",
  "option_c",
  "option_d",
  "option_e",
]] as const;

/** Texts, or numbers as texts; `undefined` where something else is among them. */
function textsOf(values: readonly unknown[]): string[] | undefined {
  const texts = values.map((value) =>
    ["string", "number", "bigint"].includes(typeof value) || value instanceof WrittenNumber
      ? `${value}`.trim()
      : undefined
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The options in a value, and their labels: a list, a JSON list in a table, `{ text, label }`, or `{ A: …, B: … }`. */
function readOptions(value: unknown): { readonly options: string[]; readonly labels: string[] } | undefined {
  if (typeof value === "string") {
    try {
      const inner: unknown = JSON.parse(value);
      return typeof inner === "string" ? undefined : readOptions(inner);
    } catch {
      return undefined;
    }
  }
  const labelled = (options: string[] | undefined, labels: string[] | undefined) =>
    options && labels && options.length === labels.length && options.length >= 2
      ? { options, labels }
      : undefined;
  if (Array.isArray(value)) return labelled(textsOf(value), [...LETTERS].slice(0, value.length));
  if (!isRecord(value)) return undefined;
  if (Array.isArray(value.text) && Array.isArray(value.label)) {
    return labelled(textsOf(value.text), textsOf(value.label));
  }
  const labels = Object.keys(value).filter((key) => /^[A-J]$/.test(key) && !isAbsent(value[key])).sort();
  return labelled(textsOf(labels.map((label) => value[label])), labels);
}

/** The options of a row: in the column that is named, or else in columns of one option each. */
function optionsOf(
  row: Readonly<Record<string, unknown>>,
  named: unknown,
): ReturnType<typeof readOptions> {
  if (named !== undefined) return readOptions(named);
  for (const columns of SINGLE) {
    const there = columns.filter((column) => !isAbsent(row[column]));
    if (there.length < 2 || there.some((column, i) => column !== columns[i])) continue;
    const options = textsOf(there.map((column) => row[column]));
    if (options) return { options, labels: [...LETTERS].slice(0, options.length) };
  }
  return undefined;
}

/** The place of the right option: by its label, its text, or, as a number, from 0. */
function placeOf(answer: unknown, options: readonly string[], labels: readonly string[]): number {
  const text = `${answer}`.trim(), bare = text.replace(/^\(?([A-Za-z\d])[).:]?$/, "$1");
  const label = labels.findIndex((one) => one.toLowerCase() === bare.toLowerCase());
  const same = options.indexOf(text);
  if (label >= 0 && !/^\d+$/.test(bare)) return label;
  if (typeof answer === "string") {
    if (same >= 0) return same;
    if (label >= 0) return label;
    throw new SyntaxError(`"${text.slice(0, 40)}" is none of the options`);
  }
  const index = Number(text);
  if (same >= 0 && same !== index) {
    throw new SyntaxError(`${text} may be the place of an option or its text; write the option's letter`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= options.length) {
    throw new SyntaxError(`${text} is none of the ${options.length} options, counted from 0`);
  }
  return index;
}

/**
 * A row of multiple choice; `undefined` if it has no options.
 *
 * @param named The value of the column that is known to hold the options, if any.
 * @throws {SyntaxError} If the answer is none of them, or may be two: a predicate for a message.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readChoices } from "./choices.ts";
 *
 * assertEquals(readChoices("Which is even?", "4", {}, ["3", "4"]), {
 *   question: "Which is even?\n\nA. 3\nB. 4",
 *   answer: "B",
 * });
 * assertEquals(readChoices("Find 2+2", "4", {}, undefined), undefined);
 * ```
 */
export function readChoices(
  question: string,
  answer: unknown,
  row: Readonly<Record<string, unknown>>,
  named: unknown,
): Choices | undefined {
  const found = optionsOf(row, named);
  if (!found || found.options.length > LETTERS.length) return undefined;
  const { options, labels } = found;
  let place: number;
  try {
    place = placeOf(answer, options, labels);
  } catch (error) {
    // Columns that are called A and B may hold anything.
    if (named === undefined && error instanceof SyntaxError) return undefined;
    throw error;
  }
  const lines = options.map((option, i) => {
    const letter = LETTERS.charAt(i);
    // Some data sets write the letter into the option.
    return new RegExp(`^\\(?${letter}[).:]\\s`).test(option) ? option : `${letter}. ${option}`;
  });
  // A question may list them already.
  const listed = options.every((option) => question.includes(option)) && /^\s*\(?A[).:]/m.test(question);
  return {
    question: listed ? question : `${question.trim()}\n\n${lines.join("\n")}`,
    answer: LETTERS.charAt(place),
  };
}
