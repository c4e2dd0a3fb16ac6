/**
 * Where keys lie: the private one, the published ones, and lists of trusted ones.
 *
 * @module
 */

import { dirname, join } from "node:path";
import {
  generateKeyPem,
  type KeyAlgorithm,
  type KeyOptions,
  parsePublicKey,
  parseSigningKey,
  type PublicKey,
  publicKeyFromSpki,
  type SigningKey,
} from "./keys.ts";
import { readPem } from "./pem.ts";
import { parseSshKey } from "./public_forms.ts";

/** The largest file that is read as keys, in bytes. */
const LARGEST_KEY_FILE = 2 ** 20;

/**
 * Where the private key lies: `$BUPO_KEY`, else `bupo-bench/<algorithm>.pem` under `$XDG_CONFIG_HOME` or `~/.config`.
 *
 * @param env Reads an environment variable.
 * @throws {TypeError} If no variable says where.
 */
export function signingKeyPath(
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
  algorithm: KeyAlgorithm = "ed25519",
): string {
  const home = env("HOME") ?? env("USERPROFILE");
  const config = env("XDG_CONFIG_HOME") || (home ? join(home, ".config") : undefined);
  const path = env("BUPO_KEY") || (config ? join(config, "bupo-bench", `${algorithm}.pem`) : undefined);
  if (!path) {
    throw new TypeError("Cannot find the signing key: expected BUPO_KEY, XDG_CONFIG_HOME or HOME to be set");
  }
  return path;
}

/**
 * Makes a private key that only its owner may read (mode 0600), in a folder that only they may enter (0700).
 *
 * @throws {TypeError} If there is a file already: a key is never written over.
 */
export async function createKeyFile(path: string, options: KeyOptions = {}): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await Deno.writeTextFile(path, await generateKeyPem(options), { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new TypeError(`Cannot make a key at ${path}: there is one, and it is never written over`);
  }
}

/** How a private key is loaded. */
export interface LoadOptions {
  /** Makes a missing key. */
  readonly create?: boolean | undefined;
  /** Asked for the passphrase if the key is encrypted; `undefined` if there is none to be had. */
  readonly passphrase?: (() => Promise<string | undefined>) | undefined;
}

/**
 * Loads the private key from a file.
 *
 * @throws {TypeError} If there is none, others than the owner may read it, or it is encrypted and cannot be opened.
 * @throws {SyntaxError} If it is no private key.
 */
export async function loadSigningKey(path: string, options: LoadOptions = {}): Promise<SigningKey> {
  let info = await infoOf(path);
  if (!info && options.create) {
    await createKeyFile(path);
    info = await infoOf(path);
  }
  if (!info) throw new TypeError(`Cannot sign: there is no key at ${path}`);
  const { mode, size } = info;
  if (mode !== null && Deno.build.os !== "windows" && (mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8).padStart(4, "0");
    throw new TypeError(
      `Cannot sign with ${path}: its mode is ${found}, expected 0600 (chmod 600 makes it so)`,
    );
  }
  if (size > LARGEST_KEY_FILE) throw new TypeError(`Cannot sign with ${path}: it is too large for a key`);
  const text = await Deno.readTextFile(path);
  const encrypted = text.includes("ENCRYPTED PRIVATE KEY");
  return await parseSigningKey(text, path, encrypted ? await options.passphrase?.() : undefined);
}

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The file name of a public key: its fingerprint in the URL-safe alphabet. */
export function publicKeyFile(key: PublicKey): string {
  return `${key.keyid.replace("SHA256:", "").replaceAll("+", "-").replaceAll("/", "_")}.pem`;
}

/**
 * The public keys (`*.pem`) that were published in a directory, by key id; none where the directory does not exist.
 *
 * @throws {SyntaxError} If a file is not a public key, a private one above all.
 */
export async function loadPublishedKeys(directory: string): Promise<Map<string, PublicKey>> {
  const keys = new Map<string, PublicKey>();
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (!entry.isFile || !entry.name.endsWith(".pem")) continue;
      const path = join(directory, entry.name);
      const key = await parsePublicKey(await readKeyFile(path), path);
      keys.set(key.keyid, key);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return keys;
}

async function readKeyFile(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > LARGEST_KEY_FILE) {
    throw new SyntaxError(`Cannot read keys from ${path}: it has ${size} bytes, more than any list of keys`);
  }
  return await Deno.readTextFile(path);
}

/** A key that the reader trusts. */
export interface TrustedKey {
  /** The key. */
  readonly key: PublicKey;
  /** Whose it is, if the list says so. */
  readonly owner: string | null;
}

/**
 * Reads a list of trusted keys: PEM blocks `PUBLIC KEY`, or lines as in OpenSSH's `allowed_signers` and
 * `authorized_keys`: `[owner] ssh-ed25519 AAAA… [comment]`. Options of these formats are refused, not ignored.
 *
 * @param source The file's name, for errors.
 * @returns The keys by key id.
 * @throws {SyntaxError} If a line or block is no public key, or there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTrustedKeys } from "./key_files.ts";
 *
 * const line = "alice ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh";
 * const [trusted] = (await parseTrustedKeys(`# our lab\n${line}\n`, "keys")).values();
 * assertEquals(trusted?.owner, "alice");
 * ```
 */
export async function parseTrustedKeys(text: string, source: string): Promise<Map<string, TrustedKey>> {
  const keys = new Map<string, TrustedKey>();
  const blocks = readPem(text);
  for (const { label, der } of blocks) {
    if (label !== "PUBLIC KEY") {
      throw new SyntaxError(`Cannot trust ${source}: expected PEM blocks "PUBLIC KEY", found "${label}"`);
    }
    const key = await publicKeyFromSpki(der, source);
    keys.set(key.keyid, { key, owner: null });
  }
  if (blocks.length > 0) return keys;
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const bare = await parseSshKey(words[0] ?? "", words[1] ?? "");
    const key = bare ?? await parseSshKey(words[1] ?? "", words[2] ?? "");
    if (!key) {
      const expected = "[owner] ssh-ed25519 AAAA… [comment], without options, or PEM blocks";
      throw new SyntaxError(`Cannot trust ${source}: line ${index + 1} is no key; expected ${expected}`);
    }
    keys.set(key.keyid, { key, owner: bare ? null : words[0] ?? null });
  }
  if (keys.size === 0) throw new SyntaxError(`Cannot trust ${source}: there is no key in it`);
  return keys;
}

/**
 * Reads a file as {@linkcode parseTrustedKeys} does.
 *
 * @throws {SyntaxError} If it is no list of public keys.
 */
export async function loadTrustedKeys(path: string): Promise<Map<string, TrustedKey>> {
  return await parseTrustedKeys(await readKeyFile(path), path);
}
