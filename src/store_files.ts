/**
 * The files of a store, looked at from outside: what lies there, what is sound, what was left over.
 *
 * @module
 */

import { join } from "node:path";
import { removeLock } from "./lock.ts";
import { isTemporary, readRecord, type RecordFile } from "./store.ts";

/** A file of a store. */
export interface StoreFile {
  /** Its path. */
  readonly path: string;
  /** The kind of record, or `lock`, `journal`, `unfinished`. */
  readonly kind: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** When it was last written. */
  readonly written: Date;
}

/** A record and its file. */
export interface FoundRecord extends StoreFile {
  /** The record, or why it cannot be trusted. */
  readonly record: RecordFile | string;
}

/** What a folder of a store holds besides unfinished files; other folders are not the store's. */
function kindOf(folder: string, name: string): string | undefined {
  if (isTemporary(name)) return "unfinished";
  if (folder === "locks") return "lock";
  if (folder === "journals") return "journal";
  return /^[0-9a-f]{64}$/.test(name) ? folder : undefined;
}

/** The entries of a folder by name; none if there is no such folder. */
async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** All files of a store, by folder and name. */
export async function* storeFiles(directory: string): AsyncGenerator<StoreFile> {
  for (const folder of await entriesOf(directory)) {
    if (!folder.isDirectory || folder.isSymlink) continue;
    for (const { name, isFile } of await entriesOf(join(directory, folder.name))) {
      const kind = isFile ? kindOf(folder.name, name) : undefined;
      if (kind === undefined) continue;
      const path = join(directory, folder.name, name);
      // A run beside may have finished or removed it.
      const info = await Deno.stat(path).catch(() => undefined);
      if (info) yield { path, kind, bytes: info.size, written: info.mtime ?? new Date(0) };
    }
  }
}

/** Is a file of a store a record? */
export function isRecord({ kind }: StoreFile): boolean {
  return !["lock", "journal", "unfinished"].includes(kind);
}

/**
 * The records of a store.
 *
 * @param checked Whether their content is compared with their SHA-256.
 */
export async function* storeRecords(directory: string, checked: boolean): AsyncGenerator<FoundRecord> {
  for await (const file of storeFiles(directory)) {
    if (isRecord(file)) yield { ...file, record: await readRecord(file.path, checked) };
  }
}

/**
 * Removes what killed runs left: unfinished files, and locks that nobody holds, older than an age. Journals stay: the
 * run that goes on needs them.
 *
 * @param age In milliseconds; younger files may be another run's that is at work.
 * @returns The paths of what was removed.
 */
export async function sweepStore(directory: string, age: number): Promise<string[]> {
  const removed: string[] = [], before = Date.now() - age;
  for await (const { path, kind, written } of storeFiles(directory)) {
    if (written.getTime() > before) continue;
    if (kind === "unfinished") {
      await Deno.remove(path).catch(() => {}); // another sweep was faster
      removed.push(path);
    } else if (kind === "lock" && await removeLock(path)) removed.push(path);
  }
  return removed;
}
