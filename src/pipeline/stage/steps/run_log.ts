/**
 * Logs of a run that can be followed while it runs: JSON Lines, a line more at a time. A run that goes on finds its lines
 * and adds the next; what a killed one wrote beyond its saved state is cut off.
 *
 * @module
 */

import { dirname } from "node:path";
import { canonicalJson } from "../../../canonical_json.ts";
import { fileError } from "../../../file_error.ts";

/** A value as a line. */
function lineOf(value: unknown): string {
  return `${canonicalJson(value)}\n`;
}

/** Writes all of some bytes where a file stands. */
async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** How many bytes two texts begin with alike. */
function sharedBytes(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  for (let at = 0; at < most; at++) if (one[at] !== other[at]) return at;
  return most;
}

/**
 * A file of JSON Lines that grows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RunLog } from "./run_log.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"step":1}\n{"step":2}\n{"st');
 * {
 *   using log = await RunLog.open(path, [{ step: 1 }]);
 *   await log.add({ step: 2, reward: 1 });
 * }
 * assertEquals(await Deno.readTextFile(path), '{"step":1}\n{"reward":1,"step":2}\n');
 * await Deno.remove(path);
 * ```
 */
export class RunLog implements Disposable {
  /** Where it lies. */
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a log that then has certain lines and no others. Those that are there are not written again, so that whoever
   * follows the file sees each once.
   */
  static async open(path: string, lines: readonly unknown[]): Promise<RunLog> {
    const wanted = new TextEncoder().encode(lines.map(lineOf).join(""));
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      const there = await Deno.readFile(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return new Uint8Array();
        throw error;
      });
      const shared = sharedBytes(there, wanted);
      const file = await Deno.open(path, { read: true, write: true, create: true });
      await file.truncate(shared);
      await file.seek(0, Deno.SeekMode.End);
      await writeAll(file, wanted.subarray(shared));
      return new RunLog(path, file);
    } catch (error) {
      throw fileError("write", path, error, wanted.length);
    }
  }

  /** Adds a line. */
  async add(value: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(lineOf(value));
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      throw fileError("write", this.path, error, bytes.length);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
