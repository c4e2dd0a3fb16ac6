/**
 * Checks a signed run directory, offline and without trusting anything in it.
 *
 * @module
 */

import { join } from "node:path";
import { canonicalJson } from "../canonical_json.ts";
import { BUNDLE_FILE, ENVELOPE_FILE, MANIFEST_FILES } from "./attest.ts";
import { openEnvelope, parseEnvelope, sigstoreBundle } from "./dsse.ts";
import type { PublicKey } from "./keys.ts";
import { parseRecord, RECORD_FILE } from "./record.ts";
import { parseAs, readDocument, writeDocument } from "./schema.ts";
import { runFacts, type Statement, statementSchema } from "./statement.ts";
import { fileDigest, listFiles } from "./subjects.ts";

/** The largest document that is read into memory, in bytes. */
const LARGEST_DOCUMENT = 64 * 2 ** 20;

/** Something that does not hold. */
export interface Problem {
  /** The file, relative to the run directory. */
  readonly file: string;
  /** What is wrong with it. */
  readonly problem: string;
}

/** The outcome of a verification. */
export interface Verification {
  /** Does everything hold? */
  readonly ok: boolean;
  /** Every file that was looked at or should have been there, in order of name. */
  readonly files: readonly string[];
  /** What does not hold. */
  readonly problems: readonly Problem[];
  /** The key of the signature, if it holds. */
  readonly keyid: string | null;
  /** The statement, if its signature holds. */
  readonly statement: Statement | null;
}

/** The bytes of a document of bearable size. */
async function readBytes(directory: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(directory, name);
  const { size } = await Deno.stat(path);
  if (size > LARGEST_DOCUMENT) {
    throw new RangeError(`it has ${size} bytes, expected at most ${LARGEST_DOCUMENT}`);
  }
  return await Deno.readFile(path);
}

/** The statement in the envelope's file, if a trusted key signed it. */
async function readSigned(
  directory: string,
  trusted: ReadonlyMap<string, PublicKey>,
): Promise<{ statement: Statement; bundle: string; keyid: string }> {
  const document = readDocument(await readBytes(directory, ENVELOPE_FILE), "Cannot read the envelope");
  const envelope = parseEnvelope(document, "Cannot read the envelope");
  const { payload, key } = await openEnvelope(envelope, trusted);
  const action = "Cannot read the statement";
  return {
    statement: parseAs(statementSchema, readDocument(payload, action), action),
    bundle: writeDocument(await sigstoreBundle(envelope, key)),
    keyid: key.keyid,
  };
}

/** The message of what was thrown. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Compares the files with the statement's subjects. */
async function* checkDigests(
  directory: string,
  files: readonly string[],
  statement: Statement,
): AsyncGenerator<Problem> {
  const expected = new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]));
  for (const name of files) {
    if (MANIFEST_FILES.includes(name)) continue;
    const digest = expected.get(name);
    if (digest === undefined) {
      yield { file: name, problem: "the statement does not name it" };
      continue;
    }
    const found = await fileDigest(join(directory, name));
    if (found !== digest) {
      yield { file: name, problem: `its SHA-256 is ${found}, the statement says ${digest}` };
    }
  }
  for (const name of new Set([...expected.keys(), RECORD_FILE])) {
    if (!files.includes(name)) yield { file: name, problem: "it is missing" };
  }
}

/** Compares the record with what the statement says was run. */
async function checkRecord(directory: string, statement: Statement): Promise<Problem | undefined> {
  try {
    const facts = await runFacts(parseRecord(await readBytes(directory, RECORD_FILE)));
    for (const [name, fact] of Object.entries(facts)) {
      const stated: unknown = Reflect.get(statement.predicate.run, name);
      if (canonicalJson(fact) !== canonicalJson(stated)) {
        return { file: RECORD_FILE, problem: `its "${name}" is not what the statement says was run` };
      }
    }
  } catch (error) {
    return { file: RECORD_FILE, problem: messageOf(error) };
  }
  return undefined;
}

/**
 * Verifies a signed run directory: the signature by a trusted key, the digest of every file, that no file is missing or
 * unnamed, that `results.json` fits its schema and agrees with the statement, and that the Sigstore bundle holds the
 * same envelope. Nothing after the signature is looked at unless the signature holds.
 *
 * @param trusted Trusted keys by key id.
 */
export async function verify(
  directory: string,
  trusted: ReadonlyMap<string, PublicKey>,
): Promise<Verification> {
  const { files, refused } = await listFiles(directory);
  const problems: Problem[] = refused.map((file) => ({
    file,
    problem: "it is no plain file with a plain name",
  }));
  const missing = MANIFEST_FILES.filter((name) => !files.includes(name));
  problems.push(...missing.map((file) => ({ file, problem: "it is missing" })));
  let statement: Statement | null = null, keyid: string | null = null;
  if (files.includes(ENVELOPE_FILE)) {
    try {
      const signed = await readSigned(directory, trusted);
      ({ statement, keyid } = signed);
      if (
        files.includes(BUNDLE_FILE) &&
        !equalBytes(await readBytes(directory, BUNDLE_FILE), new TextEncoder().encode(signed.bundle))
      ) {
        problems.push({ file: BUNDLE_FILE, problem: `it does not hold the envelope of ${ENVELOPE_FILE}` });
      }
    } catch (error) {
      problems.push({ file: ENVELOPE_FILE, problem: messageOf(error) });
    }
  }
  if (statement) {
    for await (const problem of checkDigests(directory, files, statement)) problems.push(problem);
    const recordProblem = files.includes(RECORD_FILE) ? await checkRecord(directory, statement) : undefined;
    if (recordProblem) problems.push(recordProblem);
  }
  const all = new Set([...files, ...problems.map(({ file }) => file)]);
  return { ok: problems.length === 0, files: [...all].sort(), problems, keyid, statement };
}

/** Are two byte strings the same? */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
