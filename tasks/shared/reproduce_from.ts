/**
 * `deno task reproduce --from`: runs again what a signed result says was run, and says how far the two agree.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { parseProfile, type Profile } from "../../src/pipeline/mod.ts";
import { compareRecords } from "../../src/report/mod.ts";
import {
  fileDigest,
  loadPublishedKeys,
  parseRecord,
  RECORD_FILE,
  type ResultRecord,
  verify,
} from "../../src/result/mod.ts";
import { UsageError } from "./command.ts";

/** A result that is to be made again. */
export interface Original {
  /** Its directory. */
  readonly directory: string;
  /** Its record. */
  readonly record: ResultRecord;
  /** The profile that it was made with. */
  readonly profile: Profile;
  /** The names of its files, without the manifests. */
  readonly files: readonly string[];
}

/** Rows decoded together where a record does not say; it changes no result. */
const ROLLOUT_BATCH = 64;

/**
 * Reads a signed result.
 *
 * @param path The manifest, or its directory.
 * @throws {UsageError} If there is none.
 * @throws {Error} If its signatures or digests do not hold: there is nothing sure to compare with.
 */
export async function readOriginal(path: string): Promise<Original> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) throw new UsageError(`Cannot reproduce "${path}": there is no such manifest or directory`);
  const directory = info.isDirectory ? path : dirname(path);
  const published = await loadPublishedKeys(join(directory, "../keys"));
  const { ok, problems, files } = await verify(directory, { published });
  if (!ok) {
    const [first] = problems;
    throw new Error(`Cannot reproduce ${directory}: it does not verify: ${first?.file}: ${first?.problem}`);
  }
  const source = join(directory, RECORD_FILE), record = parseRecord(await Deno.readFile(source));
  const text = JSON.stringify({ rolloutBatch: ROLLOUT_BATCH, ...record.profile });
  const outputs = files.filter((name) => !/^(manifest|provenance)\.|\.(minisig|sshsig)$/.test(name));
  return { directory, record, profile: parseProfile(text, source), files: outputs };
}

/** How far a result and its repetition agree. */
export interface Agreement {
  /** Every file has the same bytes; or no method differs by more than noise; or one does, or they cannot be compared. */
  readonly verdict: "byte-equal" | "statistically equal" | "different";
  /** Files that differ or are missing. */
  readonly files: readonly string[];
  /** What else differs, one line each: what they were made from, then methods and suites. */
  readonly differences: readonly string[];
}

/** What two records were made from, where it differs. */
function origins(before: ResultRecord, after: ResultRecord): string[] {
  const facts: Record<string, readonly [string, string]> = {
    "the base model": [before.base.digest, after.base.digest],
    "the grader": [before.graderVersion, after.graderVersion],
  };
  for (const name of new Set([...Object.keys(before.artifacts), ...Object.keys(after.artifacts)])) {
    facts[`the graph ${name}`] = [before.artifacts[name] ?? "none", after.artifacts[name] ?? "none"];
  }
  return Object.entries(facts).flatMap(([what, [old, now]]) => {
    return old === now ? [] : [`${what} is ${now.slice(0, 16)}, it was ${old.slice(0, 16)}`];
  });
}

/** Compares a result with its repetition. */
export async function agreement(
  original: Original,
  directory: string,
  record: ResultRecord,
): Promise<Agreement> {
  const digest = (folder: string, name: string): Promise<string> =>
    fileDigest(join(folder, name)).catch(() => "missing");
  const files: string[] = [];
  for (const name of original.files) {
    if (await digest(original.directory, name) !== await digest(directory, name)) files.push(name);
  }
  if (files.length === 0) return { verdict: "byte-equal", files, differences: [] };
  const { pairs } = compareRecords([
    { name: "recorded", record: original.record },
    { name: "again", record },
  ], { baseline: "recorded" });
  const across = pairs.filter(({ kind }) => kind === "records");
  const differs = across.filter(({ verdict }) =>
    verdict !== "tied within noise" && verdict !== "inconclusive (too few)"
  );
  const words = differs.map(({ suite, candidate, verdict, note, result }) => {
    const points = result ? ` by ${(100 * result.difference.value).toFixed(1)} points` : "";
    return `${candidate.method} on ${suite}: ${verdict}${points}${note ? ` (${note})` : ""}`;
  });
  const verdict = differs.length > 0 || across.length === 0 ? "different" : "statistically equal";
  return { verdict, files, differences: [...origins(original.record, record), ...words] };
}
