/**
 * Suite definitions: what a data set on the Hub is, as data. They lie in `benchmarks/suites`, one file each.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { checked, parseChecked } from "../checked_json.ts";
import { type AnswerRule, answerRules } from "./answer.ts";
import { COLUMN_PATH } from "./column.ts";
import type { RequiredForm, Split } from "./problem.ts";
import { type RowFormat, rowFormats } from "./rows/mod.ts";

/** Where the values of a problem stand in a row: paths such as `prompt[0].content`. */
export interface SuiteColumns {
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
  /** How hard it is: a number. */
  readonly level?: string | undefined;
}

/** A condition that rows must meet. */
export interface RowCondition {
  /** The path of the value. */
  readonly column: string;
  /** What it must be; `null` means absent. */
  readonly equals?: string | number | boolean | null | undefined;
  /** It must be there and not empty. */
  readonly present?: true | undefined;
}

/** A data set on the Hub as a suite. */
export interface SuiteDefinition {
  /** The schema, for editors. */
  readonly $schema?: string | undefined;
  /** The suite's name: that of its file. */
  readonly name: string;
  /** What it is, in one line. */
  readonly description: string;
  /** Whether it is trained on or held out. */
  readonly split: Split;
  /** Where it lies. */
  readonly hub: {
    /** The repository of the data set. */
    readonly id: string;
    /** The commit, or a branch where no commit is known. */
    readonly revision: string;
    /** Paths in the repository; their rows follow each other. */
    readonly files: readonly string[];
  };
  /** How the files are written. */
  readonly format: RowFormat;
  /** The licence of the problems. */
  readonly licence: string;
  /** What one must know to judge the rest. */
  readonly note?: string | undefined;
  /** Where the values stand. */
  readonly columns: SuiteColumns;
  /** How the answer is read. */
  readonly answer: AnswerRule;
  /** The form that answers must have to be final. */
  readonly form?: RequiredForm | undefined;
  /** Text around the question that is taken off where both parts are there. */
  readonly wrapper?: { readonly before: string; readonly after: string } | undefined;
  /** The rows that count meet all of these. */
  readonly filter?: readonly RowCondition[] | undefined;
  /** Only the first of several rows with the same question counts. */
  readonly dedupe?: true | undefined;
  /** Rows that meet the filter, repeats included. */
  readonly rows: number;
  /** The digest of all problems; absent where the data set was never seen. */
  readonly digest?: string | undefined;
  /** What the digest was computed from. */
  readonly digestFrom?: string | undefined;
  /** The problems that make up the suite, drawn at random; all if absent. */
  readonly selection?: { readonly count: number; readonly seed: number } | undefined;
  /** k: responses a problem, and how they are sampled. */
  readonly evaluation?: {
    readonly samples: number;
    readonly temperature: number;
    readonly topP: number;
  } | undefined;
}

const count = z.int().positive();
const path = z.string().regex(COLUMN_PATH, "expected a path such as prompt[0].content");
const file = z.string().regex(
  /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\]+$/,
  "expected a path inside the repository",
);

const answerRule = z.enum(answerRules).describe(
  "text: as it is; number: without leading zeros and empty decimals; gsm8k: behind the last ####; list: its entries, separated by commas",
);

/** What definitions and descriptions of one's own files say of rows alike. */
const rowFields = {
  form: z.strictObject({
    wanted: z.enum(["expanded", "factored", "lowest terms", "decimal"]).optional(),
    reduced: z.enum(["required", "free"]).optional(),
  }).optional().describe(
    "The form that answers must have to be final; reduced required: fractions in lowest terms, roots without square factors",
  ),
  wrapper: z.strictObject({ before: z.string(), after: z.string() }).optional().describe(
    "Text around the question that is taken off where both parts are there",
  ),
  filter: z.array(
    z.strictObject({
      column: path,
      equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
      present: z.literal(true).optional(),
    }).refine((condition) => (condition.equals === undefined) !== (condition.present === undefined), {
      message: 'expected either "equals" or "present"',
    }),
  ).optional().describe("The rows that count meet all of these; equals null means absent"),
};

/** The columns of a file of one's own, as far as they are not recognised; `options`: the choices of a question. */
export type OwnColumns = Readonly<Partial<Record<keyof SuiteColumns | "options", string | undefined>>>;

/** A file of one's own, described beside it or anywhere: `*.suite.json`. */
export interface OwnDescription extends Pick<SuiteDefinition, "$schema" | "form" | "wrapper" | "filter"> {
  /** The data file, relative to the description. */
  readonly file: string;
  /** How it is written, where its ending does not say. */
  readonly format?: RowFormat | undefined;
  /** Where the values stand. */
  readonly columns?: OwnColumns | undefined;
  /** How the answer is read; absent: as it looks. */
  readonly answer?: AnswerRule | undefined;
}

