/**
 * Signatures of one file beside it, for readers who have no more than minisign or OpenSSH.
 *
 * Sources: minisign's signature format (jedisct1/minisign), OpenSSH's PROTOCOL.sshsig.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename } from "node:path";
import { writeFileAtomic } from "../../store.ts";
import {
  minisignName,
  minisignNumber,
  type PublicKey,
  type SigningKey,
  sshString,
  sshWire,
} from "../keys/mod.ts";

/** What `ssh-keygen -Y verify -n` must be given. */
export const SSH_NAMESPACE = "bupo-bench";

/** What is added to a file's name for its detached signatures. */
export const DETACHED_SUFFIXES = [".minisig", ".sshsig"] as const;

const encoder = new TextEncoder();

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** The prehashed minisign signature (`ED`) of a content, with the file's name as trusted comment. */
async function minisignSignature(name: string, content: Uint8Array, key: SigningKey): Promise<string> {
  const number = await minisignNumber(key.publicKey);
  const hash = new Uint8Array(createHash("blake2b512").update(content).digest());
  const signature = await key.sign(hash);
  const comment = `file:${name}\thashed`;
  const whole = await key.sign(concat(signature, encoder.encode(comment)));
  const line = concat(encoder.encode("ED"), number, signature).toBase64();
  const of = `signature by minisign key ${minisignName(number)}`;
  return `untrusted comment: ${of}\n${line}\ntrusted comment: ${comment}\n${whole.toBase64()}\n`;
}

/** The OpenSSH signature of a content, armored. */
async function sshSignature(content: Uint8Array, key: SigningKey): Promise<string> {
  const hash = new Uint8Array(createHash("sha512").update(content).digest());
  const magic = encoder.encode("SSHSIG"), version = new Uint8Array([0, 0, 0, 1]);
  const signed = concat(magic, sshString(SSH_NAMESPACE, "", "sha512", hash));
  const signature = sshString("ssh-ed25519", await key.sign(signed));
  const fields = sshString(sshWire(key.publicKey), SSH_NAMESPACE, "", "sha512", signature);
  const lines = concat(magic, version, fields).toBase64().match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

/**
 * Writes `<path>.minisig` and `<path>.sshsig`.
 *
 * @param path A file that fits in memory.
 * @param key An Ed25519 key.
 * @throws {TypeError} If the key is of another kind.
 */
export async function signDetached(path: string, key: SigningKey): Promise<void> {
  checkDetachable(key.publicKey);
  const content = await Deno.readFile(path);
  await writeFileAtomic(`${path}.minisig`, await minisignSignature(basename(path), content, key));
  await writeFileAtomic(`${path}.sshsig`, await sshSignature(content, key));
}

/**
 * Refuses keys that minisign does not know.
 *
 * @throws {TypeError} If the key is no Ed25519 key.
 */
export function checkDetachable({ algorithm, keyid }: PublicKey): void {
  if (algorithm === "ed25519") return;
  throw new TypeError(`Cannot sign for minisign with ${keyid}: it is a P-256 key, expected an Ed25519 key`);
}
