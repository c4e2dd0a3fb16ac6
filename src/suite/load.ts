/**
 * Loads suites: generated ones, data sets of the Hub, and a user's own files.
 *
 * @module
 */

import { nearest } from "../nearest.ts";
import { type Collection, collectProblems, neededColumns, problemsDigest, type RowRules } from "./collect.ts";
import { type RowFormat, type SuiteColumns, type SuiteDefinition, suiteDefinitions } from "./definition.ts";
import { type GeneratedSuite, generatedSuites, generateSuite } from "./generated/mod.ts";
import type { Problem, Split } from "./problem.ts";
import { selectProblems } from "./select.ts";
import { isOwnFile, ownName, shadowedSuite } from "../suite_name.ts";

/** A data set's repository at a revision. */
export interface SuiteRepository {
  /** The kind of repository. */
  readonly type: "dataset";
  /** Its name, such as `openai/gsm8k`. */
  readonly id: string;
  /** A commit or a branch. */
  readonly revision: string;
}

/** Where the files of data sets come from. */
export interface SuiteFiles {
  /** The path of a local copy of a file. */
  file(repository: SuiteRepository, path: string): Promise<string>;
  /** Whether there is a local copy already; absent where that cannot be told. */
  cached?(repository: SuiteRepository, path: string): Promise<boolean>;
}

/** A loaded suite. */
export interface LoadedSuite {
  /** The suite's name; that of the file, without its ending, for a user's own. */
  readonly name: string;
  /** Whether it is trained on or held out. */
  readonly split: Split;
  /** The problems, in the order of the data set, or in the order of a draw. */
  readonly problems: readonly Problem[];
  /** The definition; a generated suite and a user's own have none. */
  readonly definition: SuiteDefinition | undefined;
  /** Where the problems are from: `generated`, `id@revision`, or a path. */
  readonly source: string;
  /** The digest of all problems of the source, before any draw. */
  readonly digest: string;
  /** What was compared with the definition: digest and count, the count alone, or nothing. */
  readonly checked: "digest" | "count" | "nothing";
  /** Rows that were read and met the filter. */
  readonly rows: number;
  /** Rows that were left out because an earlier one asks the same. */
  readonly repeats: number;
  /** The draws that made the problems from the source, one from another. */
  readonly draws: readonly { readonly count: number; readonly seed: number }[];
}

/** What to load. */
export interface LoadOptions {
  /** The project's folder, which holds the definitions. */
  readonly root: string;
  /** Where the files of data sets come from. */
  readonly files: SuiteFiles;
  /** What the problems are for. */
  readonly split: Split;
  /** How many problems, drawn at random; all if absent. A generated suite needs it. */
  readonly count?: number;
  /** Seed of the draw, or of a generated suite's problems; default 0. */
  readonly seed?: number;
}

/** The formats of a user's own files by their endings. */
const endings: Readonly<Record<string, RowFormat>> = {
  ".jsonl": "jsonl",
  ".json": "json",
  ".parquet": "parquet",
};

function isGenerated(name: string): name is GeneratedSuite {
  return Object.hasOwn(generatedSuites, name);
}

function formatOf(path: string): RowFormat | undefined {
  const ending = /\.[^.]*$/.exec(path)?.[0] ?? "";
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
}

/** The name of a suite: that of the file, without its ending, for a user's own. */
export function suiteName(nameOrPath: string): string {
  return !isGenerated(nameOrPath) && isOwnFile(nameOrPath) ? ownName(nameOrPath) : nameOrPath;
}

async function loadGenerated(
  name: GeneratedSuite,
  { split, count, seed = 0 }: LoadOptions,
): Promise<LoadedSuite> {
  if (count === undefined) throw new RangeError(`Cannot generate ${name}: say how many problems`);
  const problems = await generateSuite(name, split, count, seed);
  return {
    name,
    split,
    problems,
    definition: undefined,
    source: "generated",
    digest: problemsDigest(problems),
    checked: "nothing",
    rows: problems.length,
    repeats: 0,
    draws: [],
  };
}

