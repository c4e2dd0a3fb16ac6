/**
 * Reads the results before the present ones from the commits of the git repository that they stand in.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
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
import { partialReason, type VerifiedResult } from "./publication.ts";

/** The most results of one profile that are read: more than a figure can show. */
const MOST_RESULTS = 100;

/** What is known of the results before the present ones. */
export interface PastResults {
  /** Results whose signatures hold and that cover all of their profile, the newest first. */
  readonly past: readonly PastRecord[];
  /** Results whose history is not known, or not all of it, and why. */
  readonly gaps: readonly { readonly name: string; readonly reason: string }[];
  /** Commits whose result is passed over, and why. */
  readonly skipped: readonly { readonly commit: string; readonly reason: string }[];
}

/** A result of a commit, or why it does not count. */
function pastRecord(
  found: FoundResult,
  { commit, date }: { readonly commit: string; readonly date: string },
): PastRecord | string {
  const { record, digest, signature } = found;
  if (signature.state === "unsigned") return "it is not signed";
  if (signature.state === "removed") {
    return `its signature was removed: commit ${signature.commit.slice(0, 12)} had one`;
  }
  if (signature.state === "invalid") return `its signature does not hold: ${signature.reason}`;
  const { facts } = signature;
  return partialReason(record) ?? {
    record,
    digest,
    commit: facts.commit ?? commit,
    date: facts.finishedOn ?? new Date(date).toISOString().replace(".000Z", "Z"),
  };
}

/** The results of a directory's history; why some of it is missing, or `undefined`. */
async function readCommits(
  directory: string,
  keys: ReadonlyMap<string, PublicKey>,
  { past, skipped }: { past: PastRecord[]; skipped: { commit: string; reason: string }[] },
): Promise<string | undefined> {
  const folder = dirname(resolve(directory)), root = dirname(folder);
  if (basename(folder) !== RESULTS_FOLDER) return `it does not stand in a folder named ${RESULTS_FOLDER}`;
  let count = 0;
  try {
    const { shallow } = await GitRepository.open(root);
    for await (const entry of resultHistory(basename(resolve(directory)), { keys, directory: root })) {
      if (count++ === MOST_RESULTS) return `only its newest ${MOST_RESULTS} results are read`;
      const { result } = entry;
      const one = "refused" in result ? result.refused : pastRecord(result, entry);
      if (typeof one === "string") skipped.push({ commit: entry.commit.slice(0, 10), reason: one });
      else past.push(one);
    }
    return shallow ? "the clone is shallow; git fetch --unshallow brings the rest" : undefined;
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
  const past: PastRecord[] = [], skipped: { commit: string; reason: string }[] = [];
  const gaps: { name: string; reason: string }[] = [];
  for (const { directory, input: { name } } of results) {
    const reason = await readCommits(directory, keys, { past, skipped });
    if (reason !== undefined) gaps.push({ name, reason });
  }
  return { past, gaps, skipped };
}
