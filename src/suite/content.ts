/**
 * What of a row becomes a problem.
 *
 * @module
 */

import { numberText } from "./text.ts";

/** The parts of a problem as they stand in a row, before they are normalised. */
export interface RowContent {
  /** What is asked. */
  readonly question: string;
  /** The reference answer. */
  readonly answer: string;
  /** What the data set calls the problem. */
  readonly id?: string | undefined;
  /** A worked solution. */
  readonly solution?: string | undefined;
  /** The field that the problem is from. */
  readonly subject?: string | undefined;
  /** How hard it is. */
  readonly level?: number | undefined;
  /** How question and answer were found, where that is worth saying: `behind "####"`. */
  readonly layouts?: readonly string[] | undefined;
}

/** The longest texts that are taken, in UTF-16 units; those of the known data sets are far shorter. */
export const LONGEST = {
  question: 65_536,
  answer: 16_384,
  solution: 1_048_576,
  subject: 256,
  id: 256,
} as const;

/**
 * A text that is neither empty nor too long.
 *
 * @throws {SyntaxError} If it is.
 */
export function limited(name: keyof typeof LONGEST, text: string): string {
  if (text === "") throw new SyntaxError(`the ${name} is empty`);
  if (text.length > LONGEST[name]) {
    throw new SyntaxError(`the ${name} has ${text.length} characters, more than ${LONGEST[name]}`);
  }
  return text;
}

/** Is there nothing at a place of a row? */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "" ||
    (Array.isArray(value) && value.length === 0);
}

/**
 * A worked solution: a text, or several that follow each other.
 *
 * @throws {SyntaxError} If it is something else.
 */
export function readSolution(value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  const parts = Array.isArray(value) ? value : [value];
  if (!parts.every((part) => typeof part === "string")) throw new SyntaxError("the solution is no text");
  return parts.join("\n\n");
}

/**
 * How hard a problem is: a number, or the number of `Level 5`.
 *
 * @throws {SyntaxError} If it is something else.
 */
export function readLevel(value: unknown): number | undefined {
  if (isAbsent(value)) return undefined;
  const named = typeof value === "string" ? /^level\s+(\d+)$/i.exec(value.trim())?.[1] : undefined;
  try {
    return Number(numberText(named ?? value));
  } catch {
    throw new SyntaxError("the level is no number");
  }
}

/**
 * A name: a text or a number.
 *
 * @throws {SyntaxError} If it is something else.
 */
export function readName(name: "subject" | "id", value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === "string") return value;
  try {
    return numberText(value);
  } catch {
    throw new SyntaxError(`the ${name} is no text`);
  }
}