/** Compares what was read with what a definition expects. */
function check(definition: SuiteDefinition, { rows }: Collection, digest: string): "digest" | "count" {
  const { name, hub } = definition;
  const advice =
    `; the data set ${hub.id} may have changed: give the path of your own copy under another name instead, or correct benchmarks/suites/${name}.json`;
  if (rows !== definition.rows) {
    throw new RangeError(
      `Cannot use the suite ${name}: found ${rows} rows, expected ${definition.rows}${advice}`,
    );
  }
  if (definition.digest === undefined) return "count";
  if (digest !== definition.digest) {
    throw new RangeError(
      `Cannot use the suite ${name}: found the digest ${digest}, expected ${definition.digest} (from ${definition.digestFrom})${advice}`,
    );
  }
  return "digest";
}

/** Draws as a definition and the options say. */
function draw(
  name: string,
  problems: readonly Problem[],
  selection: SuiteDefinition["selection"],
  { count, seed = 0 }: LoadOptions,
): Pick<LoadedSuite, "problems" | "draws"> {
  const draws = [...(selection ? [selection] : []), ...(count === undefined ? [] : [{ count, seed }])];
  let drawn = problems;
  for (const { count, seed } of draws) {
    if (count > drawn.length) {
      throw new RangeError(`Cannot take ${count} problems of ${name}: it has ${drawn.length}`);
    }
    drawn = selectProblems(drawn, count, seed);
  }
  return { problems: drawn, draws };
}

function definedRules(definition: SuiteDefinition): RowRules {
  const { name, format, columns, answer, form, wrapper, filter, dedupe } = definition;
  const paths = [...Object.values(columns), ...(filter ?? []).map(({ column }) => column)];
  return {
    suite: name,
    format,
    needed: neededColumns(paths),
    columns: () => columns,
    answer,
    form,
    wrapper,
    filter,
    dedupe: dedupe === true,
  };
}

async function loadDefined(definition: SuiteDefinition, options: LoadOptions): Promise<LoadedSuite> {
  const { name, split, hub } = definition;
  if (split !== options.split) {
    throw new RangeError(
      split === "evaluation"
        ? `Cannot train on ${name}: it is held out for evaluation`
        : `Cannot evaluate on ${name}: it is trained on`,
    );
  }
  const repository: SuiteRepository = { type: "dataset", id: hub.id, revision: hub.revision };
  const paths: string[] = [];
  for (const file of hub.files) paths.push(await options.files.file(repository, file));
  const collection = await collectProblems(paths, definedRules(definition));
  const digest = problemsDigest(collection.problems);
  return {
    name,
    split,
    definition,
    source: `${hub.id}@${hub.revision}`,
    digest,
    checked: check(definition, collection, digest),
    rows: collection.rows,
    repeats: collection.repeats,
    ...draw(name, collection.problems, definition.selection, options),
  };
}

/** Names that the columns of a user's own file may have, the first that a row has counts. */
const own: Readonly<Record<keyof SuiteColumns, readonly string[]>> = {
  question: ["problem", "question"],
  answer: ["answer", "final_answer", "reward_model.ground_truth"],
  id: ["id", "unique_id"],
  solution: ["solution"],
  subject: ["subject"],
  level: ["level", "difficulty"],
};

/** The columns of a row of a user's own file. */
function ownColumns(row: Readonly<Record<string, unknown>>): SuiteColumns {
  const first = (name: keyof SuiteColumns): string | undefined =>
    own[name].find((path) => Object.hasOwn(row, path.split(".", 1)[0] ?? ""));
  const question = first("question"), answer = first("answer");
  if (question === undefined || answer === undefined) {
    const missing = question === undefined ? "question" : "answer";
    throw new SyntaxError(
      `no ${missing} (${own[missing].join(", ")}) among ${
        Object.keys(row).slice(0, 12).join(", ") || "no columns"
      }`,
    );
  }
  return {
    question,
    answer,
    id: first("id"),
    solution: first("solution"),
    subject: first("subject"),
    level: first("level"),
  };
}

