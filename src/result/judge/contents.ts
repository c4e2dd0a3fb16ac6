/**
 * What is read of a result's files, each of them once: into memory what is small, the rest piece by piece.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { sha256 } from "../../canonical_json.ts";
import type { Found, FoundSamples } from "../../judge/mod.ts";
import { limits, parseRecord, RECORD_FILE, type ResultRecord, SAMPLES_FILE } from "../record/mod.ts";
import type { Statements } from "../sign/mod.ts";
import { MANIFEST_FILES, namedElsewhere } from "../statement/mod.ts";
import { loggedRun, readLog } from "./byproducts.ts";
import { readCompletions } from "./completions.ts";
import type { Faults } from "./fault.ts";
import { bytesOf, contentOf, digestOf, type ResultFiles } from "./result_files.ts";

/** The files beside the record that are read whole. */
export const LISTS = { artifacts: "artifacts.json", overlap: "overlap.json" } as const;

/** What is known of the record: read once, whatever the signatures are. */
export interface ReadRecord {
  readonly value?: ResultRecord | undefined;
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
  /** Why it cannot be read. */
  readonly fault?: string | undefined;
}

export async function readRecord(files: ResultFiles): Promise<ReadRecord> {
  if (!files.sizes.has(RECORD_FILE)) return { fault: "it is missing" };
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    bytes = await bytesOf(files, RECORD_FILE, limits.recordBytes);
    return { value: parseRecord(bytes), bytes };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error), bytes };
  }
}

/** What is read of the files that statements name. */
export interface Contents {
  readonly bytes: Map<string, Uint8Array<ArrayBuffer>>;
  readonly digests: Map<string, string>;
  samples: Found<FoundSamples>;
}

/** Reads the completions while their bytes are digested, all of them, whatever is wrong with a line. */
async function readSamples(
  files: ResultFiles,
  record: ResultRecord | undefined,
): Promise<{ readonly digest: string; readonly samples: Found<FoundSamples> }> {
  const hash = createHash("sha256"), source = contentOf(files, SAMPLES_FILE)[Symbol.asyncIterator]();
  async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      hash.update(next.value);
      yield next.value;
    }
  }
  const samples: Found<FoundSamples> = record
    ? { value: await readCompletions(pieces(), record) }
    : { absent: `${RECORD_FILE} cannot be read` };
  for await (const _ of pieces()); // what is behind a line that is wrong
  return { digest: hash.digest("hex"), samples };
}

/** Reads every file but the signatures once: into memory what is small, the rest piece by piece. */
export async function readContents(
  files: ResultFiles,
  record: ReadRecord,
  faults: Faults,
): Promise<Contents> {
  const contents: Contents = {
    bytes: new Map(),
    digests: new Map(),
    samples: { absent: `${SAMPLES_FILE}: it is missing` },
  };
  const lists: readonly string[] = Object.values(LISTS);
  let room: number = limits.allMetricsBytes;
  for (const name of files.sizes.keys()) {
    if (MANIFEST_FILES.includes(name)) continue;
    await faults.check("files", name, async () => {
      if (name === SAMPLES_FILE) {
        const { digest, samples } = await readSamples(files, record.value);
        contents.digests.set(name, digest);
        contents.samples = samples;
      } else if (name === RECORD_FILE && record.bytes) {
        contents.digests.set(name, await sha256(record.bytes));
      } else if (loggedRun(name) !== undefined || lists.includes(name)) {
        const bytes = await bytesOf(files, name, Math.min(limits.metricsBytes, room));
        room -= bytes.length;
        contents.bytes.set(name, bytes);
        contents.digests.set(name, await sha256(bytes));
      } else contents.digests.set(name, await digestOf(files, name));
    });
  }
  return contents;
}

/** Compares the files that are there with those that the statements name; returns the names that lie elsewhere. */
export function compareFiles(
  { digests }: Contents,
  record: ResultRecord | undefined,
  { result }: Statements,
  faults: Faults,
): string[] {
  const signed = new Map(result.subject.map(({ name, digest }) => [name, digest.sha256]));
  for (const [name, found] of digests) {
    const digest = signed.get(name);
    if (digest === undefined) faults.add("files", name, "no statement names it");
    else if (found !== digest) {
      faults.add("files", name, `its SHA-256 is ${found}, the statements say ${digest}`);
    }
  }
  const elsewhere = new Set(record ? namedElsewhere(record).map(({ name }) => name) : []);
  const failed = new Set(faults.problems.map(({ file }) => file));
  for (const name of signed.keys()) {
    if (digests.has(name) || elsewhere.has(name) || failed.has(name)) continue;
    // Without a record nobody knows which of these lie elsewhere.
    if (!record && /^(artifacts|checkpoints)\//.test(name)) continue;
    faults.add("files", name, "it is missing");
  }
  return [...elsewhere].filter((name) => !digests.has(name)).sort();
}

/** The training logs of a kind among the contents, by run. */
export function logsOf({ bytes }: Contents, kind: "metrics" | "probe"): Map<string, readonly unknown[]> {
  const logs = new Map<string, readonly unknown[]>();
  for (const [name, content] of bytes) {
    const log = loggedRun(name);
    if (log?.kind === kind) logs.set(log.run, readLog(content));
  }
  return logs;
}
