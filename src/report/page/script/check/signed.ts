/**
 * The signed files of a result that are embedded in the page: their bytes, digests and statements.
 *
 * @module
 */

import type { Provenance, ResultRecord } from "../../../../result/mod.ts";
import { blockId } from "../../shared/mod.ts";
import { fromBase64, plainBytes, unpack } from "../data.ts";
import { type Bytes, hex, openKey, sha256 } from "./signature.ts";

/** What of a Sigstore bundle is read. */
interface Bundle {
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  };
}

/** What of a statement is read. */
export interface Statement<Predicate = unknown> {
  /** The files that it speaks of. */
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  /** What kind of statement it is. */
  readonly predicateType: string;
  /** What it says. */
  readonly predicate: Predicate;
}

/** What a result's embedded files say, once their signatures hold. */
export interface SignedFiles {
  /** Fingerprint of the key that made both signatures. */
  readonly key: string;
  /** SHA-256 of `manifest.sigstore.json`. */
  readonly manifest: string;
  /** SHA-256 of `provenance.sigstore.json`. */
  readonly provenance: string;
  /** SHA-256 of `results.json`, as it is signed. */
  readonly digest: string;
  /** The record. */
  readonly record: ResultRecord;
  /** The statement about what came out. */
  readonly statement: Statement;
  /** The statement about how it was made. */
  readonly made: Statement<Provenance>;
}

/** The value in bytes of JSON; the caller says which, as only signed bytes and those to be checked are read. */
function parsed<T>(bytes: Bytes): T {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A statement and its one signature, which must hold. */
async function opened<T>(
  bundle: Bytes,
  key: Awaited<ReturnType<typeof openKey>>,
  what: string,
): Promise<Statement<T>> {
  const { dsseEnvelope: { payload: content, payloadType, signatures } } = parsed<Bundle>(bundle);
  const [signature, ...others] = signatures;
  if (!signature || others.length > 0) throw new Error(`${what} has not exactly one signature`);
  if (signature.keyid !== key.fingerprint) throw new Error(`${what} names another key`);
  const payload = fromBase64(content);
  if (!await key.verify(fromBase64(signature.sig), payloadType, payload)) {
    throw new Error(`the signature of ${what} does not hold`);
  }
  return parsed<Statement<T>>(payload);
}

/** The digest that a statement gives `results.json`. */
function recordDigest({ subject }: Statement): string | undefined {
  return subject.find(({ name }) => name === "results.json")?.digest.sha256;
}

/**
 * Opens the embedded files of a result and checks their signatures and digests; `tell` is called with what holds.
 *
 * @throws {Error} With what does not hold.
 */
export async function openSigned(index: number, tell: (text: string) => void): Promise<SignedFiles> {
  const spki = plainBytes(blockId("key", index)), bytes = await unpack(blockId("record", index));
  const bundle = await unpack(blockId("bundle", index)),
    provenance = await unpack(blockId("provenance", index));
  if (!spki || !bundle || !provenance || !bytes) throw new Error("the page lacks its signed files");
  const key = await openKey(spki);
  const statement = await opened(bundle, key, "the manifest");
  const made = await opened<Provenance>(provenance, key, "the provenance");
  tell(`The ${key.label} signatures of manifest and provenance hold, by the key ${key.fingerprint}.`);
  const digest = hex(await sha256(bytes));
  if (recordDigest(statement) !== digest || recordDigest(made) !== digest) {
    throw new Error("results.json has another SHA-256 than the manifest signs");
  }
  tell("results.json has the signed SHA-256.");
  return {
    key: key.fingerprint,
    manifest: hex(await sha256(bundle)),
    provenance: hex(await sha256(provenance)),
    digest,
    record: parsed<ResultRecord>(bytes),
    statement,
    made,
  };
}
