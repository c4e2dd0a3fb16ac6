/**
 * Reads the results before the present ones from the commits of the git repository that they stand in.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { contentId } from "../canonical_json.ts";
import type { PastRecord } from "../report/mod.ts";
import {
  type FoundResult,
  GitRepository,
  type PublicKey,
  resultHistory,
  RESULTS_FOLDER,
  ResultSourceError,
  type VerifyKeys,
} from "../result/mod.ts";
import type { VerifiedResult } from "./read_result.ts";

/** The most results of one profile that are read: more than a figure can show. */
const MOST_RESULTS = 100;

/** What is known of the results before the present ones. */
export interface PastResults {
  /** Results whose signatures hold and that cover all of their profile, the newest first. */
  readonly past: readonly PastRecord[];
  /** Results whose history is not known, or not all of it, and why. */
  readonly gaps: readonly { readonly name: string; readonly reason: string }[];
  /** Where results stand in the history, by name: 0 the newest commit of any result. What is not committed is absent. */
  readonly places: ReadonlyMap<string, number>;
  /** Commits whose result is passed over, and why. */
  readonly skipped: readonly { readonly commit: string; readonly reason: string }[];
}

/** A result of a commit, or why it does not count. */
async function pastRecord(
  found: FoundResult,
  { commit, date }: { readonly commit: string; readonly date: string },
  place: number,
): Promise<PastRecord | string> {
  const { record, digest, signature, judgement } = found;
  if (signature.state === "unsigned") return "it is not signed";
  if (signature.state === "removed") {
    return `its signature was removed: commit ${signature.commit.slice(0, 12)} had one`;
  }
  if (signature.state === "invalid") return `its signature does not hold: ${signature.reason}`;
  const { facts } = signature;
  if (judgement.partial !== null) return `it is a partial run: ${judgement.partial}`;
  return {
    record,
    profileDigest: await contentId(record.profile),
    digest,
    commit: facts.commit ?? commit,
    place,
    date: facts.finishedOn ?? new Date(date).toISOString().replace(".000Z", "Z"),
  };
}

/** What is gathered from commits. */
interface Gathered {
  readonly past: PastRecord[];
  readonly skipped: { commit: string; reason: string }[];
  readonly places: Map<string, number>;
}

/** The results of a directory's history; why some of it is missing, or `undefined`. */
async function readCommits(
  { directory, input: { name, record } }: VerifiedResult,
  keys: ReadonlyMap<string, PublicKey>,
  { past, skipped, places }: Gathered,
): Promise<string | undefined> {
  const folder = dirname(resolve(directory)), root = dirname(folder);
  if (basename(folder) !== RESULTS_FOLDER) return `it does not stand in a folder named ${RESULTS_FOLDER}`;
  let count = 0;
  try {
    const repository = await GitRepository.open(root);
    // Commits that changed any result, the newest first: so the places of different results can be compared.
    const order = (await repository.changes(RESULTS_FOLDER)).map(({ commit }) => commit);
    const placeOf = (commit: string): number => {
      const place = order.indexOf(commit);
      return place < 0 ? order.length : place;
    };
    for await (const entry of resultHistory(basename(resolve(directory)), { keys, directory: root })) {
      if (count++ === MOST_RESULTS) return `only its newest ${MOST_RESULTS} results are read`;
      const { result, commit } = entry, place = placeOf(commit);
      // What is on disk stands where the newest commit has the same; otherwise it is not committed.
      if (count === 1 && !("refused" in result) && result.digest === record) places.set(name, place);
      const one = "refused" in result ? result.refused : await pastRecord(result, entry, place);
      if (typeof one === "string") skipped.push({ commit: commit.slice(0, 10), reason: one });
      else past.push(one);
    }
    return repository.shallow ? "the clone is shallow; git fetch --unshallow brings the rest" : undefined;
  } catch (error) {
    if (!(error instanceof ResultSourceError)) throw error;
    return error.message.replace(/^Cannot read the history: /, "");
  }
}

/**
 * Reads what the commits hold of the history of some results. Only signatures by the given keys count: a key that is no
 * longer published, or not trusted, vouches for nothing that it signed before.
 */
export async function readHistory(
  results: readonly VerifiedResult[],
  { published, trusted }: VerifyKeys,
): Promise<PastResults> {
  const keys = trusted ? new Map([...trusted].map(([keyid, { key }]) => [keyid, key])) : published;
  const gathered: Gathered = { past: [], skipped: [], places: new Map() };
  const gaps: { name: string; reason: string }[] = [];
  for (const result of results) {
    const reason = await readCommits(result, keys, gathered);
    if (reason !== undefined) gaps.push({ name: result.input.name, reason });
  }
  return { ...gathered, gaps };
}

/** The results, each with the place in the history that was found for it. */
export function withPlaces(
  results: readonly VerifiedResult[],
  { places }: Pick<PastResults, "places">,
): VerifiedResult[] {
  return results.map((result) => {
    return { ...result, input: { ...result.input, place: places.get(result.input.name) ?? null } };
  });
}
