/**
 * A forger: signs whatever parts it is given, consistently, with a key of its own, as any pull request can bring one.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { sha256 } from "../../../src/canonical_json.ts";
import {
  BENCHMARK_RESULT_TYPE,
  type Judged,
  judgeFiles,
  type JudgeOptions,
  PROVENANCE_TYPE,
  publishKey,
  type ResultFiles,
  type RunFacts,
  type SigningKey,
  STATEMENT_TYPE,
  statementFiles,
} from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { signEnvelope, sigstoreBundle } from "../../../src/result/sign/dsse.ts";
import { benchmarkResult } from "../../../src/result/statement/benchmark_result.ts";
import { provenance } from "../../../src/result/statement/provenance.ts";
import { facts, keysOf, newKey } from "../fixture.ts";
import { filesOf, type Loose, type Parts } from "./honest.ts";

/** How a forgery is signed. */
export interface Forging {
  /** The key; default one for all. */
  readonly key?: SigningKey;
  /** When, where, from which sources; default made up. */
  readonly facts?: Partial<RunFacts>;
  /** Changes the statements before they are signed. */
  readonly statements?: (statements: { result: Loose; provenance: Loose }) => void;
  /** Changes the bundles and envelopes after that. */
  readonly signed?: (files: Map<string, Uint8Array<ArrayBuffer>>) => void;
}

let common: Promise<SigningKey> | undefined;

/** The forger's key. */
export function forgersKey(): Promise<SigningKey> {
  common ??= newKey();
  return common;
}

/** The subjects of files, and of what the record names by digest. */
async function subjectsOf(files: Map<string, Uint8Array<ArrayBuffer>>, record: Loose): Promise<Loose[]> {
  const digests = new Map<string, string>();
  for (const [name, bytes] of files) digests.set(name, await sha256(bytes));
  for (const [name, digest] of Object.entries(record.artifacts ?? {})) {
    digests.set(`artifacts/${name}`, String(digest));
  }
  for (const { method, seed, checkpoint } of record.runs ?? []) {
    if (checkpoint) digests.set(`checkpoints/${method}-${seed}.safetensors`, checkpoint);
  }
  return [...digests].sort(([a], [b]) => a < b ? -1 : 1).map(([name, sha256]) => ({
    name,
    digest: { sha256 },
  }));
}

/** The files of a forgery: those of its parts and consistent, correctly signed statements about them. */
export async function forge(
  parts: Parts,
  forging: Forging = {},
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { record } = parts, files = await filesOf(parts), key = forging.key ?? await forgersKey();
  const told = { ...facts, ...forging.facts }, subject = await subjectsOf(files, record);
  const common = { _type: STATEMENT_TYPE, subject };
  const statements: { result: Loose; provenance: Loose } = {
    result: {
      ...common,
      predicateType: BENCHMARK_RESULT_TYPE,
      predicate: await benchmarkResult(record, told.environment),
    },
    provenance: { ...common, predicateType: PROVENANCE_TYPE, predicate: provenance(record, told, subject) },
  };
  // Apart, so that a change of one leaves the other.
  const own = {
    result: structuredClone(statements.result),
    provenance: structuredClone(statements.provenance),
  };
  forging.statements?.(own);
  const encoder = new TextEncoder();
  for (const kind of ["result", "provenance"] as const) {
    const envelope = await signEnvelope(encoder.encode(writeDocument(own[kind])), key);
    files.set(statementFiles[kind].envelope, encoder.encode(writeDocument(envelope)));
    const bundle = await sigstoreBundle(envelope, key.publicKey);
    files.set(statementFiles[kind].bundle, encoder.encode(writeDocument(bundle)));
  }
  forging.signed?.(files);
  return files;
}

/** Files in memory as the files of a result. */
export function inMemory(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ResultFiles {
  return {
    sizes: new Map([...files].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { length }]) => [name, length])),
    refused: [],
    stream: async function* (name) {
      const bytes = files.get(name);
      if (!bytes) throw new Deno.errors.NotFound(name);
      yield bytes;
    },
  };
}

/** A time after everything that tests sign. */
export const NOW = "2026-12-31T00:00:00Z";

/** Judges a forgery as `verify` does, or as `publish` does where it is graded again. */
export async function judged(
  parts: Parts,
  { options, ...forging }: Forging & { readonly options?: JudgeOptions } = {},
): Promise<Judged> {
  const key = forging.key ?? await forgersKey();
  const files = inMemory(await forge(parts, { ...forging, key }));
  return await judgeFiles(files, { keys: keysOf(key), now: NOW, ...options });
}

/** Writes a forgery into a folder, and the key beside it, as a pull request would bring both. */
export async function writeForgery(
  directory: string,
  parts: Parts,
  forging: Forging = {},
): Promise<SigningKey> {
  const key = forging.key ?? await forgersKey();
  await Deno.remove(directory, { recursive: true }).catch(() => {});
  for (const [name, bytes] of await forge(parts, { ...forging, key })) {
    await Deno.mkdir(dirname(join(directory, name)), { recursive: true });
    await Deno.writeFile(join(directory, name), bytes);
  }
  await publishKey(directory, key.publicKey);
  return key;
}
