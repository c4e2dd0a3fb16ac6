/**
 * Finds results by what people call them: a revision, a range of revisions, a folder or a file.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { sha256 } from "../../canonical_json.ts";
import type { Judgement } from "../../judge/mod.ts";
import { nearest } from "../../nearest.ts";
import { type GitFile, GitRepository, ResultSourceError } from "./git.ts";
import { parsePublicKey, type PublicKey } from "../keys/mod.ts";
import { RECORD_FILE, type ResultRecord } from "../record/mod.ts";
import { bytesOf, folderFiles, type ResultFiles, singleFile } from "../judge/mod.ts";
import { MANIFEST_FILES } from "../statement/mod.ts";
import { commitFiles } from "./commit_files.ts";
import { type SignatureState, signatureState } from "./signature_state.ts";

/** Where results lie in the repository. */
export const RESULTS_FOLDER = "results";

/** The largest public key, and the most of them. */
const LARGEST_KEY = 2 ** 14, MOST_KEYS = 1000;

/** A result that was found. */
export interface FoundResult {
  /** What the user called it. */
  readonly name: string;
  /** The commit in whose tree it stands, or null for one on disk. */
  readonly commit: string | null;
  /** Its folder: from the top of the repository, or on disk. */
  readonly folder: string;
  /** Its files. */
  readonly files: ResultFiles;
  /** The record. */
  readonly record: ResultRecord;
  /** SHA-256 of the record's bytes. */
  readonly digest: string;
  /** Whether it is signed, and all that its statements say holds. */
  readonly signature: SignatureState;
  /** Each claim about it, whether it is signed or not. */
  readonly judgement: Judgement;
}

/** How results are looked for. */
export interface FindOptions {
  /** Which of several profiles in a commit; default `embedded`, or the only one. */
  readonly profile?: string | undefined;
  /** Public keys, or a folder of them, instead of the ones that lie beside the results. */
  readonly keys?: string | ReadonlyMap<string, PublicKey> | undefined;
  /** A folder in the repository; default the present one. */
  readonly directory?: string | undefined;
}

