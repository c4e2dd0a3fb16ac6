/**
 * Journals: lines that are added one at a time while something long is made, and read again if it was interrupted. A
 * line that was cut or damaged ends the journal; what stands before it holds.
 *
 * @module
 */

import { dirname } from "node:path";
import { canonicalJson, sha256 } from "./canonical_json.ts";
import { fileError } from "./file_error.ts";

/** Hexadecimal digits of a line's SHA-256 that stand before it. */
const DIGEST = 16;

/** The line of an entry: the first digits of its digest, a space, its canonical form. */
async function lineOf(entry: unknown): Promise<string> {
  const text = canonicalJson(entry);
  return `${(await sha256(text)).slice(0, DIGEST)} ${text}\n`;
}

/**
 * A file of JSON values, one a line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Journal } from "./journal.ts";
 *
 * const path = await Deno.makeTempFile();
 * {
 *   using journal = await Journal.open(path);
 *   await journal.add({ response: 1 });
 * }
 * await Deno.writeTextFile(path, "cut", { append: true });
 * using journal = await Journal.open(path);
 * assertEquals(journal.entries, [{ response: 1 }]);
 * await Deno.remove(path);
 * ```
 */
export class Journal implements Disposable {
  /** What stood in it when it was opened. */
  readonly entries: readonly unknown[];
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(path: string, file: Deno.FsFile, entries: readonly unknown[]) {
    this.#path = path;
    this.#file = file;
    this.entries = entries;
  }

  /** Opens a journal, reads what holds of it and cuts off the rest. Only one may have it open: see `FileLock`. */
  static async open(path: string): Promise<Journal> {
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      const bytes = await Deno.readFile(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return new Uint8Array();
        throw error;
      });
      const entries: unknown[] = [];
      let sound = 0;
      for (let end; (end = bytes.indexOf(0x0A, sound)) >= 0; sound = end + 1) {
        const text = new TextDecoder().decode(bytes.subarray(sound + DIGEST + 1, end));
        const digest = new TextDecoder().decode(bytes.subarray(sound, sound + DIGEST));
        if (bytes[sound + DIGEST] !== 0x20 || (await sha256(text)).slice(0, DIGEST) !== digest) break;
        entries.push(JSON.parse(text));
      }
      const file = await Deno.open(path, { read: true, write: true, create: true });
      await file.truncate(sound);
      await file.seek(0, Deno.SeekMode.End);
      return new Journal(path, file, entries);
    } catch (error) {
      throw fileError("open", path, error);
    }
  }

  /** Adds an entry. */
  async add(entry: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(await lineOf(entry));
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      throw fileError("write", this.#path, error, bytes.length);
    }
  }

  /** Closes the file; what was added stays. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
