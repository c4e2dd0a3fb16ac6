/**
 * Reads signed results for the leaderboard: judges each one, then takes what was judged and nothing else.
 *
 * @module
 */

import { basename, join } from "node:path";
import { contentId, sha256 } from "../canonical_json.ts";
import type { Judgement } from "../judge/mod.ts";
import {
  type Excluded,
  type LeaderboardInput,
  signedFacts,
  type StepMetrics,
  type TrainingLog,
} from "../report/mod.ts";
import {
  BUNDLE_FILE,
  folderFiles,
  type Judged,
  judgeFiles,
  type JudgeOptions,
  type PublicKey,
  RECORD_FILE,
  type ResultFiles,
  type ResultRecord,
  statementFiles,
  type Statements,
  type VerifyKeys,
} from "../result/mod.ts";

/** The directories inside another that hold a record, by name. */
export async function resultFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  if (!(await Deno.stat(root).catch(() => undefined))?.isDirectory) return found;
  for await (const { name, isDirectory } of Deno.readDir(root)) {
    const path = join(root, name);
    if (isDirectory && await Deno.stat(join(path, RECORD_FILE)).then(({ isFile }) => isFile, () => false)) {
      found.push(path);
    }
  }
  return found.sort();
}

/** A result that may enter the leaderboard. */
export interface VerifiedResult {
  /** Its directory. */
  readonly directory: string;
  /** What the leaderboard is built from. */
  readonly input: LeaderboardInput;
  /** What was found out about it. */
  readonly judgement: Judgement;
  /** Its record. */
  readonly record: ResultRecord;
  /** The bytes of `results.json`. */
  readonly recordBytes: Uint8Array<ArrayBuffer>;
  /** The bytes of `manifest.sigstore.json`. */
  readonly bundleBytes: Uint8Array<ArrayBuffer>;
  /** The bytes of `provenance.sigstore.json`. */
  readonly provenanceBytes: Uint8Array<ArrayBuffer>;
  /** The files that hold the signatures. */
  readonly signatures: Judged["signatures"];
  /** Its files as they were judged: one that changed since cannot be read to its end. */
  readonly files: ResultFiles;
  /** The problems of its generated suites; those of data sets are not ours to publish. */
  readonly found: Judged["found"];
  /** The key that signed it. */
  readonly key: PublicKey;
  /** The signed statements. */
  readonly statements: Statements;
  /** The training logs. */
  readonly logs: readonly TrainingLog[];
}

/** The training logs of a record's runs. */
function logsOf({ runs }: ResultRecord, logs: Judged["logs"]): TrainingLog[] {
  return runs.flatMap(({ method, seed }): TrainingLog[] => {
    const steps = seed === null ? undefined : logs.get(`${method}-${seed}`);
    if (seed === null || !steps) return [];
    const metrics = steps.map((step): StepMetrics => typeof step === "object" && step ? { ...step } : {});
    return [{ method, seed, steps: metrics }];
  });
}

/** The problems of the suites that are generated. */
function generatedOnly({ found, judgement: { suites } }: Judged): Judged["found"] {
  const names = new Set(suites.flatMap(({ name, kind }) => kind === "generated" ? [name] : []));
  return new Map([...found].filter(([name]) => names.has(name)));
}

/** What a result is read with, besides keys. */
export interface ReadOptions extends Omit<JudgeOptions, "keys"> {
  /** What the leaderboard calls it; default the directory's name. */
  readonly name?: string | undefined;
}

/**
 * A judged result as the leaderboard takes it, whatever was found out about it.
 *
 * @throws {TypeError} If it has no record, or no signatures that hold.
 */
export async function judgedResult(
  directory: string,
  judged: Judged,
  { trusted }: VerifyKeys,
  name: string = basename(directory),
): Promise<VerifiedResult> {
  const { judgement, record, recordBytes, statements, key, signatures } = judged;
  const bundleBytes = signatures.get(BUNDLE_FILE);
  const provenanceBytes = signatures.get(statementFiles.provenance.bundle);
  if (!record || !recordBytes || !statements || !key || !bundleBytes || !provenanceBytes) {
    throw new TypeError("it cannot be verified: nothing is signed");
  }
  const signer = trusted?.get(key.keyid), { claims, suites, headline, whole, partial } = judgement;
  return {
    directory,
    input: {
      name,
      recordContent: record,
      ...signedFacts(record, await contentId(record.profile), statements.provenance.predicate),
      manifest: await sha256(bundleBytes),
      provenance: await sha256(provenanceBytes),
      record: await sha256(recordBytes),
      key: key.keyid,
      owner: signer?.owner ?? null,
      trusted: signer !== undefined,
      place: null,
      judged: {
        claims,
        headline,
        whole,
        partial,
        suites: suites.map(({ problems: _, ...origin }) => origin),
      },
    },
    judgement,
    record,
    recordBytes,
    bundleBytes,
    provenanceBytes,
    signatures,
    files: judged.files,
    found: generatedOnly(judged),
    key,
    statements,
    logs: logsOf(record, judged.logs),
  };
}

/**
 * Judges a result directory, its completions graded again, and reads it. A key outside of the trusted list is shown as
 * such.
 *
 * @returns The result, or why it is left out.
 */
export async function readResult(
  directory: string,
  keys: VerifyKeys,
  { name = basename(directory), ...options }: ReadOptions = {},
): Promise<VerifiedResult | Excluded> {
  try {
    const files = await folderFiles(directory);
    const judged = await judgeFiles(files, {
      regrade: {},
      ...options,
      keys: { strangers: "shown", ...keys },
    });
    const { judgement, problems: [problem] } = judged;
    if (problem) return { name, reason: `it cannot be verified: ${problem.file}: ${problem.problem}` };
    if (judgement.refused !== null) return { name, reason: judgement.refused };
    return await judgedResult(directory, judged, keys, name);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { name, reason: `it cannot be read: ${error.message}` };
  }
}

/**
 * The results of which no other one is a copy, and those that are, with the reason: a result counts once, however many
 * directories hold it and whoever signed it again. Of several the one by a trusted key counts, else the first by name.
 */
export function withoutCopies(
  results: readonly VerifiedResult[],
): { readonly results: VerifiedResult[]; readonly copies: Excluded[] } {
  const kept = new Map<string, VerifiedResult>(), copies: Excluded[] = [];
  const ordered = results.toSorted((a, b) =>
    Number(b.input.trusted) - Number(a.input.trusted) || (a.input.name < b.input.name ? -1 : 1)
  );
  for (const result of ordered) {
    const { record, name } = result.input, original = kept.get(record);
    if (!original) kept.set(record, result);
    else copies.push({ name, reason: `it is the same result as ${original.input.name}` });
  }
  const chosen = new Set(kept.values());
  return { results: results.filter((result) => chosen.has(result)), copies };
}
