/**
 * The sources that can change a record, of this checkout and of a commit, as one digest.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { contentId } from "../canonical_json.ts";
import { fileDigest, GitRepository, sourceDependencies, sourceOf } from "../result/mod.ts";
import type { AcceptedRecords, SourceTree } from "./made.ts";

/** The rooms of `src` whose code runs while a record is made; `leaf modules` are the files of `src` itself. */
export const RECORD_ROOMS: readonly string[] = [
  "artifact",
  "collective",
  "grade",
  "http",
  "leaf modules",
  "model",
  "module",
  "pipeline",
  "policy",
  "reward",
  "rl",
  "runtime",
  "server",
  "stats",
  "suite",
  "tensor",
];

/** What a profile needs is estimated there: no worker loads it. */
const ESTIMATES = "src/pipeline/plan/";

/** The versions of everything that is not ours. */
const LOCK_FILE = "deno.lock";

/** Can a file change a record? Its path is relative to the repository's top. */
function counts(path: string): boolean {
  if (path === LOCK_FILE) return true;
  if (path.startsWith(ESTIMATES)) return false;
  const [top, room = "", ...rest] = path.split("/");
  return top === "src" && path.endsWith(".ts") &&
    RECORD_ROOMS.includes(rest.length === 0 ? "leaf modules" : room);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
  const nested = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? await filesBelow(root, path) : [path];
  }));
  return nested.flat();
}

/** The sources of a checkout, as they lie there. */
export async function sourceTree(root: string): Promise<SourceTree> {
  const files = [LOCK_FILE, ...await filesBelow(root, "src")].filter(counts);
  const digests = await Promise.all(
    files.map(async (path) => [path, await fileDigest(join(root, path))] as const),
  );
  return {
    digest: await contentId(Object.fromEntries(digests)),
    ...sourceOf(await sourceDependencies(root)),
  };
}

/**
 * The sources of a commit.
 *
 * @param revision What git knows the commit by.
 * @throws {ResultSourceError} If there is no git, or no such commit.
 */
export async function sourcesOfCommit(root: string, revision: string): Promise<AcceptedRecords> {
  const repository = await GitRepository.open(root), commit = await repository.resolve(revision);
  const digests: Record<string, string> = {};
  for (const file of await repository.files(commit)) {
    const path = file.path.slice(repository.prefix.length);
    if (file.size === null || !counts(path)) continue;
    const hash = createHash("sha256");
    for await (const piece of repository.content(file)) hash.update(piece);
    digests[path] = hash.digest("hex");
  }
  return { commit, digest: await contentId(digests) };
}
