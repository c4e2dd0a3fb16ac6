/**
 * From rows to problems: columns, answer rule, filter, repeats, and the digest that names the result.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical_json.ts";
import { type AnswerRule, readAnswer } from "./answer.ts";
import { askedForm } from "./asked_form.ts";
import { topColumn, valueAt } from "./column.ts";
import type { RowCondition, RowFormat, SuiteColumns, SuiteDefinition } from "./definition.ts";
import type { Problem } from "./problem.ts";
import { readRows, type Row } from "./rows.ts";
import { normalizeText, numberText } from "./text.ts";

/** How the rows of a suite become problems. */
export interface RowRules {
  /** The suite's name. */
  readonly suite: string;
  /** The format of its files. */
  readonly format: RowFormat;
  /** The top-level columns that are needed. */
  readonly needed: readonly string[];
  /** Where the values of a row stand. */
  readonly columns: (row: Readonly<Record<string, unknown>>) => SuiteColumns;
  /** How its answer is read. */
  readonly answer: AnswerRule;
  /** The form that answers must have; where it is not said, that which the question asks for. */
  readonly form?: SuiteDefinition["form"];
  /** Text around the question that is taken off. */
  readonly wrapper?: SuiteDefinition["wrapper"];
  /** What a row must meet. */
  readonly filter?: readonly RowCondition[] | undefined;
  /** Whether repeated questions are left out; otherwise they are an error. */
  readonly dedupe: boolean;
}

/** The problems of a suite's files. */
export interface Collection {
  /** The problems in the order of the files. */
  readonly problems: readonly Problem[];
  /** Rows that met the filter. */
  readonly rows: number;
  /** Rows that were left out because an earlier one asks the same. */
  readonly repeats: number;
}

/** The longest texts that are taken, in UTF-16 units; those of the known data sets are far shorter. */
const LONGEST = { question: 65_536, answer: 16_384, solution: 1_048_576, subject: 256, id: 256 } as const;

function limited(name: keyof typeof LONGEST, text: string): string {
  if (text === "") throw new SyntaxError(`the ${name} is empty`);
  if (text.length > LONGEST[name]) {
    throw new SyntaxError(`the ${name} has ${text.length} characters, more than ${LONGEST[name]}`);
  }
  return text;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "" ||
    (Array.isArray(value) && value.length === 0);
}

function meets(row: unknown, { column, equals, present }: RowCondition): boolean {
  const value = valueAt(row, column);
  if (present) return !isAbsent(value);
  if (equals === null) return isAbsent(value);
  return (typeof value === "bigint" ? Number(value) : value) === equals;
}

function readQuestion(row: unknown, { question }: SuiteColumns, wrapper: RowRules["wrapper"]): string {
  const value = valueAt(row, question);
  if (typeof value !== "string") {
    throw new SyntaxError(`${question} is ${isAbsent(value) ? "missing" : "no text"}`);
  }
  const text = normalizeText(value);
  if (!wrapper) return limited("question", text);
  const before = normalizeText(wrapper.before), after = normalizeText(wrapper.after);
  const wrapped = text.length >= before.length + after.length && text.startsWith(before) &&
    text.endsWith(after);
  return limited("question", wrapped ? text.slice(before.length, text.length - after.length).trim() : text);
}

function readSolution(value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  const parts = Array.isArray(value) ? value : [value];
  if (!parts.every((part) => typeof part === "string")) throw new SyntaxError("the solution is no text");
  return limited("solution", normalizeText(parts.join("\n\n"))) || undefined;
}

function readLevel(value: unknown): number | undefined {
  if (isAbsent(value)) return undefined;
  try {
    return Number(numberText(value));
  } catch {
    throw new SyntaxError("the level is no number");
  }
}

function readName(name: "subject" | "id", value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (!["string", "number", "bigint"].includes(typeof value)) throw new SyntaxError(`the ${name} is no text`);
  return limited(name, normalizeText(`${value}`));
}

function readRow(row: Readonly<Record<string, unknown>>, rules: RowRules): Problem {
  const columns = rules.columns(row);
  const optional = (path: string | undefined): unknown => path === undefined ? undefined : valueAt(row, path);
  const question = readQuestion(row, columns, rules.wrapper);
  let answer: string;
  try {
    answer = readAnswer(rules.answer, valueAt(row, columns.answer));
  } catch (error) {
    throw new SyntaxError(`${columns.answer} ${error instanceof Error ? error.message : error}`);
  }
  const level = readLevel(optional(columns.level)), solution = readSolution(optional(columns.solution));
  const form = rules.form ?? askedForm(question);
  const sourceId = readName("id", optional(columns.id));
  return {
    id: createHash("sha256").update(canonicalJson({ suite: rules.suite, question })).digest("hex").slice(
      0,
      16,
    ),
    suite: rules.suite,
    family: readName("subject", optional(columns.subject)) ?? rules.suite,
    ...(level === undefined ? {} : { level }),
    question,
    answer: limited("answer", answer),
    ...(form === undefined ? {} : { form }),
    ...(solution === undefined ? {} : { solution }),
    ...(sourceId === undefined ? {} : { sourceId }),
  };
}

/** The top-level columns that paths need. */
export function neededColumns(paths: readonly (string | undefined)[]): string[] {
  return [...new Set(paths.flatMap((path) => path === undefined ? [] : [topColumn(path)]))];
}

/**
 * Reads the problems of files.
 *
 * @throws {SyntaxError} If a row lacks a value or has one that does not fit: one line that names file and row.
 * @throws {RangeError} If two rows ask the same and repeats are not allowed.
 */
export async function collectProblems(paths: readonly string[], rules: RowRules): Promise<Collection> {
  const problems: Problem[] = [], seen = new Map<string, string>();
  let rows = 0, repeats = 0;
  for (const path of paths) {
    const add = ({ place, value }: Row): void => {
      if (!(rules.filter ?? []).every((condition) => meets(value, condition))) return;
      rows++;
      let problem: Problem;
      try {
        problem = readRow(value, rules);
      } catch (error) {
        throw new SyntaxError(
          `Cannot use ${path}, ${place}: ${error instanceof Error ? error.message : error}`,
        );
      }
      const earlier = seen.get(problem.id);
      if (earlier === undefined) {
        seen.set(problem.id, place);
        problems.push(problem);
      } else if (rules.dedupe) {
        repeats++;
      } else {
        throw new RangeError(`Cannot use ${path}, ${place}: it asks the same as ${earlier}`);
      }
    };
    for await (const row of readRows(path, rules.format, rules.needed)) add(row);
  }
  return { problems, rows, repeats };
}

/**
 * The SHA-256 of problems: of the lines `["question","answer"]` in canonical JSON (RFC 8785), sorted by their UTF-16
 * units, each with a line feed. It depends neither on the order of the rows nor on their other columns, so copies of a
 * data set can be compared.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { problemsDigest } from "./collect.ts";
 *
 * const one = { question: "Find 2+3", answer: "5" }, two = { question: "Find 2*3", answer: "6" };
 * assertEquals(problemsDigest([one, two]), problemsDigest([two, one]));
 * ```
 */
export function problemsDigest(problems: readonly Pick<Problem, "question" | "answer">[]): string {
  const lines = problems.map(({ question, answer }) => canonicalJson([question, answer])).sort();
  const hash = createHash("sha256");
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest("hex");
}
