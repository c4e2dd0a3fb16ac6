/**
 * Bytes that are too many to hold: read in pieces from wherever they lie, or written in pieces as they come.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Bytes that can be read from any place. */
export interface ByteSource {
  /** What error messages call it. */
  readonly name: string;
  /** The number of bytes. */
  readonly size: number;
  /**
   * The bytes from `start` up to, not including, `end`, in a buffer of their own.
   *
   * @throws {RangeError} If the range leaves the source.
   */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes that come one piece after the other. */
export interface ByteStream {
  /** The number of bytes of all pieces. */
  readonly size: number;
  /** Makes the pieces, each time from the start. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** The bytes of one piece of a stream over a source. */
const PIECE = 1 << 22;

function checkRange({ name, size }: Pick<ByteSource, "name" | "size">, start: number, end: number): void {
  if (start >= 0 && start <= end && end <= size) return;
  throw new RangeError(`Cannot read bytes ${start} to ${end} of ${name}: it has ${size}`);
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (start, end) => {
      checkRange({ name, size: bytes.length }, start, end);
      return Promise.resolve(bytes.slice(start, end));
    },
  };
}

/** A file is not the one any more that was opened. */
export class FileChangedError extends Error {
  /** The class's name. */
  override readonly name = "FileChangedError";
}

/** What tells a file from one that took its place. */
function identity({ ino, size, mtime }: Deno.FileInfo): string {
  return `${ino} ${size} ${mtime?.getTime()}`;
}

/**
 * A source over a file, which is open only while it is read. A file that is changed or replaced in the meantime is an
 * error, never a mixture.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const info = await Deno.stat(path), { size } = info;
  const changed = (): never => {
    throw new FileChangedError(`Cannot read ${path}: it was changed while it was read`);
  };
  return {
    name: path,
    size,
    read: async (start, end) => {
      checkRange({ name: path, size }, start, end);
      const bytes = new Uint8Array(end - start);
      using file = await Deno.open(path);
      if (identity(await file.stat()) !== identity(info)) changed();
      await file.seek(start, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += await file.read(bytes.subarray(at)) ?? changed();
      return bytes;
    },
  };
}

/**
 * A part of a source.
 *
 * @throws {RangeError} If it leaves the source.
 */
export function partOf(source: ByteSource, start: number, end: number): ByteSource {
  checkRange(source, start, end);
  const part = { name: source.name, size: end - start };
  return {
    ...part,
    read: async (from, to) => {
      checkRange(part, from, to);
      return await source.read(start + from, start + to);
    },
  };
}

/** A source as a stream. */
export function streamOf(source: ByteSource): ByteStream {
  return {
    size: source.size,
    async *pieces() {
      for (let at = 0; at < source.size; at += PIECE) {
        yield await source.read(at, Math.min(source.size, at + PIECE));
      }
    },
  };
}

/**
 * The lower-case hexadecimal SHA-256 of a stream.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesSource, sha256Stream, streamOf } from "./byte_source.ts";
 * import { sha256 } from "./canonical_json.ts";
 *
 * const bytes = new Uint8Array([1, 2, 3]);
 * assertEquals(await sha256Stream(streamOf(bytesSource(bytes, "b"))), await sha256(bytes));
 * ```
 */
export async function sha256Stream(stream: ByteStream): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of stream.pieces()) hash.update(piece);
  return hash.digest("hex");
}
