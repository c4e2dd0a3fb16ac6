/**
 * From rows to problems: columns, answer rule, filter, repeats, and the digest that names the result.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical_json.ts";
import { fileName } from "../suite_name.ts";
import { askedForm } from "./asked_form.ts";
import { topColumn, valueAt } from "./column.ts";
import { isAbsent, limited, type RowContent } from "./content.ts";
import type { RowCondition, SuiteDefinition } from "./definition.ts";
import type { Problem } from "./problem.ts";
import { readRows, type Row, type RowFormat, type WantedColumns, WrittenNumber } from "./rows/mod.ts";
import { normalizeText } from "./text.ts";

/** How the rows of a suite become problems. */
export interface RowRules {
  /** The suite's name. */
  readonly suite: string;
  /** The format of its files. */
  readonly format: RowFormat;
  /** Which top-level columns are needed. */
  readonly wanted: WantedColumns;
  /** The parts of a problem in a row; a SyntaxError says what is wrong with it. */
  readonly read: (row: Readonly<Record<string, unknown>>) => RowContent;
  /** The form that answers must have; where it is not said, that which the question asks for. */
  readonly form?: SuiteDefinition["form"];
  /** Text around the question that is taken off. */
  readonly wrapper?: SuiteDefinition["wrapper"];
  /** What a row must meet. */
  readonly filter?: readonly RowCondition[] | undefined;
  /** Whether repeated questions are left out; otherwise they are an error. */
  readonly dedupe: boolean;
}

/** Two rows that ask the same and answer differently. */
export interface Contradiction {
  /** The row whose answer counts: the first. */
  readonly first: string;
  /** The other one. */
  readonly second: string;
  /** Their answers. */
  readonly answers: readonly [string, string];
}

/** The problems of a suite's files. */
export interface Collection {
  /** The problems in the order of the files. */
  readonly problems: readonly Problem[];
  /** Rows that met the filter. */
  readonly rows: number;
  /** Rows that were left out because an earlier one asks the same. */
  readonly repeats: number;
  /** Those of them that answer otherwise. */
  readonly contradictions: readonly Contradiction[];
  /** Where the problems stand, such as `line 7`, by their ids. */
  readonly places: ReadonlyMap<string, string>;
  /** How questions and answers were found, and in how many rows. */
  readonly layouts: ReadonlyMap<string, number>;
}

function meets(row: unknown, { column, equals, present }: RowCondition): boolean {
  const value = valueAt(row, column);
  if (present) return !isAbsent(value);
  if (equals === null) return isAbsent(value);
  const plain = typeof value === "bigint" || value instanceof WrittenNumber ? Number(`${value}`) : value;
  return plain === equals;
}

/** A question without the text around it. */
function unwrapped(question: string, wrapper: RowRules["wrapper"]): string {
  const text = normalizeText(question);
  if (!wrapper) return limited("question", text);
  const before = normalizeText(wrapper.before), after = normalizeText(wrapper.after);
  const wrapped = text.length >= before.length + after.length && text.startsWith(before) &&
    text.endsWith(after);
  return limited("question", wrapped ? text.slice(before.length, text.length - after.length).trim() : text);
}

/** The id of a problem: the same question of the same suite has the same, whoever copied it. */
function problemId(suite: string, question: string): string {
  return createHash("sha256").update(canonicalJson({ suite, question })).digest("hex").slice(0, 16);
}

function problemOf(content: RowContent, { suite, form: given, wrapper }: RowRules): Problem {
  const text = (name: "id" | "solution" | "subject"): string | undefined => {
    const value = content[name] === undefined ? "" : normalizeText(content[name]);
    return value === "" ? undefined : limited(name, value);
  };
  const question = unwrapped(content.question, wrapper);
  const form = given ?? askedForm(question), solution = text("solution"), sourceId = text("id");
  return {
    id: problemId(suite, question),
    suite,
    family: text("subject") ?? suite,
    ...(content.level === undefined ? {} : { level: content.level }),
    question,
    answer: limited("answer", normalizeText(content.answer)),
    ...(form === undefined ? {} : { form }),
    ...(solution === undefined ? {} : { solution }),
    ...(sourceId === undefined ? {} : { sourceId }),
  };
}

/** The top-level columns that paths need. */
export function neededColumns(paths: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(paths.flatMap((path) => path === undefined ? [] : [topColumn(path)]));
}

/**
 * Reads the problems of files.
 *
 * @throws {SyntaxError} If a row lacks a value or has one that does not fit: one line that names file and row.
 * @throws {RangeError} If two rows ask the same and repeats are not allowed.
 */
export async function collectProblems(paths: readonly string[], rules: RowRules): Promise<Collection> {
  const problems: Problem[] = [],
    seen = new Map<string, { readonly place: string; readonly answer: string }>();
  const contradictions: Contradiction[] = [], layouts = new Map<string, number>();
  const several = paths.length > 1;
  let rows = 0, repeats = 0;
  for (const path of paths) {
    const add = ({ place, value }: Row): void => {
      if (!(rules.filter ?? []).every((condition) => meets(value, condition))) return;
      rows++;
      let problem: Problem;
      try {
        const content = rules.read(value);
        problem = problemOf(content, rules);
        for (const layout of content.layouts ?? []) layouts.set(layout, (layouts.get(layout) ?? 0) + 1);
      } catch (error) {
        throw new SyntaxError(
          `Cannot use ${path}, ${place}: ${error instanceof Error ? error.message : error}`,
        );
      }
      const earlier = seen.get(problem.id);
      if (earlier === undefined) {
        seen.set(problem.id, {
          place: several ? `${fileName(path)} ${place}` : place,
          answer: problem.answer,
        });
        problems.push(problem);
      } else if (rules.dedupe) {
        repeats++;
        if (earlier.answer !== problem.answer) {
          contradictions.push({
            first: earlier.place,
            second: several ? `${fileName(path)} ${place}` : place,
            answers: [earlier.answer, problem.answer],
          });
        }
      } else {
        throw new RangeError(`Cannot use ${path}, ${place}: it asks the same as ${earlier.place}`);
      }
    };
    for await (const row of readRows(path, rules.format, rules.wanted)) add(row);
  }
  const places = new Map([...seen].map(([id, { place }]) => [id, place]));
  return { problems, rows, repeats, contradictions, places, layouts };
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
