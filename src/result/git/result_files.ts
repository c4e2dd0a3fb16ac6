/**
 * The files of one result, wherever they lie: in a folder or in a commit.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type GitFile, type GitRepository, ResultSourceError } from "./git.ts";
import { isSafeName, isStray, listFiles } from "../statement/mod.ts";

/** The largest file that is read at all, in bytes: the completions of a large run. */
const LARGEST_FILE = 2 ** 30;

/** The files of a result. */
export interface ResultFiles {
  /** Bytes by name; names relative to the result, ascending. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Names of what is no plain file or has an unsafe name. */
  readonly refused: readonly string[];
  /** The content of a file, piece by piece. */
  stream(name: string): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The files of a folder on disk. */
export async function folderFiles(directory: string): Promise<ResultFiles> {
  const { files, refused } = await listFiles(directory);
  const sizes = new Map<string, number>();
  for (const name of files) sizes.set(name, (await Deno.stat(join(directory, name))).size);
  return { sizes, refused, stream: (name) => diskContent(join(directory, name)) };
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

/** Files of a commit as the files of a result; `folder` is their path from the top of the repository. */
export function commitFiles(
  repository: GitRepository,
  listing: readonly GitFile[],
  folder: string,
): ResultFiles {
  const inside = new Map(
    listing.filter(({ path }) => path.startsWith(`${folder}/`))
      .map((file) => [file.path.slice(folder.length + 1), file] as const)
      .filter(([name]) => !isStray(name)),
  );
  const good = (name: string, { size }: GitFile): boolean => size !== null && isSafeName(name);
  const entries = [...inside];
  return {
    sizes: new Map(
      entries.flatMap(([name, file]) => good(name, file) ? [[name, file.size ?? 0] as const] : []),
    ),
    refused: entries.flatMap(([name, file]) => good(name, file) ? [] : [name]),
    stream: (name) => {
      const file = inside.get(name);
      if (!file) throw new RangeError(`Cannot read ${name}: it is not in the result`);
      return repository.content(file);
    },
  };
}

/** Refuses a file that is missing or too large. */
function checkSize({ sizes }: ResultFiles, name: string, largest: number): void {
  const size = sizes.get(name);
  if (size === undefined) throw new ResultSourceError("unusable", `Cannot read ${name}: it is missing`);
  if (size <= largest) return;
  throw new ResultSourceError(
    "unusable",
    `Cannot read ${name}: it has ${size} bytes, expected at most ${largest}`,
  );
}

/** The content of a file, piece by piece, if it is of bearable size. */
export function contentOf(files: ResultFiles, name: string): AsyncIterable<Uint8Array<ArrayBuffer>> {
  checkSize(files, name, LARGEST_FILE);
  return files.stream(name);
}

/**
 * The bytes of a file.
 *
 * @throws {ResultSourceError} If it is missing or has more than `largest` bytes.
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
    if (length > largest) throw new ResultSourceError("unusable", `Cannot read ${name}: it grows meanwhile`);
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
