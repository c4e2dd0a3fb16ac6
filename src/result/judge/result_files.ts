/**
 * The files of one result, wherever they lie: in a folder, in a commit, or as they were judged.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { listFiles } from "../statement/mod.ts";

/** The largest file that is read at all, in bytes: the completions of a large run. */
const LARGEST_FILE = 2 ** 30;

/** The files of a result. */
export interface ResultFiles {
  /** Bytes by name; names relative to the result, ascending. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Names of what is no plain file or has an unsafe name. */
  readonly refused: readonly string[];
  /** Why not all of them could be listed. */
  readonly fault?: string;
  /** The content of a file, piece by piece. */
  stream(name: string): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The files of a folder on disk; of one that has no end, none, and the reason. */
export async function folderFiles(directory: string): Promise<ResultFiles> {
  const listing = await listFiles(directory).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    return { files: [], refused: [], fault: error.message };
  });
  const { files, refused } = listing, fault = "fault" in listing ? { fault: listing.fault } : {};
  const sizes = new Map<string, number>();
  for (const name of files) sizes.set(name, (await Deno.stat(join(directory, name))).size);
  return { sizes, refused, ...fault, stream: (name) => diskContent(join(directory, name)) };
}

/** One file on disk as if it were the file of that name in a result. */
export async function singleFile(path: string, name: string): Promise<ResultFiles> {
  const { size } = await Deno.stat(path);
  return { sizes: new Map([[name, size]]), refused: [], stream: () => diskContent(path) };
}

async function* diskContent(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  for await (const part of file.readable) yield part;
}

/** Refuses a file that is missing or too large. */
function checkSize({ sizes }: ResultFiles, name: string, largest: number): void {
  const size = sizes.get(name);
  if (size === undefined) throw new RangeError(`Cannot read ${name}: it is missing`);
  if (size <= largest) return;
  throw new RangeError(`Cannot read ${name}: it has ${size} bytes, expected at most ${largest}`);
}

/** The content of a file, piece by piece, if it is of bearable size. */
export function contentOf(files: ResultFiles, name: string): AsyncIterable<Uint8Array<ArrayBuffer>> {
  checkSize(files, name, LARGEST_FILE);
  return files.stream(name);
}

/**
 * The bytes of a file.
 *
 * @throws {RangeError} If it is missing or has more than `largest` bytes.
 */
export async function bytesOf(
  files: ResultFiles,
  name: string,
  largest: number,
): Promise<Uint8Array<ArrayBuffer>> {
  checkSize(files, name, largest);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of files.stream(name)) {
    length += part.length;
    if (length > largest) throw new RangeError(`Cannot read ${name}: it grows meanwhile`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The SHA-256 of a file, read piece by piece. */
export async function digestOf(files: ResultFiles, name: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of contentOf(files, name)) hash.update(part);
  return hash.digest("hex");
}

/**
 * The same files, each read as it was judged: one that has another content by now throws at its end.
 *
 * @param digests SHA-256 of the files by name; others cannot be read.
 */
export function sealedFiles(files: ResultFiles, digests: ReadonlyMap<string, string>): ResultFiles {
  const sizes = new Map([...files.sizes].filter(([name]) => digests.has(name)));
  const stream = async function* (name: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const expected = digests.get(name);
    if (expected === undefined) throw new RangeError(`Cannot read ${name}: it was not judged`);
    const hash = createHash("sha256");
    for await (const part of files.stream(name)) {
      hash.update(part);
      yield part;
    }
    if (hash.digest("hex") !== expected) throw new TypeError(`${name} changed while it was read`);
  };
  return { sizes, refused: files.refused, stream };
}
