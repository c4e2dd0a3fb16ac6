/**
 * The files that an experiment reads, found before it starts: a folder of this project, or the Hub's cache. The result
 * is plain data, so it crosses to workers, and no worker needs the network.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import type { HubRepository } from "../hub/mod.ts";
import { isModelFile, modelFilesFault } from "../model/mod.ts";
import {
  findData,
  type Split,
  type SuiteDefinition,
  suiteDefinitions,
  type SuiteFiles,
  wantedData,
} from "../suite/mod.ts";
import { type HubSuite, hubSuite } from "../suite_name.ts";
import type { Profile } from "./profile/mod.ts";

/** A repository of the Hub and which of its files are wanted. */
export interface WantedRepository {
  /** The repository at a revision. */
  readonly repository: HubRepository;
  /** Is a file wanted? */
  readonly select: (path: string, paths: readonly string[]) => boolean;
  /** Why a repository with these files is of no use. */
  readonly fault?: (paths: readonly string[]) => string | undefined;
}

/** Where the Hub's files come from; the `Hub` is one. */
export interface FileHub {
  /** The local folder that holds all selected files of a revision. */
  snapshot(
    repository: HubRepository,
    select: WantedRepository["select"],
    fault?: WantedRepository["fault"],
  ): Promise<string>;
}

/** Where the files of an experiment lie. */
export interface ExperimentFiles {
  /** The base model's folder. */
  readonly model: string;
  /** The folders of data sets, by repository and revision. */
  readonly datasets: Readonly<Record<string, string>>;
  /** The files of data sets that nobody defined, by what they are for and how they are called; absent: none. */
  readonly data?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The folder of a base model that is none of the Hub's: where its path is not absolute, below the repository.
 *
 * @throws {RangeError} If no model lies there: one line that says what to write for a model of the Hub.
 */
export async function modelFolder(model: string, root: string): Promise<string> {
  const folder = isAbsolute(model) ? model : `${root}/${model}`;
  if (await Deno.stat(`${folder}/config.json`).then(({ isFile }) => isFile, () => false)) return folder;
  const isThere = await Deno.stat(folder).then(() => true, () => false);
  if (isThere) throw new RangeError(`Cannot use the model "${model}": there is no config.json in it`);
  const relative = isAbsolute(model)
    ? ""
    : "; paths are relative to the profile, and --model DIR names another";
  const hub = /^[\w.-]+\/[\w.-]+$/.test(model)
    ? `; for the one on the Hub write "model": {"repository": "${model}", "revision": "main"}`
    : "";
  throw new RangeError(`Cannot use the model "${model}": there is no such folder${relative}${hub}`);
}

function datasetKey({ id, revision }: { readonly id: string; readonly revision: string }): string {
  return `${id}@${revision}`;
}

/** The repositories of the Hub that a profile needs: its model, and the data sets of its suites. */
export async function wantedRepositories(profile: Profile, root: string): Promise<WantedRepository[]> {
  const definitions = await suiteDefinitions(root);
  const data = undefinedData(profile, definitions);
  return [
    ...definedRepositories(profile, definitions),
    ...data.map(({ suite, purpose }) => wantedData(suite, purpose)),
  ];
}

/** Those of the model and of defined suites. */
function definedRepositories(
  profile: Profile,
  definitions: ReadonlyMap<string, SuiteDefinition>,
): WantedRepository[] {
  const wanted: WantedRepository[] = [];
  if (typeof profile.model !== "string") {
    const { repository: id, revision } = profile.model;
    wanted.push({ repository: { type: "model", id, revision }, select: isModelFile, fault: modelFilesFault });
  }
  const repositories = new Map<string, { repository: HubRepository; files: Set<string> }>();
  for (const name of [...profile.training.suites, ...profile.evaluation.suites]) {
    const hub = definitions.get(name)?.hub;
    if (!hub) continue;
    const repository: HubRepository = { type: "dataset", id: hub.id, revision: hub.revision };
    const entry = repositories.get(datasetKey(repository)) ?? { repository, files: new Set<string>() };
    for (const file of hub.files) entry.files.add(file);
    repositories.set(datasetKey(repository), entry);
  }
  for (const { repository, files } of repositories.values()) {
    wanted.push({ repository, select: (path) => files.has(path) });
  }
  return wanted;
}

/** The data sets of a profile that nobody defined, and what each is for. */
function undefinedData(
  { training, evaluation }: Profile,
  definitions: ReadonlyMap<string, unknown>,
): { readonly suite: HubSuite; readonly purpose: Split }[] {
  const of = (names: readonly string[], purpose: Split): { suite: HubSuite; purpose: Split }[] =>
    names.flatMap((name) => {
      const suite = definitions.has(name) ? undefined : hubSuite(name);
      return suite ? [{ suite, purpose }] : [];
    });
  return [...of(training.suites, "train"), ...of(evaluation.suites, "evaluation")];
}

/** What tells the files of a data set apart that nobody defined. */
function dataKey({ path }: HubSuite, purpose: Split): string {
  return `${purpose} ${path}`;
}

/** Brings the files of a profile onto this machine, where they are not yet, and says where they lie. */
export async function findFiles(profile: Profile, root: string, hub: FileHub): Promise<ExperimentFiles> {
  let model = typeof profile.model === "string" ? await modelFolder(profile.model, root) : "";
  const datasets: Record<string, string> = {};
  const definitions = await suiteDefinitions(root), data: Record<string, readonly string[]> = {};
  for (const { suite, purpose } of undefinedData(profile, definitions)) {
    data[dataKey(suite, purpose)] = await findData(suite, purpose, hub);
  }
  for (const { repository, select, fault } of definedRepositories(profile, definitions)) {
    const folder = await hub.snapshot(repository, select, fault);
    if (repository.type === "model") model = folder;
    else datasets[datasetKey(repository)] = folder;
  }
  return { model, datasets, ...(Object.keys(data).length === 0 ? {} : { data }) };
}

/** The files of data sets as suites are loaded from. */
export function suiteFiles({ datasets, data = {} }: ExperimentFiles): SuiteFiles {
  return {
    data: (suite, purpose) => Promise.resolve(data[dataKey(suite, purpose)] ?? []),
    file: (repository, path) => {
      const folder = datasets[datasetKey(repository)];
      if (folder !== undefined) return Promise.resolve(`${folder}/${path}`);
      return Promise.reject(
        new ReferenceError(`Cannot load ${path} of ${repository.id}: it has not been downloaded`),
      );
    },
  };
}