/**
 * Refuses a file of one's own whose results would be mistaken for those of a known suite. To read a file for anything
 * else its name does not matter.
 *
 * @param root The project's folder.
 * @throws {RangeError} If the name is a known suite's, but for case, spaces and signs.
 */
export async function checkSuiteName(nameOrPath: string, root: string): Promise<void> {
  if (isGenerated(nameOrPath) || !isOwnFile(nameOrPath)) return;
  const known = [...Object.keys(generatedSuites), ...(await suiteDefinitions(root)).keys()];
  const shadowed = shadowedSuite(nameOrPath, known);
  if (shadowed === undefined) return;
  throw new RangeError(
    `Cannot use the suite "${nameOrPath}": its results would be called as those of ${shadowed} are; give the file another name, or name the suite itself`,
  );
}

async function loadOwn(path: string, format: RowFormat, options: LoadOptions): Promise<LoadedSuite> {
  const stat = await Deno.stat(path).catch((error: unknown) => {
    const found = error instanceof Deno.errors.NotFound ? "there is no such file" : "access is refused";
    throw new RangeError(`Cannot read the suite "${path}": ${found}`);
  });
  if (!stat.isFile) throw new RangeError(`Cannot read the suite "${path}": it is no file`);
  const name = suiteName(path);
  const collection = await collectProblems([path], {
    suite: name,
    format,
    needed: neededColumns(Object.values(own).flat()),
    columns: ownColumns,
    answer: "text",
    dedupe: true,
  });
  if (collection.problems.length === 0) {
    throw new RangeError(`Cannot use the suite "${path}": it has no rows`);
  }
  return {
    name,
    split: options.split,
    definition: undefined,
    source: path,
    digest: problemsDigest(collection.problems),
    checked: "nothing",
    rows: collection.rows,
    repeats: collection.repeats,
    ...draw(name, collection.problems, undefined, options),
  };
}

/**
 * Loads a suite.
 *
 * A generated suite needs a count. A data set of the Hub is checked against its definition: the number of rows, and
 * the digest where the definition has one. A file that ends in `.jsonl`, `.json` or `.parquet` is a user's own suite:
 * columns `problem` or `question`, `answer`, and where they are there `id`, `solution`, `subject`, `level`; repeated
 * questions are left out.
 *
 * @param name A generated suite, one of `benchmarks/suites`, or a path.
 * @throws {RangeError} If there is no such suite, it is not for this split, has too few problems, or is not what its
 * definition expects.
 * @throws {SyntaxError} If a file cannot be read: one line that names it and the row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadSuite } from "./load.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".jsonl" });
 * await Deno.writeTextFile(path, '{"problem": "Find 2+3", "answer": 5}\n');
 * const files = { file: () => Promise.reject(new Error("no network")) };
 * const suite = await loadSuite(path, { root: ".", files, split: "evaluation" });
 * assertEquals(suite.problems.map(({ question, answer }) => [question, answer]), [["Find 2+3", "5"]]);
 * await Deno.remove(path);
 * ```
 */
export async function loadSuite(name: string, options: LoadOptions): Promise<LoadedSuite> {
  if (isGenerated(name)) return await loadGenerated(name, options);
  const format = formatOf(name);
  if (format) return await loadOwn(name, format, options);
  const definitions = await suiteDefinitions(options.root);
  const definition = definitions.get(name);
  if (definition) return await loadDefined(definition, options);
  const known = [...Object.keys(generatedSuites), ...definitions.keys()], near = nearest(name, known);
  throw new RangeError(
    `Cannot find the suite "${name}": ${near ? `did you mean "${near}"? ` : ""}known suites: ${
      known.join(", ")
    }; a file of your own ends in .jsonl, .json or .parquet`,
  );
}
