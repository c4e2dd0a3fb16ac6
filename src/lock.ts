/**
 * Locks between processes and threads: a file that the operating system locks, so that a process which is killed holds
 * nothing any more.
 *
 * @module
 */

import { dirname } from "node:path";
import { fileError } from "./file_error.ts";

/** A lock that is held until it is disposed of. */
export class FileLock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes a lock if nobody has it. The file stays: whoever removed it while another waits for it would let two in.
   *
   * @param path The lock's file; made if it is missing.
   * @returns The lock, or `undefined` if another process or thread has it.
   */
  static async tryTake(path: string): Promise<FileLock | undefined> {
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      for (;;) {
        const file = await Deno.open(path, { read: true, write: true, create: true });
        if (!await file.tryLock(true)) {
          file.close();
          return undefined;
        }
        // A sweep may have removed the file between opening and locking: then the lock is one on nothing.
        const [held, there] = await Promise.all([file.stat(), Deno.stat(path).catch(() => undefined)]);
        if (held.ino === there?.ino && held.dev === there?.dev) return new FileLock(file);
        file.close();
      }
    } catch (error) {
      throw fileError("lock", path, error);
    }
  }

  /** Gives the lock back. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Removes a lock's file if nobody has the lock; says whether it did. */
export async function removeLock(path: string): Promise<boolean> {
  using lock = await FileLock.tryTake(path);
  if (!lock) return false;
  await Deno.remove(path);
  return true;
}
