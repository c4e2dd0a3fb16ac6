/**
 * What a loaded suite is, and the draws that make it from a data set.
 *
 * @module
 */

import type { Collection, Contradiction } from "./collect.ts";
import type { SuiteDefinition } from "./definition.ts";
import type { HubSuite } from "../suite_name.ts";
import type { Problem, Split } from "./problem.ts";
import { selectProblems } from "./select.ts";

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
  /** The local files of a data set that nobody defined; absent where none is used. */
  data?(suite: HubSuite, purpose: Split): Promise<readonly string[]>;
  /** Whether there is a local copy already; absent where that cannot be told. */
  cached?(repository: SuiteRepository, path: string): Promise<boolean>;
}

/** A loaded suite. */
export interface LoadedSuite {
  /** The suite's name; that of the file, or the one given to it, for a user's own. */
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
  /** Those of them that answer otherwise. */
  readonly contradictions: readonly Contradiction[];
  /** Where the problems stand, such as `line 7`, by their ids; nothing of generated ones. */
  readonly places: ReadonlyMap<string, string>;
  /** How questions and answers of a user's own file were found, and in how many rows. */
  readonly layouts: ReadonlyMap<string, number>;
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

/**
 * Draws as a definition and the options say.
 *
 * @throws {RangeError} If there are fewer problems than asked for.
 */
export function draw(
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

/** What reading the rows told of a suite. */
export function factsOf(
  { rows, repeats, contradictions, places, layouts }: Collection,
): Pick<LoadedSuite, "rows" | "repeats" | "contradictions" | "places" | "layouts"> {
  return { rows, repeats, contradictions, places, layouts };
}
