/**
 * The output files of a run directory and their digests.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { isStray } from "./stray_files.ts";

/** A file that a statement names. */
export interface Subject {
  /** Path relative to the run directory, with `/`. */
  readonly name: string;
  /** Its digest. */
  readonly digest: { sha256: string };
}

/** What was found in a directory. */
export interface Listing {
  /** Names of plain files, ascending by UTF-16 code unit. */
  readonly files: readonly string[];
  /** Names of what is no plain file (links, devices) or has an unsafe name. */
  readonly refused: readonly string[];
  /** Names of what systems and editors left behind, of whatever kind: as if it were not there. */
  readonly strays: readonly string[];
}

/**
 * Is a name a relative path that stays inside its directory on every system: segments without `.`, `..`, backslash,
 * colon, control or format characters?
 */
export function isSafeName(name: string): boolean {
  return name.length > 0 && name.length <= 500 &&
    name.split("/").every((segment) =>
      segment !== "" && segment !== "." && segment !== ".." && !/[\\:\p{Cc}\p{Cf}]/u.test(segment) &&
      segment.isWellFormed()
    );
}

/** The most files in a directory; a result has some dozens. */
const MAX_FILES = 10_000;

/** The deepest folders; a result has two levels. */
const MAX_DEPTH = 16;

/**
 * Lists a directory and its folders; links are never followed. What systems and editors leave behind stands apart.
 *
 * @throws {RangeError} If there are more than 10,000 files or 16 levels of folders.
 */
export async function listFiles(directory: string): Promise<Listing> {
  const files: string[] = [], refused: string[] = [], strays: string[] = [];
  const visit = async (prefix: string): Promise<void> => {
    for await (const entry of Deno.readDir(join(directory, prefix))) {
      const name = prefix + entry.name;
      if (files.length + refused.length + strays.length >= MAX_FILES) {
        throw new RangeError(`Cannot list ${directory}: there are more than ${MAX_FILES} files`);
      }
      if (isStray(name)) strays.push(name);
      else if (entry.isSymlink || !isSafeName(name)) refused.push(name);
      else if (entry.isDirectory && name.split("/").length > MAX_DEPTH) {
        throw new RangeError(`Cannot list ${directory}: its folders are deeper than ${MAX_DEPTH} levels`);
      } else if (entry.isDirectory) await visit(`${name}/`);
      else if (entry.isFile) files.push(name);
      else refused.push(name);
    }
  };
  await visit("");
  return { files: files.sort(), refused: refused.sort(), strays: strays.sort() };
}

/** The SHA-256 of a file, read piece by piece. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  return hash.digest("hex");
}
