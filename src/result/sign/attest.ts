/**
 * Signs a run directory.
 *
 * @module
 */

import { join } from "node:path";
import { writeFileAtomic } from "../../store.ts";
import {
  BENCHMARK_RESULT_TYPE,
  benchmarkResult,
  type BenchmarkStatement,
  benchmarkStatementSchema,
  factsOf,
  MANIFEST_FILES,
  metadataSchema,
  namedElsewhere,
  provenance,
  PROVENANCE_TYPE,
  type ProvenanceStatement,
  provenanceStatementSchema,
  type RunFacts,
  STATEMENT_TYPE,
  statementFiles,
  type Subject,
} from "../statement/mod.ts";
import { checkDetachable, DETACHED_SUFFIXES, signDetached } from "./detached.ts";
import { parseEnvelope } from "./dsse.ts";
import { digestFiles, writeSigned } from "./signed_files.ts";
import { type PublicKey, publicKeyFile, publicKeyPem, type SigningKey } from "../keys/mod.ts";
import { parseAs, parseRecord, readDocument, RECORD_FILE, type ResultRecord } from "../record/mod.ts";

/** What the caller knows and the directory does not say. */
export interface AttestOptions extends RunFacts {
  /** The key to sign with. */
  readonly key: SigningKey;
  /** Also sign `results.json` for minisign and OpenSSH (`results.json.minisig`, `.sshsig`); needs an Ed25519 key. */
  readonly detached?: boolean | undefined;
}

/** The statements about a run directory. */
export interface Statements {
  /** What came out. */
  readonly result: BenchmarkStatement;
  /** How it was made. */
  readonly provenance: ProvenanceStatement;
}

/** The files of a directory and those that its record names, each once. */
function allSubjects(directory: string, here: readonly Subject[], record: ResultRecord): Subject[] {
  const subjects = new Map(here.map((subject) => [subject.name, subject]));
  for (const subject of namedElsewhere(record)) {
    const found = subjects.get(subject.name)?.digest.sha256 ?? subject.digest.sha256;
    if (found !== subject.digest.sha256) {
      const expected = `${RECORD_FILE} says ${subject.digest.sha256}`;
      throw new TypeError(
        `Cannot sign ${directory}: the SHA-256 of ${subject.name} is ${found}, ${expected}`,
      );
    }
    subjects.set(subject.name, subject);
  }
  return [...subjects.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Removes a file; an old signature must not stay beside what it does not fit. */
async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Signs everything in a run directory: writes a statement about what came out, `manifest.*`, and one about how it was
 * made, `provenance.*`. Unfinished files of a killed run are removed first; every other file, and every graph and
 * checkpoint that `results.json` names, becomes a subject of both.
 *
 * @param directory Holds `results.json` and the other outputs.
 * @returns The signed statements.
 * @throws {TypeError} If `results.json` does not fit its schema, the run ended before it started, something in the
 * directory is no plain file, or a file is not the one that `results.json` names.
 */
export async function attest(
  directory: string,
  { key, detached = false, ...facts }: AttestOptions,
): Promise<Statements> {
  if (detached) checkDetachable(key.publicKey);
  const path = join(directory, RECORD_FILE), action = `Cannot sign ${directory}`;
  const record = parseRecord(await Deno.readFile(path));
  parseAs(metadataSchema, facts.metadata, action);
  for (const suffix of DETACHED_SUFFIXES) await removeIfThere(`${path}${suffix}`);
  if (detached) await signDetached(path, key);
  const here = await digestFiles(directory, MANIFEST_FILES);
  const subject = allSubjects(directory, here, record);
  const statements: Statements = {
    result: parseAs(benchmarkStatementSchema, {
      _type: STATEMENT_TYPE,
      subject,
      predicateType: BENCHMARK_RESULT_TYPE,
      predicate: await benchmarkResult(record, facts.environment),
    }, action),
    provenance: parseAs(provenanceStatementSchema, {
      _type: STATEMENT_TYPE,
      subject,
      predicateType: PROVENANCE_TYPE,
      predicate: provenance(record, facts, subject),
    }, action),
  };
  await writeSigned(directory, statementFiles.result, statements.result, key);
  await writeSigned(directory, statementFiles.provenance, statements.provenance, key);
  return statements;
}

/**
 * What a directory's provenance says of the run, its signature unchecked: for signing again with another key.
 * Undefined if there is no provenance.
 *
 * @throws {SyntaxError | TypeError} If the provenance or the record cannot be read.
 */
export async function readFacts(directory: string): Promise<RunFacts | undefined> {
  const file = statementFiles.provenance.envelope, action = `Cannot read ${file}`;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(join(directory, file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const { payload } = parseEnvelope(readDocument(bytes, action), action);
  const document = readDocument(Uint8Array.fromBase64(payload), action);
  const { predicate } = parseAs(provenanceStatementSchema, document, action);
  return factsOf(predicate, parseRecord(await Deno.readFile(join(directory, RECORD_FILE))));
}

/** Writes a public key where `verify` looks for it, `keys/` beside the run directory, and returns its path. */
export async function publishKey(directory: string, key: PublicKey): Promise<string> {
  const path = join(directory, "..", "keys", publicKeyFile(key));
  await writeFileAtomic(path, publicKeyPem(key));
  return path;
}
