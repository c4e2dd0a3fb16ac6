/**
 * Signs a model directory as OpenSSF Model Signing does: one statement whose subject is the root digest over the
 * digests of all files, in a Sigstore bundle beside them.
 *
 * Source: OpenSSF Model Signing 1.0, `https://model_signing/signature/v1.0`, method `files`
 * (sigstore/model-transparency).
 *
 * @module
 */

import { basename, join, resolve } from "node:path";
import { sha256 } from "../../canonical_json.ts";
import { isTemporary, writeFileAtomic } from "../../store.ts";
import { signEnvelope, sigstoreBundle } from "./dsse.ts";
import { publicKeyPem, type SigningKey } from "../keys/mod.ts";
import { writeDocument } from "../record/mod.ts";
import { fileDigest, listFiles, type Statement, STATEMENT_TYPE } from "../statement/mod.ts";

/** The type of the predicate. */
export const MODEL_SIGNATURE_TYPE = "https://model_signing/signature/v1.0";

/** The signature's file in the model directory. */
export const MODEL_SIGNATURE_FILE = "model.sig";

/** What the statement says of a model. */
export interface ModelSignature {
  /** How the directory became digests. */
  readonly serialization: {
    readonly method: "files";
    readonly hash_type: "sha256";
    readonly allow_symlinks: false;
    readonly ignore_paths: readonly string[];
  };
  /** Every file, in the order in which their digests are hashed to the root digest. */
  readonly resources: readonly {
    readonly algorithm: "sha256";
    readonly digest: string;
    readonly name: string;
  }[];
}

/** The statement about a model directory. */
export type ModelStatement = Statement<typeof MODEL_SIGNATURE_TYPE, ModelSignature>;

/** Orders paths by their segments, as the reference implementation does: `a/b` before `a.b`. */
function byPath(a: string, b: string): number {
  const left = a.split("/"), right = b.split("/");
  const at = left.findIndex((segment, i) => segment !== right[i]);
  if (at < 0) return left.length - right.length;
  const other = right[at];
  return other !== undefined && (left[at] ?? "") < other ? -1 : 1;
}

/**
 * The statement about the files of a model directory, `model.sig` and unfinished files left out. Files are read piece
 * by piece, so their size does not matter.
 *
 * @throws {TypeError} If there is no file, something that is no plain file, or what an editor left behind.
 */
export async function modelStatement(directory: string): Promise<ModelStatement> {
  const { files, refused, strays } = await listFiles(directory);
  // Others who check a model ignore nothing: what lies in it is signed, or is not there.
  if (strays.length > 0) {
    throw new TypeError(
      `Cannot sign ${directory}: remove "${strays[0]}", which a system or an editor left there`,
    );
  }
  if (refused.length > 0) {
    throw new TypeError(`Cannot sign ${directory}: "${refused[0]}" is no plain file with a plain name`);
  }
  const names = files.filter((name) => name !== MODEL_SIGNATURE_FILE && !isTemporary(basename(name)));
  if (names.length === 0) throw new TypeError(`Cannot sign ${directory}: there is no file in it`);
  const resources: ModelSignature["resources"][number][] = [];
  for (const name of names.sort(byPath)) {
    resources.push({ algorithm: "sha256", digest: await fileDigest(join(directory, name)), name });
  }
  const root = await sha256(Uint8Array.fromHex(resources.map(({ digest }) => digest).join("")));
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: basename(resolve(directory)), digest: { sha256: root } }],
    predicateType: MODEL_SIGNATURE_TYPE,
    predicate: {
      serialization: {
        method: "files",
        hash_type: "sha256",
        allow_symlinks: false,
        ignore_paths: [MODEL_SIGNATURE_FILE],
      },
      resources,
    },
  };
}

/**
 * Signs a model directory: writes `model.sig` into it, which `model_signing verify key` reads.
 *
 * @param key A P-256 key: OpenSSF Model Signing takes no Ed25519 keys.
 * @returns The signed statement.
 * @throws {TypeError} If the key is of another kind, or the directory holds no file or something that is none.
 */
export async function signModel(directory: string, key: SigningKey): Promise<ModelStatement> {
  if (key.publicKey.algorithm !== "p256") {
    throw new TypeError(
      `Cannot sign ${directory}: OpenSSF Model Signing takes P-256 keys, found an Ed25519 key`,
    );
  }
  const statement = await modelStatement(directory);
  const envelope = await signEnvelope(new TextEncoder().encode(writeDocument(statement)), key);
  const hint = await sha256(publicKeyPem(key.publicKey));
  const bundle = await sigstoreBundle(envelope, key.publicKey, hint);
  await writeFileAtomic(join(directory, MODEL_SIGNATURE_FILE), writeDocument(bundle));
  return statement;
}
