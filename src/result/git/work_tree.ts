/**
 * Which files of a work tree differ from its commit, as far as they can change a result.
 *
 * @module
 */

import { join } from "node:path";
import { isStray } from "../statement/mod.ts";
import { askGit } from "./git.ts";

/** Where a new file can change what is computed; one elsewhere is never loaded. */
const SOURCES = ["main.ts", "deno.json", "deno.lock", "src", "tasks", "benchmarks", "links"] as const;

/** What is written by a run and never read by one: results, and the public keys beside them. */
const OUTPUTS = "results/";

/** What would let git pass over a file that was changed. */
const SETTINGS = [
  ...["-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false"],
  ...["-c", "core.ignoreStat=false", "-c", "core.checkStat=default", "-c", "core.trustctime=true"],
];

/** The most paths in one command line. */
const MOST_PATHS = 200;

async function git(root: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { success, text, error } = await askGit(root, [...SETTINGS, ...args]);
  if (!success) throw new TypeError(`Cannot compare ${root} with its commit: ${error}`);
  return text.split("\0").filter((part) => part !== "");
}

/** Files that git was told to take for unchanged (assume-unchanged, skip-worktree), and are not. */
async function hiddenChanges(root: string): Promise<string[]> {
  const told = (await git(root, "ls-files", "-v", "-s", "-z")).flatMap((line) => {
    const [, tag = "", object = "", path = ""] = /^(\S) \d+ ([0-9a-f]+) \d\t(.*)$/s.exec(line) ?? [];
    return tag === "S" || tag !== tag.toUpperCase() ? [{ tag, object, path }] : [];
  });
  const changed: string[] = [], there: typeof told = [];
  for (const file of told) {
    const isThere = await Deno.lstat(join(root, file.path)).then(() => true, () => false);
    // A sparse checkout leaves files out.
    if (isThere) there.push(file);
    else if (file.tag.toUpperCase() !== "S") changed.push(file.path);
  }
  for (let at = 0; at < there.length; at += MOST_PATHS) {
    const some = there.slice(at, at + MOST_PATHS);
    const [text = ""] = await git(root, "hash-object", "--", ...some.map(({ path }) => path));
    const found = text.split("\n");
    changed.push(...some.filter(({ object }, i) => found[i] !== object).map(({ path }) => path));
  }
  return changed;
}

/**
 * The files that make a work tree differ from its commit: tracked ones that were changed, also where git was told to look
 * away, and new ones among the sources. What a run writes, and what systems and editors leave, does not count.
 *
 * @param root The source tree.
 * @returns Paths relative to the root, ascending.
 * @throws {Error} If git cannot tell.
 */
export async function changedFiles(root: string): Promise<string[]> {
  const { success, text, error } = await askGit(root, ["rev-parse", "--show-prefix"]);
  if (!success) throw new TypeError(`Cannot compare ${root} with its commit: ${error}`);
  const prefix = text.trim();
  const status = await git(root, "status", "--porcelain=v1", "-z", "-uno", "--no-renames", "--", ".");
  const tracked = status.map((line) => line.slice(3 + prefix.length));
  const fresh = await git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ...SOURCES);
  const files = new Set([
    ...tracked,
    ...fresh.filter((path) => !isStray(path)),
    ...await hiddenChanges(root),
  ]);
  return [...files].filter((path) => !path.startsWith(OUTPUTS)).sort();
}

/** The most names of files in a statement, and the most characters of them. */
const MOST_NAMES = 20, LONGEST = 900;

/** Names of files in one text of bearable length. */
export function namesText(files: readonly string[]): string {
  let names = files.slice(0, MOST_NAMES);
  while (names.length > 1 && names.join(", ").length > LONGEST) names = names.slice(0, -1);
  const more = files.length - names.length;
  const text = names.join(", ").replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd").slice(0, LONGEST);
  return more > 0 ? `${text} and ${more} more` : text;
}
