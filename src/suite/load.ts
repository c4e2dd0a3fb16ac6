/**
 * Loads suites: generated ones, data sets of the Hub, and a user's own files.
 *
 * @module
 */

import { nearest } from "../nearest.ts";
import { hubSuite, ownEndings, ownSuite, shadowedSuite, undefinedSuite } from "../suite_name.ts";
import { type AnswerRule, readAnswer } from "./answer.ts";
import { type Collection, collectProblems, neededColumns, problemsDigest, type RowRules } from "./collect.ts";
import { valueAt } from "./column.ts";
import { isAbsent, readLevel, readName, readSolution, type RowContent } from "./content.ts";
import { type SuiteColumns, type SuiteDefinition, suiteDefinitions } from "./definition.ts";
import { type GeneratedSuite, generatedSuites, generateSuite } from "./generated/mod.ts";
import { draw, factsOf, type LoadedSuite, type LoadOptions, type SuiteRepository } from "./loaded.ts";
import { loadHubData, loadOwn } from "./own/mod.ts";

function isGenerated(name: string): name is GeneratedSuite {
  return Object.hasOwn(generatedSuites, name);
}

/** The name of a suite: that of the file, or the one given to it, for a user's own. */
export function suiteName(nameOrPath: string): string {
  return isGenerated(nameOrPath) ? nameOrPath : undefinedSuite(nameOrPath)?.name ?? nameOrPath;
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
    contradictions: [],
    places: new Map(),
    layouts: new Map(),
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

/** What a row of a defined suite asks and answers. */
function readDefined(
  row: Readonly<Record<string, unknown>>,
  columns: SuiteColumns,
  rule: AnswerRule,
): RowContent {
  const optional = (path: string | undefined): unknown => path === undefined ? undefined : valueAt(row, path);
  const question = valueAt(row, columns.question);
  if (typeof question !== "string") {
    throw new SyntaxError(`${columns.question} is ${isAbsent(question) ? "missing" : "no text"}`);
  }
  let answer: string;
  try {
    answer = readAnswer(rule, valueAt(row, columns.answer));
  } catch (error) {
    throw new SyntaxError(`${columns.answer} ${error instanceof Error ? error.message : error}`);
  }
  return {
    question,
    answer,
    id: readName("id", optional(columns.id)),
    solution: readSolution(optional(columns.solution)),
    subject: readName("subject", optional(columns.subject)),
    level: readLevel(optional(columns.level)),
  };
}

function definedRules(definition: SuiteDefinition): RowRules {
  const { name, format, columns, answer, form, wrapper, filter, dedupe } = definition;
  const wanted = neededColumns([...Object.values(columns), ...(filter ?? []).map(({ column }) => column)]);
  return {
    suite: name,
    format,
    wanted: (column) => wanted.has(column),
    read: (row) => readDefined(row, columns, answer),
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
    ...factsOf(collection),
    ...draw(name, collection.problems, definition.selection, options),
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
  const own = isGenerated(nameOrPath) ? undefined : undefinedSuite(nameOrPath);
  if (!own) return;
  const known = [...Object.keys(generatedSuites), ...(await suiteDefinitions(root)).keys()];
  const shadowed = shadowedSuite(own.name, known);
  if (shadowed === undefined) return;
  throw new RangeError(
    `Cannot use the suite "${nameOrPath}": its results would be called as those of ${shadowed} are; give ${
      ownSuite(nameOrPath) ? "the file" : "it"
    } another name (NAME=${own.path}), or name the suite itself`,
  );
}

/**
 * Loads a suite.
 *
 * A generated suite needs a count. A data set of the Hub is checked against its definition: the number of rows, and
 * the digest where the definition has one. A file is a user's own suite by its ending (`.jsonl`, `.csv`, `.parquet` and
 * others); its columns are recognised by their names, or named; repeated questions are left out.
 *
 * @param name A generated suite, one of `benchmarks/suites`, a path, `name=path`, `path?question=column`, or `org/name:config:split`.
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
  const own = ownSuite(name);
  if (own) return await loadOwn(own, options);
  const definitions = await suiteDefinitions(options.root);
  const definition = definitions.get(name);
  if (definition) return await loadDefined(definition, options);
  const onHub = hubSuite(name);
  if (onHub) return await loadHubData(onHub, options);
  const known = [...Object.keys(generatedSuites), ...definitions.keys()], near = nearest(name, known);
  throw new RangeError(
    `Cannot find the suite "${name}": ${near ? `did you mean "${near}"? ` : ""}known suites: ${
      known.join(", ")
    }; a file of your own ends in ${ownEndings}, a data set of the Hub is ORG/NAME`,
  );
}
