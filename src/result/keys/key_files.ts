/**
 * Where keys lie: the private one and the published ones.
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
  type SigningKey,
} from "./keys.ts";
import { isInRepository } from "./private_place.ts";

/** The largest file that is read as keys, in bytes. */
const LARGEST_KEY_FILE = 2 ** 20;

/** The most published keys that are read. */
const MOST_KEYS = 1000;

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
 * @throws {TypeError} If there is none, it lies inside this source tree, others than the owner may read it, or it is
 * encrypted and cannot be opened.
 * @throws {SyntaxError} If it is no private key.
 */
export async function loadSigningKey(path: string, options: LoadOptions = {}): Promise<SigningKey> {
  if (await isInRepository(path)) {
    throw new TypeError(
      `Cannot sign with ${path}: it is inside the repository, where it would be committed; keep private keys outside`,
    );
  }
  let info = await infoOf(path);
  if (!info && options.create) {
    try {
      await createKeyFile(path);
    } catch (error) {
      // Another process may have made it since: two first runs share a key.
      if (!await infoOf(path)) throw error;
    }
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
  const text = await writtenText(path);
  const encrypted = text.includes("ENCRYPTED PRIVATE KEY");
  return await parseSigningKey(text, path, encrypted ? await options.passphrase?.() : undefined);
}

/** The text of a file that another process may just be writing: it is empty until all of it is there. */
async function writtenText(path: string): Promise<string> {
  for (let tries = 20; tries > 0; tries--) {
    const text = await Deno.readTextFile(path);
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "";
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
 * The public keys (`*.pem`) that were published in a directory, by key id; none where the directory does not exist. A file
 * that is none is left out, so that it stands in the way of no other key.
 *
 * @param onLeftOut Told of each such file, and why, in a line.
 */
export async function loadPublishedKeys(
  directory: string,
  onLeftOut: (line: string) => void = () => {},
): Promise<Map<string, PublicKey>> {
  const keys = new Map<string, PublicKey>(), names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (isFile && name.endsWith(".pem")) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const more = names.sort().splice(MOST_KEYS).length;
  if (more > 0) onLeftOut(`Left out ${more} files of ${directory}: more than ${MOST_KEYS} keys are not read`);
  for (const name of names) {
    const path = join(directory, name);
    try {
      const text = await readKeyFile(path);
      if (text.includes("PRIVATE KEY-----")) {
        throw new SyntaxError("it holds a private key: remove it, and sign with another from now on");
      }
      const key = await parsePublicKey(text, path);
      keys.set(key.keyid, key);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onLeftOut(`Left out ${path}, whose signatures cannot be checked: ${reason}`);
    }
  }
  return keys;
}

/**
 * The text of a file that holds keys.
 *
 * @throws {SyntaxError} If it is larger than any.
 */
export async function readKeyFile(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > LARGEST_KEY_FILE) {
    throw new SyntaxError(`Cannot read keys from ${path}: it has ${size} bytes, more than any list of keys`);
  }
  return await Deno.readTextFile(path);
}
