/**
 * Loads a user's own file as a suite.
 *
 * @module
 */

import { pathFault } from "../../file_error.ts";
import { dirname, isAbsolute, join } from "node:path";
import type { HubSuite, OwnSuite } from "../../suite_name.ts";
import { collectProblems, neededColumns, problemsDigest } from "../collect.ts";
import { type OwnDescription, parseOwnDescription, parseOwnSettings } from "../definition.ts";
import { draw, factsOf, type LoadedSuite, type LoadOptions } from "../loaded.ts";
import { formatOf, rowFormats } from "../rows/mod.ts";
import { ownWanted, readOwnRow } from "./read_own.ts";

/** The ending of a description. */
const DESCRIPTION = /\.suite\.json$/i;

/**
 * Asks whether a path is that of a file.
 *
 * @throws {RangeError} If it is not.
 */
async function checkFile(path: string): Promise<void> {
  const stat = await Deno.stat(path).catch((error: unknown) => {
    const found = error instanceof Deno.errors.NotFound ? "there is no such file" : pathFault(error);
    throw new RangeError(`Cannot read the suite "${path}": ${found}`);
  });
  if (!stat.isFile) throw new RangeError(`Cannot read the suite "${path}": it is no file`);
}

/** What is said of a file, beside it and behind its path. */
async function describe({ path, settings }: OwnSuite): Promise<OwnDescription> {
  await checkFile(path);
  const said = parseOwnSettings(settings, `what stands behind ${path}?`);
  if (!DESCRIPTION.test(path)) return { file: path, ...said };
  const description = parseOwnDescription(await Deno.readTextFile(path), path);
  const file = isAbsolute(description.file) ? description.file : join(dirname(path), description.file);
  await checkFile(file);
  return {
    ...description,
    file,
    columns: { ...description.columns, ...said.columns },
    answer: said.answer ?? description.answer,
  };
}

/**
 * Loads a file of one's own.
 *
 * @throws {RangeError} If there is no such file, or it has no rows, or fewer than asked for.
 * @throws {SyntaxError} If it, or what describes it, cannot be read: one line that names it and the row.
 */
export async function loadOwn(suite: OwnSuite, options: LoadOptions): Promise<LoadedSuite> {
  const description = await describe(suite);
  return await loadDescribed(suite, description, [description.file], options);
}

/**
 * Loads a data set of the Hub that nobody defined: its columns are recognised as those of one's own files are.
 *
 * @throws {RangeError} If its files are not at hand, or have no rows, or fewer than asked for.
 * @throws {SyntaxError} If one cannot be read: one line that names it and the row.
 */
export async function loadHubData(suite: HubSuite, options: LoadOptions): Promise<LoadedSuite> {
  const paths = await options.files.data?.(suite, options.split) ?? [], [file] = paths;
  if (file === undefined) throw new RangeError(`Cannot load ${suite.path}: it has not been downloaded`);
  const said = parseOwnSettings(suite.settings, `what stands behind ${suite.path}?`);
  return await loadDescribed(suite, { file, ...said }, paths, options);
}

/** Loads files that are described. */
async function loadDescribed(
  { name, path }: OwnSuite,
  { file, format = formatOf(file), columns, answer, form, wrapper, filter }: OwnDescription,
  paths: readonly string[],
  options: LoadOptions,
): Promise<LoadedSuite> {
  if (format === undefined) {
    throw new RangeError(
      `Cannot read the suite "${path}": say the "format" of ${file}: ${rowFormats.join(", ")}`,
    );
  }
  const rules = { columns, answer }, wanted = ownWanted(rules);
  const filtered = neededColumns((filter ?? []).map(({ column }) => column));
  const collection = await collectProblems(paths, {
    suite: name,
    format,
    wanted: (column) => wanted(column) || filtered.has(column),
    read: (row) => readOwnRow(row, rules),
    form,
    wrapper,
    filter,
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
    ...factsOf(collection),
    ...draw(name, collection.problems, undefined, options),
  };
}
