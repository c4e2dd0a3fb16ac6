/**
 * The signed statements of a result: opened, their bundles compared, their content read.
 *
 * @module
 */

import type { PublicKey } from "../keys/mod.ts";
import { parseAs, readDocument, writeDocument } from "../record/mod.ts";
import { openEnvelope, parseEnvelope, sigstoreBundle, type Statements } from "../sign/mod.ts";
import {
  benchmarkStatementSchema,
  LARGEST_MANIFEST,
  provenanceStatementSchema,
  type StatementFiles,
  statementFiles,
  type StatementKind,
} from "../statement/mod.ts";
import type { Faults } from "./fault.ts";
import { bytesOf, type ResultFiles } from "./result_files.ts";

/** The bytes of a file, with what is wrong in words that do not name it again. */
async function readBytes(files: ResultFiles, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const size = files.sizes.get(name);
  if (size === undefined) throw new RangeError("it is missing");
  if (size > LARGEST_MANIFEST) {
    throw new RangeError(`it has ${size} bytes, expected at most ${LARGEST_MANIFEST}`);
  }
  return await bytesOf(files, name, LARGEST_MANIFEST);
}

/** A statement whose signature holds. */
export interface OpenedStatement {
  /** Its bytes. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** The key that signed it. */
  readonly key: PublicKey;
}

/** What is known of a result's signatures. */
export interface Signed {
  /** The key of both, if they hold. */
  readonly key: PublicKey | undefined;
  /** The statements, if their signatures hold and they fit their schemas. */
  readonly statements: Statements | undefined;
  /** The bytes of the files that hold the signatures, as far as they were read. */
  readonly signatures: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Opens a statement, and compares its bundle; what is read goes into `signatures`. */
export async function openStatement(
  files: ResultFiles,
  { envelope: file, bundle }: StatementFiles,
  keys: ReadonlyMap<string, PublicKey>,
  faults: Faults,
  signatures: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<OpenedStatement | undefined> {
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await readBytes(files, name);
    signatures.set(name, bytes);
    return bytes;
  };
  const opened = await faults.check("signature", file, async () => {
    const action = "Cannot read the envelope";
    const envelope = parseEnvelope(readDocument(await read(file), action), action);
    return { ...await openEnvelope(envelope, keys), envelope };
  });
  await faults.check("signature", bundle, async () => {
    // A bundle can only be compared with an envelope whose key is known; that it is there is asked first.
    if (!files.sizes.has(bundle)) throw new RangeError("it is missing");
    if (!opened) return;
    const found = await read(bundle);
    const expected = new TextEncoder().encode(
      writeDocument(await sigstoreBundle(opened.envelope, opened.key)),
    );
    if (found.length !== expected.length || !found.every((byte, index) => byte === expected[index])) {
      throw new TypeError(`it does not hold the envelope of ${file}`);
    }
  });
  return opened;
}

/** The statements in two payloads. */
async function parse(
  payloads: Readonly<Record<StatementKind, Uint8Array>>,
  faults: Faults,
): Promise<Statements | undefined> {
  const action = "Cannot read the statement";
  const result = await faults.check("schema", statementFiles.result.envelope, () => {
    return parseAs(benchmarkStatementSchema, readDocument(payloads.result, action), action);
  });
  const provenance = await faults.check("schema", statementFiles.provenance.envelope, () => {
    return parseAs(provenanceStatementSchema, readDocument(payloads.provenance, action), action);
  });
  return result && provenance && { result, provenance };
}

/** Opens both statements of a result: signatures, bundles, schemas. */
export async function openStatements(
  files: ResultFiles,
  keys: ReadonlyMap<string, PublicKey>,
  faults: Faults,
): Promise<Signed> {
  const { result: first, provenance: second } = statementFiles, signatures = new Map();
  const result = await openStatement(files, first, keys, faults, signatures);
  const provenance = await openStatement(files, second, keys, faults, signatures);
  if (!result || !provenance) return { key: undefined, statements: undefined, signatures };
  if (result.key.keyid !== provenance.key.keyid) {
    faults.add("signature", second.envelope, `it is signed by another key than ${first.envelope}`);
    return { key: undefined, statements: undefined, signatures };
  }
  const payloads = { result: result.payload, provenance: provenance.payload };
  return { key: result.key, statements: await parse(payloads, faults), signatures };
}
