/**
 * Content-addressed records on disk. A record's key is a JSON value that holds everything that can change its content;
 * a stage whose record exists need not run again. Each record carries its own SHA-256, so one that a crash or a disk
 * damaged is seen, reported and made anew, never trusted.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import {
  type ByteSource,
  type ByteStream,
  FileChangedError,
  fileSource,
  partOf,
  sha256Stream,
  streamOf,
} from "./byte_source.ts";
import { canonicalJson, contentId } from "./canonical_json.ts";
import { fileError } from "./file_error.ts";
import { Journal } from "./journal.ts";
import { FileLock } from "./lock.ts";

/** What {@linkcode writeFileAtomic} calls its unfinished files: `.<name>.<16 hexadecimal digits>.tmp`. */
const TEMPORARY = /^\..+\.[0-9a-f]{16}\.tmp$/;

/** Is this the name of a file that {@linkcode writeFileAtomic} did not live to finish? */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Writes a file so that whoever looks sees either the old content or all of the new: to a temporary name in the same
 * folder, synced to disk, then renamed. Makes the folder if it is missing.
 */
async function replaceFile(
  path: string,
  bytes: number | undefined,
  fill: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  const unique = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(temporary, { write: true, createNew: true });
    await fill(file);
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell
    throw fileError("write", path, error, bytes);
  }
}

async function writeAll(file: Deno.FsFile, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
}

/**
 * Writes a file so that whoever looks sees either the old content or all of the new, also after a crash. Makes the
 * folder if it is missing.
 *
 * @param path Where the file goes.
 * @param content A text, bytes, or a stream of bytes.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | ByteStream,
): Promise<void> {
  const whole = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await replaceFile(path, whole instanceof Uint8Array ? whole.length : whole.size, async (file) => {
    if (whole instanceof Uint8Array) await writeAll(file, whole);
    else for await (const piece of whole.pieces()) await writeAll(file, piece);
  });
}

/**
 * Can files be written into a folder? Makes the folder if it is missing.
 *
 * @throws {Error} If not: with the path and the reason.
 */
export async function checkWritable(directory: string): Promise<void> {
  const probe = join(directory, ".writable");
  await writeFileAtomic(probe, "");
  await removeIfThere(probe);
}

/** A record as it was stored. */
export interface StoredRecord<T> {
  /** The JSON value. */
  readonly value: T;
  /** Binary pieces by name, read where they lie. */
  readonly attachments: ReadonlyMap<string, ByteSource>;
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

/** Where a store keeps its locks and journals. */
const LOCKS = "locks", JOURNALS = "journals";

/** Length of a record's first line: a hexadecimal SHA-256 of all that follows it, and a line feed. */
const DIGEST_LINE = 65;

/** The longest second line that is read: more than any record's value, less than memory. */
const HEAD_LIMIT = 1 << 29;

/** The bytes from a place up to a line feed, which is looked for in ever longer pieces; nothing if there is none. */
async function readLine(source: ByteSource, start: number): Promise<Uint8Array | undefined> {
  for (let length = 1 << 16;; length *= 4) {
    const bytes = await source.read(start, Math.min(source.size, start + length));
    const end = bytes.indexOf(0x0A);
    if (end >= 0) return bytes.subarray(0, end);
    if (start + length >= source.size || length > HEAD_LIMIT) return undefined;
  }
}

/** A record as it lies in its file. */
export interface RecordFile extends StoredRecord<unknown> {
  /** Its key. */
  readonly key: unknown;
}

/**
 * Reads a record's file.
 *
 * @param checked Whether its content is compared with its SHA-256; without that, key and value are the file's word.
 * @returns The record, or why it cannot be trusted.
 */
export async function readRecord(path: string, checked = true): Promise<RecordFile | string> {
  const source = await fileSource(path);
  const broken = "its content does not match its SHA-256";
  if (source.size < DIGEST_LINE) return broken;
  const digest = new TextDecoder().decode(await source.read(0, DIGEST_LINE));
  const content = streamOf(partOf(source, DIGEST_LINE, source.size));
  if (checked && digest !== `${await sha256Stream(content)}\n`) return broken;
  const line = await readLine(source, DIGEST_LINE);
  if (!line) return "it has no value";
  let head: Head;
  try {
    head = JSON.parse(new TextDecoder().decode(line));
  } catch {
    return broken;
  }
  const attachments = new Map<string, ByteSource>();
  let at = DIGEST_LINE + line.length + 1;
  for (const [name, length] of head.attachments) {
    attachments.set(name, partOf(source, at, at += length));
  }
  return { key: head.key, value: head.value, attachments };
}

/** Removes a file, if there is one. */
async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError("remove", path, error);
  }
}

