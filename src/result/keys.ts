/**
 * Ed25519 keys: where the private one lies, how the public ones are named and trusted.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** A key that signatures are checked with. */
export interface PublicKey {
  /** `SHA256:` and the unpadded base64 of SHA-256 over the SSH wire form, as `ssh-keygen -l` prints it. */
  readonly keyid: string;
  /** The SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** Is this the signature of these bytes? */
  verify(signature: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** A key that can sign. Its private part never leaves Web Crypto. */
export interface SigningKey {
  /** The public half. */
  readonly publicKey: PublicKey;
  /** Signs bytes; the same bytes give the same signature. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** DER as PEM with lines of 64 characters. */
function toPem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The DER of a PEM text. */
function fromPem(label: string, text: string, source: string): Uint8Array<ArrayBuffer> {
  const match = /^-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END \1-----\s*$/.exec(text);
  if (match?.[1] !== label || match[2] === undefined) {
    const found = match?.[1] === undefined ? "no PEM block" : `"${match[1]}"`;
    throw new SyntaxError(`Cannot read the key ${source}: expected a PEM block "${label}", found ${found}`);
  }
  return Uint8Array.fromBase64(match[2].replace(/\s/g, ""));
}

/** The SSH wire form of an Ed25519 public key: two length-prefixed strings. */
function sshWire(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const type = new TextEncoder().encode("ssh-ed25519");
  const wire = new Uint8Array(4 + type.length + 4 + raw.length);
  const view = new DataView(wire.buffer);
  view.setUint32(0, type.length);
  wire.set(type, 4);
  view.setUint32(4 + type.length, raw.length);
  wire.set(raw, 8 + type.length);
  return wire;
}

/** The public key in a Web Crypto handle. */
async function describe(key: CryptoKey): Promise<PublicKey> {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", sshWire(raw)));
  return {
    keyid: `SHA256:${hash.toBase64({ omitPadding: true })}`,
    spki: new Uint8Array(await crypto.subtle.exportKey("spki", key)),
    verify: (signature, bytes) => crypto.subtle.verify("Ed25519", key, signature, bytes),
  };
}

/** A public key as PEM. */
export function publicKeyPem(key: PublicKey): string {
  return toPem("PUBLIC KEY", key.spki);
}

/**
 * Reads a public key.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} If the text is not the PEM of an Ed25519 public key.
 */
export async function parsePublicKey(text: string, source: string): Promise<PublicKey> {
  const der = fromPem("PUBLIC KEY", text, source);
  try {
    return await describe(await crypto.subtle.importKey("spki", der, "Ed25519", true, ["verify"]));
  } catch {
    throw new SyntaxError(`Cannot read the key ${source}: expected an Ed25519 public key`);
  }
}

/**
 * Reads a private key.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} If the text is not the PEM of an unencrypted Ed25519 private key.
 */
export async function parseSigningKey(text: string, source: string): Promise<SigningKey> {
  const der = fromPem("PRIVATE KEY", text, source);
  try {
    const readable = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
    const { kty, crv, x } = await crypto.subtle.exportKey("jwk", readable);
    const half = { kty, crv, x } as JsonWebKey; // all three are present in an Ed25519 key
    const publicKey = await describe(await crypto.subtle.importKey("jwk", half, "Ed25519", true, ["verify"]));
    const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
    return {
      publicKey,
      sign: async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes)),
    };
  } catch {
    throw new SyntaxError(`Cannot read the key ${source}: expected an Ed25519 private key`);
  }
}

/** A fresh private key as PEM (PKCS #8). */
export async function generateKeyPem(): Promise<string> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  return toPem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
}

/**
 * Where the private key lies: `$BUPO_KEY`, else `bupo-bench/ed25519.pem` under `$XDG_CONFIG_HOME` or `~/.config`.
 *
 * @param env Reads an environment variable.
 * @throws {TypeError} If no variable says where.
 */
export function signingKeyPath(
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
): string {
  const home = env("HOME") ?? env("USERPROFILE");
  const config = env("XDG_CONFIG_HOME") || (home ? join(home, ".config") : undefined);
  const path = env("BUPO_KEY") || (config ? join(config, "bupo-bench", "ed25519.pem") : undefined);
  if (!path) {
    throw new TypeError("Cannot find the signing key: expected BUPO_KEY, XDG_CONFIG_HOME or HOME to be set");
  }
  return path;
}

/**
 * Loads the private key from a file.
 *
 * @param options With `create`, a missing key is generated, readable by its owner alone.
 * @throws {TypeError} If others than the owner may read the file.
 */
export async function loadSigningKey(path: string, options: { create?: boolean } = {}): Promise<SigningKey> {
  if (options.create) {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      await Deno.writeTextFile(path, await generateKeyPem(), { createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  let mode: number | null;
  try {
    mode = (await Deno.stat(path)).mode;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TypeError(`Cannot sign: there is no key at ${path}`);
  }
  if (mode !== null && Deno.build.os !== "windows" && (mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8).padStart(4, "0");
    throw new TypeError(
      `Cannot sign with ${path}: its mode is ${found}, expected 0600 (chmod 600 makes it so)`,
    );
  }
  return await parseSigningKey(await Deno.readTextFile(path), path);
}

/** The file name of a public key: its fingerprint in the URL-safe alphabet. */
export function publicKeyFile(key: PublicKey): string {
  return `${key.keyid.replace("SHA256:", "").replaceAll("+", "-").replaceAll("/", "_")}.pem`;
}

/**
 * The public keys (`*.pem`) in a directory, by key id; none where the directory does not exist.
 *
 * @throws {SyntaxError} If a file is not a public key, a private one above all.
 */
export async function loadTrustedKeys(directory: string): Promise<Map<string, PublicKey>> {
  const keys = new Map<string, PublicKey>();
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (!entry.name.endsWith(".pem")) continue;
      const path = join(directory, entry.name);
      const key = await parsePublicKey(await Deno.readTextFile(path), path);
      keys.set(key.keyid, key);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return keys;
}