/** The public keys in a folder or in a commit, by key id; files that are no keys are passed over. */
async function readKeys(files: ResultFiles): Promise<Map<string, PublicKey>> {
  const keys = new Map<string, PublicKey>();
  const names = [...files.sizes].filter(([name, size]) => /^[^/]+\.pem$/.test(name) && size <= LARGEST_KEY);
  for (const [name] of names.slice(0, MOST_KEYS)) {
    try {
      const bytes = await bytesOf(files, name, LARGEST_KEY);
      const key = await parsePublicKey(new TextDecoder().decode(bytes), name);
      keys.set(key.keyid, key);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return keys;
}

async function keysOnDisk(
  directory: string | ReadonlyMap<string, PublicKey>,
): Promise<ReadonlyMap<string, PublicKey>> {
  if (typeof directory !== "string") return directory;
  const info = await Deno.stat(directory).catch(() => undefined);
  return info?.isDirectory ? await readKeys(await folderFiles(directory)) : new Map();
}

/** Judges a result. */
async function load(
  place: Pick<FoundResult, "name" | "commit" | "folder" | "files">,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<FoundResult> {
  const { judged, signature } = await signatureState(place.files, keys);
  const { record, recordBytes, recordFault, judgement } = judged;
  if (!record || !recordBytes) {
    throw new ResultSourceError("unusable", `Cannot use the result "${place.name}": ${recordFault}`);
  }
  // What cannot be read without its files being those that were judged is not read at all.
  const files = signature.state === "verified"
    ? { ...place.files, stream: judged.files.stream }
    : place.files;
  return { ...place, files, record, digest: await sha256(recordBytes), signature, judgement };
}

/**
 * A result that is not signed but was in an earlier commit, at the same place: someone took the signature away, and nobody
 * knows what else changed.
 *
 * @param folder From the top of the repository.
 */
async function withRemoval(
  found: FoundResult,
  repository: GitRepository,
  folder: string,
  revision: string,
): Promise<FoundResult> {
  if (found.signature.state !== "unsigned") return found;
  const paths = MANIFEST_FILES.map((name) => `${folder}/${name}`);
  const commit = await repository.lastWith(paths, revision);
  return commit === undefined ? found : { ...found, signature: { state: "removed", commit } };
}

/** The repository that a folder stands in, if it does and git may be asked. */
async function repositoryOf(folder: string): Promise<GitRepository | undefined> {
  try {
    return await GitRepository.open(folder);
  } catch (error) {
    if (error instanceof ResultSourceError) return undefined;
    throw error;
  }
}

/** A result on disk: a folder with `results.json`, or such a file under any name. */
async function loadFromDisk(
  name: string,
  info: Deno.FileInfo,
  options: FindOptions,
): Promise<FoundResult> {
  if (!info.isDirectory && !info.isFile) {
    throw new ResultSourceError("missing", `Cannot use "${name}": it is neither a file nor a folder`);
  }
  const folder = info.isDirectory ? name : dirname(name);
  if (!info.isDirectory && basename(name) !== RECORD_FILE) {
    return await load(
      { name, commit: null, folder, files: await singleFile(name, RECORD_FILE) },
      new Map(),
    );
  }
  const files = await folderFiles(folder).catch((error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ResultSourceError("unusable", `Cannot use the folder "${name}": ${reason}`);
  });
  if (!files.sizes.has(RECORD_FILE)) {
    throw new ResultSourceError("missing", `Cannot use the folder "${name}": it has no ${RECORD_FILE}`);
  }
  const keys = await keysOnDisk(options.keys ?? join(folder, "..", "keys"));
  const found = await load({ name, commit: null, folder, files }, keys);
  const repository = await repositoryOf(folder);
  return repository
    ? await withRemoval(found, repository, repository.prefix.replace(/\/$/, ""), "HEAD")
    : found;
}

/** Names of the profiles of which a listing has results. */
function profilesIn(listing: readonly GitFile[], prefix: string): string[] {
  return listing.flatMap(({ path }) => {
    const [profile = "", file, ...more] = path.slice(prefix.length).split("/");
    return file === RECORD_FILE && more.length === 0 ? [profile] : [];
  });
}

/** Which of the profiles is meant. */
function chooseProfile(profiles: readonly string[], wanted: string | undefined, where: string): string {
  const only = profiles.length === 1 ? profiles[0] : undefined;
  const chosen = wanted ?? (profiles.includes("embedded") ? "embedded" : only);
  if (chosen !== undefined && profiles.includes(chosen)) return chosen;
  if (profiles.length === 0) {
    throw new ResultSourceError("missing", `Cannot find results in ${where}: there are none`);
  }
  const near = wanted === undefined ? undefined : nearest(wanted, profiles);
  throw new ResultSourceError(
    "missing",
    wanted === undefined
      ? `Cannot choose a result of ${where}: name one with --profile: ${profiles.join(", ")}`
      : `Cannot find results of the profile "${wanted}" in ${where}: it has ${profiles.join(", ")}${
        near === undefined ? "" : `; did you mean "${near}"?`
      }`,
  );
}

/** The result of a profile in a commit. */
async function loadFromCommit(
  repository: GitRepository,
  name: string,
  commit: string,
  options: FindOptions,
): Promise<FoundResult> {
  const listing = await repository.files(commit, RESULTS_FOLDER);
  const prefix = `${repository.prefix}${RESULTS_FOLDER}/`;
  const short = commit.slice(0, 7), where = name.startsWith(short) ? short : `"${name}" (${short})`;
  const profile = chooseProfile(profilesIn(listing, prefix), options.profile, where);
  const folder = prefix + profile;
  const keys = options.keys === undefined
    ? await readKeys(commitFiles(repository, listing, `${prefix}keys`))
    : await keysOnDisk(options.keys);
  const files = commitFiles(repository, listing, folder);
  return await withRemoval(await load({ name, commit, folder, files }, keys), repository, folder, commit);
}

/** Both ends of a range `A..B`; a missing end is HEAD. */
function rangeEnds(argument: string): [string, string] | undefined {
  const [, from, dots, to] = /^(.*?)(\.{2,})(.*)$/.exec(argument) ?? [];
  if (from === undefined || to === undefined || dots === undefined || from + to === "") return undefined;
  if (dots.length > 2 || to.includes("..")) {
    throw new ResultSourceError("missing", `Cannot read the range "${argument}": expected A..B`);
  }
  return [from || "HEAD", to || "HEAD"];
}

/** Refuses a name that is on disk and a revision too. */
async function refuseAmbiguous(argument: string, { directory = "." }: FindOptions): Promise<void> {
  if (/^(\/|\.\.?(\/|$))/.test(argument)) return;
  // Without a history it can only be the one on disk.
  const repository = await repositoryOf(directory);
  if (await repository?.find(argument) === undefined) return;
  throw new ResultSourceError(
    "missing",
    `Cannot tell what "${argument}" is, a path or a revision: write ./${argument} or heads/${argument}`,
  );
}

/**
 * Finds the results that an argument names: one on disk, else one in a commit, else those at both ends of a range. What
 * lies between the ends of a range is not looked at: {@linkcode resultHistory} lists it.
 *
 * @throws {ResultSourceError} If there is no such result, the name may mean two things, or it cannot be read.
 */
export async function findResults(argument: string, options: FindOptions = {}): Promise<FoundResult[]> {
  const info = await Deno.stat(argument).catch(() => undefined);
  if (info) {
    await refuseAmbiguous(argument, options);
    return [await loadFromDisk(argument, info, options)];
  }
  const repository = await GitRepository.open(options.directory ?? ".").catch((error) => {
    if (!(error instanceof ResultSourceError)) throw error;
    const reason = error.message.replace(/^Cannot read the history: /, "");
    throw new ResultSourceError(
      error.kind,
      `Cannot find "${argument}": there is no such path, and ${reason}`,
    );
  });
  const found: FoundResult[] = [];
  for (const revision of rangeEnds(argument) ?? [argument]) {
    const commit = await repository.resolve(revision);
    found.push(await loadFromCommit(repository, revision, commit, options));
  }
  return found;
}

/** A commit that changed the results of a profile. */
export interface HistoryEntry {
  /** Its hash. */
  readonly commit: string;
  /** When it was committed: RFC 3339. */
  readonly date: string;
  /** The first line of its message. */
  readonly subject: string;
  /** The result after it, or why there is none that can be read. */
  readonly result: FoundResult | { readonly refused: string };
}

/**
 * The commits that changed the record of a profile, the newest first.
 *
 * @param revision Where to start, or a range.
 * @throws {ResultSourceError} If there is no repository or no such revision.
 */
export async function* resultHistory(
  profile: string,
  options: Omit<FindOptions, "profile"> = {},
  revision = "HEAD",
): AsyncGenerator<HistoryEntry> {
  const repository = await GitRepository.open(options.directory ?? ".");
  for (const end of rangeEnds(revision) ?? [revision]) await repository.resolve(end);
  const path = `${RESULTS_FOLDER}/${profile}/${RECORD_FILE}`;
  for (const change of await repository.changes(path, revision)) {
    try {
      const name = change.commit.slice(0, 7);
      const result = await loadFromCommit(repository, name, change.commit, { ...options, profile });
      yield { ...change, result };
    } catch (error) {
      if (!(error instanceof ResultSourceError)) throw error;
      yield { ...change, result: { refused: error.message } };
    }
  }
}
