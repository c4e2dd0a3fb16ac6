/**
 * Signs a run directory.
 *
 * @module
 */

import { basename, join } from "node:path";
import { isTemporary, writeFileAtomic } from "../store.ts";
import { parseEnvelope, signEnvelope, sigstoreBundle } from "./dsse.ts";
import { type PublicKey, publicKeyFile, publicKeyPem, type SigningKey } from "./keys.ts";
import { parseRecord, RECORD_FILE } from "./record.ts";
import { parseAs, readDocument, writeDocument } from "./schema.ts";
import {
  type Predicate,
  PREDICATE_TYPE,
  runFacts,
  type Statement,
  STATEMENT_TYPE,
  statementSchema,
} from "./statement.ts";
import { fileDigest, listFiles } from "./subjects.ts";

/** The signed statement as a bare DSSE envelope. */
export const ENVELOPE_FILE = "manifest.intoto.json";

/** The same envelope as a Sigstore bundle. */
export const BUNDLE_FILE = "manifest.sigstore.json";

/** The files that hold the signature and so cannot be named in it. */
export const MANIFEST_FILES: readonly string[] = [ENVELOPE_FILE, BUNDLE_FILE];

/** What the caller knows and the directory does not say. */
export interface AttestOptions extends Pick<Predicate, "environment" | "resolvedDependencies" | "metadata"> {
  /** The key to sign with. */
  readonly key: SigningKey;
}

/**
 * Signs everything in a run directory: writes `manifest.intoto.json` and `manifest.sigstore.json`. Unfinished files of
 * a killed run are removed first; every other file becomes a subject.
 *
 * @param directory Holds `results.json` and the other outputs.
 * @returns The signed statement.
 * @throws {TypeError} If `results.json` does not fit its schema, or something in the directory is no plain file.
 */
export async function attest(directory: string, options: AttestOptions): Promise<Statement> {
  const { files, refused } = await listFiles(directory);
  if (refused.length > 0) {
    throw new TypeError(`Cannot sign ${directory}: "${refused[0]}" is no plain file with a plain name`);
  }
  const subject = [];
  for (const name of files) {
    if (isTemporary(basename(name))) await Deno.remove(join(directory, name));
    else if (!MANIFEST_FILES.includes(name)) {
      subject.push({ name, digest: { sha256: await fileDigest(join(directory, name)) } });
    }
  }
  const { key, environment, resolvedDependencies, metadata } = options;
  const run = await runFacts(parseRecord(await Deno.readFile(join(directory, RECORD_FILE))));
  const statement: Statement = parseAs(statementSchema, {
    _type: STATEMENT_TYPE,
    subject,
    predicateType: PREDICATE_TYPE,
    predicate: { run, environment, resolvedDependencies, metadata },
  }, `Cannot sign ${directory}`);
  const envelope = await signEnvelope(new TextEncoder().encode(writeDocument(statement)), key);
  const bundle = await sigstoreBundle(envelope, key.publicKey);
  await writeFileAtomic(join(directory, BUNDLE_FILE), writeDocument(bundle));
  await writeFileAtomic(join(directory, ENVELOPE_FILE), writeDocument(envelope));
  return statement;
}

/**
 * The statement in a directory's manifest, its signature unchecked: for signing again with another key.
 * Undefined if there is no manifest.
 *
 * @throws {SyntaxError | TypeError} If the manifest cannot be read.
 */
export async function readStatement(directory: string): Promise<Statement | undefined> {
  const action = `Cannot read ${ENVELOPE_FILE}`;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(join(directory, ENVELOPE_FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const { payload } = parseEnvelope(readDocument(bytes, action), action);
  return parseAs(statementSchema, readDocument(Uint8Array.fromBase64(payload), action), action);
}

/** Writes a public key where `verify` looks for it, `keys/` beside the run directory, and returns its path. */
export async function publishKey(directory: string, key: PublicKey): Promise<string> {
  const path = join(directory, "..", "keys", publicKeyFile(key));
  await writeFileAtomic(path, publicKeyPem(key));
  return path;
}
