/**
 * Which files of a data set's repository are a split of it: by their names, as the Hub's own viewer finds them.
 *
 * @module
 */

import type { HubSuite } from "../../suite_name.ts";
import type { SuiteRepository } from "../loaded.ts";
import type { Split } from "../problem.ts";

/** Files of rows, the format that is preferred first. */
const FORMATS = ["parquet", "jsonl", "ndjson", "csv", "tsv", "json"] as const;

/** Splits as they are called, and other words for them. */
const SPLITS: Readonly<Record<string, readonly string[]>> = {
  train: ["train", "training"],
  validation: ["validation", "valid", "val", "dev"],
  test: ["test", "testing", "eval", "evaluation"],
};

/** Folders that are no configuration. */
const PLAIN_FOLDERS: ReadonlySet<string> = new Set(["data", "default", ...Object.values(SPLITS).flat()]);

/** The words of a path: its folders, and the parts of the file's name. */
function words(path: string): string[] {
  return path.toLowerCase().replace(/\.[a-z]+$/, "").split(/[/._-]+/);
}

/** The split that a path names, if it names one. */
function splitOf(path: string): string | undefined {
  const all = words(path);
  return Object.entries(SPLITS).find(([, names]) => names.some((name) => all.includes(name)))?.[0];
}

/** The configuration that a path lies in: its first folder that is more than a place for data. */
function configOf(path: string): string | undefined {
  return path.split("/").slice(0, -1).find((folder) => !PLAIN_FOLDERS.has(folder.toLowerCase()));
}

/** Names in a list, or that there are none. */
function listed(names: Iterable<string | undefined>): string {
  return [...new Set([...names].filter((name) => name !== undefined))].join(", ") || "none";
}

/** What is wanted of a data set. */
export interface DataFiles {
  /** Paths in the repository, in their order. */
  readonly paths: readonly string[];
  /** Why there are none. */
  readonly fault?: string;
}

/**
 * The files of a data set that a suite means. A configuration is a folder; the split is a word in the path. Where the
 * suite says no split, `train` is trained on and `test` evaluated, and where no file names one, all are taken.
 *
 * @param all All paths of the repository.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hubSuite } from "../../suite_name.ts";
 * import { dataFiles } from "./hub_data.ts";
 *
 * const all = ["README.md", "main/test-00000-of-00001.parquet", "main/train-00000-of-00001.parquet"];
 * const suite = hubSuite("openai/gsm8k:main");
 * assertEquals(suite && dataFiles(all, suite, "evaluation"), { paths: ["main/test-00000-of-00001.parquet"] });
 * ```
 */
export function dataFiles(all: readonly string[], { parts }: HubSuite, purpose: Split): DataFiles {
  const none = (fault: string): DataFiles => ({ paths: [], fault });
  const files = all.filter((path) => !/(^|\/)(\.|dataset_infos|.*_infos?\.json$)/.test(path));
  const format = FORMATS.find((ending) => files.some((path) => path.toLowerCase().endsWith(`.${ending}`)));
  if (format === undefined) return none(`it has no files of rows (${FORMATS.join(", ")})`);
  const data = files.filter((path) => path.toLowerCase().endsWith(`.${format}`)).sort();
  const configs = new Set(data.map(configOf));
  const [first, second] = parts, isConfig = first !== undefined && configs.has(first);
  const config = second !== undefined || isConfig ? first || undefined : undefined;
  const split = second ?? (isConfig ? undefined : first);
  if (config !== undefined && !configs.has(config)) {
    return none(`it has no configuration "${config}", but ${listed(configs)}`);
  }
  if (config === undefined && configs.size > 1 && !configs.has(undefined)) {
    return none(`it has several configurations, ${listed(configs)}: name one, as in ORG/NAME:CONFIG:SPLIT`);
  }
  const within = data.filter((path) =>
    configOf(path) === config || (config === undefined && configs.size === 1)
  );
  const wanted = split ?? (purpose === "train" ? "train" : "test");
  const named = Object.entries(SPLITS).find(([, names]) => names.includes(wanted.toLowerCase()))?.[0] ??
    wanted;
  const chosen = within.filter((path) =>
    splitOf(path) === named || words(path).includes(named.toLowerCase())
  );
  if (chosen.length > 0) return { paths: chosen };
  const splits = within.map(splitOf);
  if (split === undefined && splits.every((each) => each === undefined)) return { paths: within };
  return none(`it has no split "${wanted}", but ${listed(splits)}: name one, as in ORG/NAME:SPLIT`);
}

/** The files of a repository that are wanted, and why it is of no use. */
export interface WantedData {
  /** The data set at a revision. */
  readonly repository: SuiteRepository;
  /** Is a file wanted? */
  readonly select: (path: string, paths: readonly string[]) => boolean;
  /** Why a repository with these files is of no use. */
  readonly fault: (paths: readonly string[]) => string | undefined;
}

/** A data set that nobody defined, with the files that are meant. */
export function wantedData(suite: HubSuite, purpose: Split): WantedData {
  return {
    repository: { type: "dataset", id: suite.id, revision: suite.revision },
    select: (path, paths) => dataFiles(paths, suite, purpose).paths.includes(path),
    fault: (paths) => dataFiles(paths, suite, purpose).fault,
  };
}

/** Where data sets come from; the `Hub` is one. */
export interface DataHub {
  /** The local folder that holds all selected files of a revision. */
  snapshot(
    repository: SuiteRepository,
    select: WantedData["select"],
    fault?: WantedData["fault"],
  ): Promise<string>;
}

/** The local files of a data set that nobody defined, brought here where they are not yet. */
export async function findData(suite: HubSuite, purpose: Split, hub: DataHub): Promise<string[]> {
  const { repository, select, fault } = wantedData(suite, purpose), chosen = new Set<string>();
  const folder = await hub.snapshot(repository, (path, paths) => {
    const wanted = select(path, paths);
    if (wanted) chosen.add(path);
    return wanted;
  }, fault);
  return [...chosen].sort().map((path) => `${folder}/${path}`);
}