const ownColumns = z.strictObject({
  question: path.optional(),
  answer: path.optional(),
  options: path.optional(),
  id: path.optional(),
  solution: path.optional(),
  subject: path.optional(),
  level: path.optional(),
});

const ownSchema: z.ZodType<OwnDescription> = z.strictObject({
  $schema: z.string().optional(),
  file: z.string().min(1),
  format: z.enum(rowFormats).optional(),
  columns: ownColumns.optional(),
  answer: answerRule.optional(),
  ...rowFields,
});

/**
 * Reads the description of a file of one's own.
 *
 * @throws {SyntaxError} If it is no JSON, or a field is missing, unknown or out of range: one line that names it.
 */
export function parseOwnDescription(text: string, source: string): OwnDescription {
  return parseChecked(ownSchema, text, source);
}

/**
 * Reads the settings behind a path of one's own: names of columns, and `rule`, which says how the answer is read.
 *
 * @throws {SyntaxError} If one is unknown or no path.
 */
export function parseOwnSettings(
  { rule, ...columns }: Readonly<Record<string, string>>,
  source: string,
): Pick<OwnDescription, "columns" | "answer"> {
  return checked(z.strictObject({ columns: ownColumns, answer: answerRule.optional() }), {
    columns,
    ...(rule === undefined ? {} : { answer: rule }),
  }, source);
}

const definitionSchema: z.ZodType<SuiteDefinition> = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string(),
  split: z.enum(["train", "evaluation"]),
  hub: z.strictObject({
    id: z.string().regex(/^[\w.-]+\/[\w.-]+$/).describe("The data set's repository on the Hub"),
    revision: z.string().regex(/^[\w./-]+$/).describe("A commit; a branch only where no commit is known"),
    files: z.array(file).min(1).describe("Paths in the repository; their rows follow each other"),
  }),
  format: z.enum(rowFormats),
  licence: z.string(),
  note: z.string().optional().describe("What one must know to judge the rest"),
  columns: z.strictObject({
    question: path,
    answer: path,
    id: path.optional(),
    solution: path.optional(),
    subject: path.optional(),
    level: path.optional(),
  }).describe("Paths to the values of a row, such as prompt[0].content"),
  answer: answerRule,
  ...rowFields,
  dedupe: z.literal(true).optional().describe("Only the first of several rows with the same question counts"),
  rows: count.describe("Rows that meet the filter, repeats included"),
  digest: z.string().regex(/^[0-9a-f]{64}$/).optional().describe(
    "SHA-256 of the problems; absent where the data set was never seen",
  ),
  digestFrom: z.string().optional().describe("What the digest was computed from"),
  selection: z.strictObject({ count, seed: z.int().nonnegative() }).optional().describe(
    "The problems that make up the suite, drawn by this project's random numbers; all if absent",
  ),
  evaluation: z.strictObject({
    samples: count.describe("k: responses a problem"),
    temperature: z.number().nonnegative(),
    topP: z.number().positive().max(1),
  }).optional(),
}).refine((suite) => (suite.split === "evaluation") === (suite.evaluation !== undefined), {
  message: 'expected "evaluation" for the split evaluation, and for no other',
}).refine((suite) => (suite.digest === undefined) === (suite.digestFrom === undefined), {
  message: 'expected "digest" and "digestFrom" together',
});

/** The JSON Schema of suite definitions, as published beside them. */
export function suiteJsonSchema(): Record<string, unknown> {
  return { title: "BuPO Bench suite", ...z.toJSONSchema(definitionSchema) };
}

/** Where the definitions lie, from the root of the project. */
const FOLDER = "benchmarks/suites";

/** The name of the schema beside them. */
const SCHEMA = "suite.schema.json";

/**
 * Reads a definition.
 *
 * @throws {SyntaxError} If it is no JSON, or a field is missing, unknown or out of range: one line that names it.
 */
export function parseSuiteDefinition(text: string, source: string): SuiteDefinition {
  return parseChecked(definitionSchema, text, source);
}

/**
 * The definitions of a project, by name in alphabetical order.
 *
 * @param root The project's folder.
 * @throws {SyntaxError} If one cannot be used, or is not named as its file.
 */
export async function suiteDefinitions(root: string): Promise<ReadonlyMap<string, SuiteDefinition>> {
  const folder = join(root, FOLDER);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => name.endsWith(".json") && name !== SCHEMA).sort();
  return new Map(
    await Promise.all(names.map(async (file) => {
      const definition = parseSuiteDefinition(await Deno.readTextFile(join(folder, file)), file);
      if (`${definition.name}.json` !== file) {
        throw new SyntaxError(`Cannot use ${file}: name: expected "${file.slice(0, -5)}", the file's name`);
      }
      return [definition.name, definition] as const;
    })),
  );
}
