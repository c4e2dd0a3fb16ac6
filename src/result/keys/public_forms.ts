/**
 * The forms in which other tools take a public key: OpenSSH's and minisign's.
 *
 * @module
 */

import { keyAlgorithms, keyKinds, type PublicKey, publicKey, sshWire } from "./keys.ts";
import { readSshStrings } from "./ssh_wire.ts";

/**
 * A public key as a line of `authorized_keys`.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { generateKeyPem, parseSigningKey } from "./keys.ts";
 * import { sshPublicKey } from "./public_forms.ts";
 *
 * const { publicKey } = await parseSigningKey(await generateKeyPem(), "example");
 * assertMatch(sshPublicKey(publicKey), /^ssh-ed25519 AAAA\S{64} bupo-bench$/);
 * ```
 */
export function sshPublicKey(key: PublicKey, comment = "bupo-bench"): string {
  return `${keyKinds[key.algorithm].sshPrefix[0]} ${sshWire(key).toBase64()} ${comment}`;
}

/**
 * A public key from its name and the base64 of its wire form, or `undefined` if they are none that is known here.
 */
export async function parseSshKey(type: string, base64: string): Promise<PublicKey | undefined> {
  const algorithm = keyAlgorithms.find((name) => keyKinds[name].sshPrefix[0] === type);
  if (!algorithm) return undefined;
  try {
    const wire = Uint8Array.fromBase64(base64);
    const raw = readSshStrings(wire)?.at(-1);
    if (raw?.length !== keyKinds[algorithm].rawLength) return undefined;
    const key = await publicKey(algorithm, raw);
    return sshWire(key).toHex() === wire.toHex() ? key : undefined;
  } catch {
    return undefined; // no base64, or no point of the curve
  }
}

/** The number by which minisign knows a key, 8 bytes: here the first of SHA-256 over the key. */
export async function minisignNumber({ raw }: PublicKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", raw)).subarray(0, 8);
}

/** A minisign key number as minisign prints it: the bytes as a little-endian integer in hexadecimal. */
export function minisignName(number: Uint8Array): string {
  return number.toReversed().toHex().toUpperCase();
}

/**
 * A public key in the form of minisign (`minisign -P`, `-p`): two lines.
 *
 * @throws {TypeError} If it is no Ed25519 key.
 */
export async function minisignPublicKey(key: PublicKey): Promise<string> {
  if (key.algorithm !== "ed25519") {
    throw new TypeError(`Cannot write ${key.keyid} for minisign: it is a P-256 key, expected an Ed25519 key`);
  }
  const number = await minisignNumber(key);
  const bytes = new Uint8Array([...new TextEncoder().encode("Ed"), ...number, ...key.raw]);
  return `untrusted comment: minisign public key ${minisignName(number)}\n${bytes.toBase64()}\n`;
}
