/**
 * Content-addressed records on disk. A record's key is a JSON value that holds everything that can change its content;
 * a stage whose record exists need not run again. Each record carries its own SHA-256, so one that a crash or a disk
 * damaged is seen, reported and made anew, never trusted.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { canonicalJson, contentId } from "./canonical_json.ts";

/** What {@linkcode writeFileAtomic} calls its unfinished files: `.<name>.<16 hexadecimal digits>.tmp`. */
const TEMPORARY = /^\..+\.[0-9a-f]{16}\.tmp$/;

/** Is this the name of a file that {@linkcode writeFileAtomic} did not live to finish? */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Writes a file so that whoever looks sees either the old content or all of the new: to a temporary name in the same
 * folder, synced to disk, then renamed. Makes the folder if it is missing.
 *
 * @param path Where the file goes.
 * @param content A text, bytes, or several pieces of bytes that are written one after the other.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const pieces = typeof content === "string"
    ? [new TextEncoder().encode(content)]
    : content instanceof Uint8Array
    ? [content]
    : content;
  await Deno.mkdir(dirname(path), { recursive: true });
  const unique = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
    }
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

/** A record as it was stored. */
export interface StoredRecord<T> {
  /** The JSON value. */
  readonly value: T;
  /** Binary pieces by name, each in a buffer of its own. */
  readonly attachments: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** What a store tells. */
export interface StoreOptions {
  /** Called with the path of a record that cannot be trusted, and why. */
  readonly onCorrupt?: (path: string, reason: string) => void;
}

/** The second line of a record. */
interface Head {
  readonly key: unknown;
  readonly value: unknown;
  readonly attachments: readonly (readonly [name: string, length: number])[];
}

/** Length of a record's first line: a hexadecimal SHA-256 of all that follows it, and a line feed. */
const DIGEST_LINE = 65;

/**
 * Records under a directory, one file each: `<directory>/<kind>/<content id of the key>`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Store } from "./store.ts";
 *
 * const directory = await Deno.makeTempDir();
 * const store = new Store(directory);
 * const key = { model: "…digest…", seed: 1 };
 * assertEquals(await store.get("rollout", key), undefined);
 * await store.put("rollout", key, { rewards: [0, 1] }, { tokens: new Uint8Array([3, 1, 4]) });
 * assertEquals((await store.get("rollout", key))?.value, { rewards: [0, 1] });
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export class Store {
  readonly #directory: string;
  readonly #onCorrupt: (path: string, reason: string) => void;

  /** Opens the store; the directory comes into being with the first record. */
  constructor(directory: string, options: StoreOptions = {}) {
    this.#directory = directory;
    this.#onCorrupt = options.onCorrupt ?? (() => {});
  }

  /**
   * Where the record of a key lies, whether or not it exists.
   *
   * @throws {RangeError} If the kind is not a plain lower-case name.
   */
  async path(kind: string, key: unknown): Promise<string> {
    if (!/^[a-z][a-z0-9_-]*$/.test(kind)) {
      throw new RangeError(`Cannot store records of kind "${kind}": expected a lower-case name`);
    }
    return join(this.#directory, kind, await contentId(key));
  }

  /**
   * The record of a key, or `undefined` if there is none or none to be trusted.
   *
   * The type is the caller's word: the key must name what shape the value has (a version), so that a record of
   * another shape has another key.
   */
  async get<T = unknown>(kind: string, key: unknown): Promise<StoredRecord<T> | undefined> {
    const path = await this.path(kind, key);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    const digest = new TextDecoder().decode(bytes.subarray(0, DIGEST_LINE));
    if (digest !== `${createHash("sha256").update(bytes.subarray(DIGEST_LINE)).digest("hex")}\n`) {
      this.#onCorrupt(path, "its content does not match its SHA-256");
      return undefined;
    }
    const end = bytes.indexOf(0x0A, DIGEST_LINE);
    const head: Head = JSON.parse(new TextDecoder().decode(bytes.subarray(DIGEST_LINE, end)));
    if (canonicalJson(head.key) !== canonicalJson(key)) {
      this.#onCorrupt(path, "it is the record of another key");
      return undefined;
    }
    const attachments = new Map<string, Uint8Array<ArrayBuffer>>();
    let at = end + 1;
    // Copies, so that each piece may be viewed as 32-bit or 64-bit numbers.
    for (const [name, length] of head.attachments) attachments.set(name, bytes.slice(at, at += length));
    return { value: head.value as T, attachments };
  }

  /** Stores the record of a key, over any that was there. */
  async put(
    kind: string,
    key: unknown,
    value: unknown,
    attachments: Readonly<Record<string, Uint8Array>> = {},
  ): Promise<void> {
    const pieces = Object.entries(attachments);
    const head: Head = { key, value, attachments: pieces.map(([name, bytes]) => [name, bytes.length]) };
    const body = [
      new TextEncoder().encode(canonicalJson(head) + "\n"),
      ...pieces.map(([, bytes]) => bytes),
    ];
    const hash = createHash("sha256");
    for (const piece of body) hash.update(piece);
    const digest = new TextEncoder().encode(hash.digest("hex") + "\n");
    await writeFileAtomic(await this.path(kind, key), [digest, ...body]);
  }

  /** Removes the record of a key, if there is one. */
  async remove(kind: string, key: unknown): Promise<void> {
    try {
      await Deno.remove(await this.path(kind, key));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
