/**
 * Ed25519 and ECDSA P-256 keys: how they are read, named, and used.
 *
 * @module
 */

import { createPrivateKey, createPublicKey } from "node:crypto";
import { Buffer } from "node:buffer";
import { hasLowS, signatureFromDer, signatureToDer, withLowS } from "./ecdsa.ts";
import { readPem, toPem } from "./pem.ts";
import { sshString } from "./ssh_wire.ts";

/** The kinds of keys: Ed25519 (RFC 8032), whose signatures are deterministic, and ECDSA on P-256 with SHA-256. */
export type KeyAlgorithm = "ed25519" | "p256";

/** A key that signatures are checked with. */
export interface PublicKey {
  /** Its kind. */
  readonly algorithm: KeyAlgorithm;
  /** `SHA256:` and the unpadded base64 of SHA-256 over the SSH wire form, as `ssh-keygen -l` prints it. */
  readonly keyid: string;
  /** The SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** The key alone: 32 bytes of Ed25519, or the uncompressed point, 65 bytes, of P-256. */
  readonly raw: Uint8Array<ArrayBuffer>;
  /** Is this the signature of these bytes? */
  verify(signature: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** A key that can sign. Its private part never leaves Web Crypto. */
export interface SigningKey {
  /** The public half. */
  readonly publicKey: PublicKey;
  /** Signs bytes. With Ed25519 the same bytes give the same signature; that of P-256 is in DER. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** What distinguishes the kinds of keys. */
interface KeyKind {
  /** The name of the key in Web Crypto. */
  readonly key: EcKeyImportParams | Algorithm;
  /** The name of signing in Web Crypto. */
  readonly signing: EcdsaParams | Algorithm;
  /** What precedes the raw key in the SubjectPublicKeyInfo (RFC 8410, RFC 5480). */
  readonly spkiPrefix: string;
  /** Bytes of the raw key. */
  readonly rawLength: number;
  /** What precedes the raw key in the SSH wire form (RFC 8709, RFC 5656). */
  readonly sshPrefix: readonly string[];
}

/** The kinds of keys. */
export const keyKinds: Readonly<Record<KeyAlgorithm, KeyKind>> = {
  ed25519: {
    key: { name: "Ed25519" },
    signing: { name: "Ed25519" },
    spkiPrefix: "302a300506032b6570032100",
    rawLength: 32,
    sshPrefix: ["ssh-ed25519"],
  },
  p256: {
    key: { name: "ECDSA", namedCurve: "P-256" },
    signing: { name: "ECDSA", hash: "SHA-256" },
    spkiPrefix: "3059301306072a8648ce3d020106082a8648ce3d030107034200",
    rawLength: 65,
    sshPrefix: ["ecdsa-sha2-nistp256", "nistp256"],
  },
};

/** The kinds' names. */
export const keyAlgorithms = Object.keys(keyKinds) as readonly KeyAlgorithm[];

/** The SSH wire form of a public key: length-prefixed strings. */
export function sshWire({ algorithm, raw }: Pick<PublicKey, "algorithm" | "raw">): Uint8Array<ArrayBuffer> {
  return sshString(...keyKinds[algorithm].sshPrefix, raw);
}

/**
 * A public key from its raw bytes.
 *
 * @throws {Error} If they are no point of the curve.
 */
export async function publicKey(
  algorithm: KeyAlgorithm,
  raw: Uint8Array<ArrayBuffer>,
): Promise<PublicKey> {
  const kind = keyKinds[algorithm];
  const spki = new Uint8Array([...Uint8Array.fromHex(kind.spkiPrefix), ...raw]);
  createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }); // Web Crypto would take any bytes
  const key = await crypto.subtle.importKey("raw", raw, kind.key, true, ["verify"]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", sshWire({ algorithm, raw })));
  return {
    algorithm,
    keyid: `SHA256:${hash.toBase64({ omitPadding: true })}`,
    spki,
    raw,
    verify: async (signature, bytes) => {
      const plain = algorithm === "p256" ? signatureFromDer(signature) : signature;
      if (algorithm === "p256" && plain !== undefined && !hasLowS(plain)) return false;
      return plain !== undefined && await crypto.subtle.verify(kind.signing, key, plain, bytes);
    },
  };
}

/** A public key as PEM. */
export function publicKeyPem(key: PublicKey): string {
  return toPem("PUBLIC KEY", key.spki);
}

/**
 * A public key from its SubjectPublicKeyInfo.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} If it is neither an Ed25519 nor a P-256 key.
 */
export async function publicKeyFromSpki(spki: Uint8Array, source: string): Promise<PublicKey> {
  const hex = spki.toHex();
  for (const algorithm of keyAlgorithms) {
    const { spkiPrefix, rawLength } = keyKinds[algorithm];
    const at = spkiPrefix.length / 2;
    if (!hex.startsWith(spkiPrefix) || spki.length !== at + rawLength) continue;
    try {
      return await publicKey(algorithm, spki.slice(at));
    } catch {
      break; // not a point of the curve
    }
  }
  throw new SyntaxError(`Cannot read the key ${source}: expected an Ed25519 or P-256 public key`);
}

/** The DER of a text that is one PEM block with one of some labels. */
function onePem(labels: readonly string[], text: string, source: string): { label: string; der: Uint8Array } {
  const [block, second] = readPem(text);
  if (!block || second || !labels.includes(block.label)) {
    const found = !block ? "no PEM block" : second ? "several" : `"${block.label}"`;
    throw new SyntaxError(
      `Cannot read the key ${source}: expected a PEM block "${labels[0]}", found ${found}`,
    );
  }
  return block;
}

/**
 * Reads a public key.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} If the text is not the PEM of an Ed25519 or P-256 public key.
 */
export async function parsePublicKey(text: string, source: string): Promise<PublicKey> {
  return await publicKeyFromSpki(onePem(["PUBLIC KEY"], text, source).der, source);
}

/** A key is encrypted and no passphrase was given. */
export class PassphraseError extends TypeError {
  /** The class of the error. */
  override readonly name = "PassphraseError";
}

/** The PKCS #8 DER of a private key's PEM, decrypted. */
function privateDer(text: string, source: string, passphrase: string | undefined): Uint8Array<ArrayBuffer> {
  const { label, der } = onePem(["PRIVATE KEY", "ENCRYPTED PRIVATE KEY"], text, source);
  if (label === "PRIVATE KEY") return new Uint8Array(der);
  if (passphrase === undefined) {
    throw new PassphraseError(
      `Cannot read the key ${source}: it is encrypted; set BUPO_KEY_PASSPHRASE or run this in a terminal`,
    );
  }
  try {
    const key = createPrivateKey({ key: text, format: "pem", passphrase });
    return new Uint8Array(key.export({ type: "pkcs8", format: "der" }) as Buffer);
  } catch {
    throw new PassphraseError(`Cannot read the key ${source}: the passphrase does not open it`);
  }
}

/**
 * Reads a private key.
 *
 * @param source The file's name, for errors.
 * @param passphrase Opens an encrypted key.
 * @throws {SyntaxError} If the text is not the PEM (PKCS #8) of an Ed25519 or P-256 private key.
 * @throws {PassphraseError} If it is encrypted and the passphrase is missing or wrong.
 */
export async function parseSigningKey(
  text: string,
  source: string,
  passphrase?: string,
): Promise<SigningKey> {
  const der = privateDer(text, source, passphrase);
  for (const algorithm of keyAlgorithms) {
    const kind = keyKinds[algorithm];
    try {
      const readable = await crypto.subtle.importKey("pkcs8", der, kind.key, true, ["sign"]);
      const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", readable);
      const half = { kty, crv, x, ...(y === undefined ? {} : { y }) } as JsonWebKey; // the others are always there
      const open = await crypto.subtle.importKey("jwk", half, kind.key, true, ["verify"]);
      const raw = new Uint8Array(await crypto.subtle.exportKey("raw", open));
      const key = await crypto.subtle.importKey("pkcs8", der, kind.key, false, ["sign"]);
      return {
        publicKey: await publicKey(algorithm, raw),
        sign: async (bytes) => {
          const signature = new Uint8Array(await crypto.subtle.sign(kind.signing, key, bytes));
          return algorithm === "p256" ? signatureToDer(withLowS(signature)) : signature;
        },
      };
    } catch {
      continue; // a key of another kind
    }
  }
  throw new SyntaxError(`Cannot read the key ${source}: expected an Ed25519 or P-256 private key`);
}

/** How a key is made. */
export interface KeyOptions {
  /** Its kind; default Ed25519. */
  readonly algorithm?: KeyAlgorithm | undefined;
  /** Encrypts it: PKCS #8 with PBES2 (PBKDF2 with HMAC-SHA-256, AES-256-CBC). */
  readonly passphrase?: string | undefined;
}

/** A fresh private key as PEM (PKCS #8). */
export async function generateKeyPem(
  { algorithm = "ed25519", passphrase }: KeyOptions = {},
): Promise<string> {
  const { key } = keyKinds[algorithm];
  const pair = await crypto.subtle.generateKey(key, true, ["sign", "verify"]) as CryptoKeyPair;
  const pem = toPem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
  if (passphrase === undefined) return pem;
  const cipher = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase } as const;
  return String(createPrivateKey(pem).export(cipher));
}