/**
 * Records under a directory, one file each: `<directory>/<kind>/<content id of the key>`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesSource, streamOf } from "./byte_source.ts";
 * import { Store } from "./store.ts";
 *
 * const directory = await Deno.makeTempDir();
 * const store = new Store(directory);
 * const key = { model: "…digest…", seed: 1 };
 * assertEquals(await store.get("rollout", key), undefined);
 * const tokens = streamOf(bytesSource(new Uint8Array([3, 1, 4]), "tokens"));
 * await store.put("rollout", key, { rewards: [0, 1] }, { tokens });
 * assertEquals((await store.get("rollout", key))?.value, { rewards: [0, 1] });
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export class Store {
  /** Its folder. */
  readonly directory: string;
  readonly #onCorrupt: (path: string, reason: string) => void;

  /** Opens the store; the directory comes into being with the first record. */
  constructor(directory: string, options: StoreOptions = {}) {
    this.directory = directory;
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
    return join(this.directory, kind, await contentId(key));
  }

  /**
   * The record of a key, or `undefined` if there is none or none to be trusted.
   *
   * The type is the caller's word: the key must name what shape the value has (a version), so that a record of
   * another shape has another key.
   */
  async get<T = unknown>(kind: string, key: unknown): Promise<StoredRecord<T> | undefined> {
    const path = await this.path(kind, key);
    for (;;) {
      try {
        return await this.#read<T>(path, key);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        // Another process stored the record anew: there is a newer one to read.
        if (!(error instanceof FileChangedError)) throw fileError("read the record", path, error);
      }
    }
  }

  async #read<T>(path: string, key: unknown): Promise<StoredRecord<T> | undefined> {
    const read = await readRecord(path);
    const reason = typeof read === "string"
      ? read
      : canonicalJson(read.key) === canonicalJson(key)
      ? undefined
      : "it is the record of another key";
    if (typeof read !== "string" && reason === undefined) return read as StoredRecord<T> & { key: unknown };
    this.#onCorrupt(path, reason ?? "");
    return undefined;
  }

  /**
   * The value of a key's record as its file says it, without a look at the rest: its SHA-256 and attachments are not
   * read. For lists; who computes with a record takes {@linkcode Store.get}.
   */
  async peek<T = unknown>(kind: string, key: unknown): Promise<T | undefined> {
    const path = await this.path(kind, key);
    try {
      const read = await readRecord(path, false);
      return typeof read !== "string" && canonicalJson(read.key) === canonicalJson(key)
        ? read.value as T
        : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof FileChangedError) return undefined;
      throw fileError("read the record", path, error);
    }
  }

  /** Is there a record of a key? Its content is not looked at. */
  async has(kind: string, key: unknown): Promise<boolean> {
    const path = await this.path(kind, key);
    return await Deno.stat(path).then(() => true, (error) => {
      if (error instanceof Deno.errors.NotFound) return false;
      throw fileError("look for the record", path, error);
    });
  }

  /**
   * Takes the lock of a record that is to be made, so that two runs do not make it twice.
   *
   * @returns The lock, or `undefined` if another process or thread makes the record.
   */
  async tryLock(kind: string, key: unknown): Promise<FileLock | undefined> {
    return await FileLock.tryTake(
      join(this.directory, LOCKS, `${kind}-${basename(await this.path(kind, key))}`),
    );
  }

  /** Opens the journal of a record that is being made; only who holds its lock may. */
  async journal(kind: string, key: unknown): Promise<Journal> {
    return await Journal.open(await this.#journalPath(kind, key));
  }

  /** Removes the journal of a record, if there is one. */
  async removeJournal(kind: string, key: unknown): Promise<void> {
    await removeIfThere(await this.#journalPath(kind, key));
  }

  async #journalPath(kind: string, key: unknown): Promise<string> {
    return join(this.directory, JOURNALS, `${kind}-${basename(await this.path(kind, key))}.jsonl`);
  }

  /** Stores the record of a key, over any that was there. */
  async put(
    kind: string,
    key: unknown,
    value: unknown,
    attachments: Readonly<Record<string, ByteStream>> = {},
  ): Promise<void> {
    const pieces = Object.entries(attachments);
    const head: Head = { key, value, attachments: pieces.map(([name, { size }]) => [name, size]) };
    const line = new TextEncoder().encode(canonicalJson(head) + "\n");
    const bytes = pieces.reduce((sum, [, { size }]) => sum + size, DIGEST_LINE + line.length);
    await replaceFile(await this.path(kind, key), bytes, async (file) => {
      const hash = createHash("sha256");
      const write = async (piece: Uint8Array): Promise<void> => {
        hash.update(piece);
        await writeAll(file, piece);
      };
      await writeAll(file, new Uint8Array(DIGEST_LINE)); // known when all the rest is written
      await write(line);
      for (const [name, stream] of pieces) {
        let size = 0;
        for await (const piece of stream.pieces()) {
          size += piece.length;
          await write(piece);
        }
        if (size !== stream.size) {
          throw new RangeError(`Cannot store "${name}": it has ${size} bytes, expected ${stream.size}`);
        }
      }
      await file.seek(0, Deno.SeekMode.Start);
      await writeAll(file, new TextEncoder().encode(hash.digest("hex") + "\n"));
    });
  }

  /** Removes the record of a key, if there is one. */
  async remove(kind: string, key: unknown): Promise<void> {
    await removeIfThere(await this.path(kind, key));
  }
}
