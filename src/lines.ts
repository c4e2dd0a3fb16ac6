/**
 * Lines of text in and out: in constant memory, whatever stands in them.
 *
 * @module
 */

/** A line of a stream, or why it cannot be read. */
export type Line =
  & {
    /** The line's number, from 1. */
    readonly number: number;
    /** Where the next line begins, in bytes. */
    readonly end: number;
  }
  & ({
    /** The line without its line feed. */
    readonly text: string;
  } | {
    /** What is wrong with the line. */
    readonly fault: string;
  });

/** Bytes of a line that are still kept; a longer one is passed over. */
const MAX_LINE = 16 * 2 ** 20;

/** Bytes after which a block is long enough. */
const BLOCK = 2 ** 18;

/** Whole lines of a stream as bytes, or one that is not kept. */
export type LineBlock =
  & {
    /** The number of the first line, from 1. */
    readonly number: number;
    /** Where the next block begins, in bytes of the stream. */
    readonly end: number;
  }
  & ({
    /** The lines and their line feeds; the last one of a stream may lack it. */
    readonly bytes: Uint8Array;
    /** Where each line ends, before its line feed; the next one begins behind that. */
    readonly ends: readonly number[];
  } | {
    /** What is wrong with the line. */
    readonly fault: string;
  });

/** How blocks are cut. */
export interface BlockOptions {
  /** Bytes of a line; one that is longer is not kept but reported. Default 16 MiB. */
  readonly longest?: number;
  /** Lines of a block at most. Default: as many as there are. */
  readonly lines?: number;
}

/**
 * The lines of a stream in blocks of bytes, in constant memory. What has come is given at once: a block waits for its
 * last line's end and for nothing else.
 */
export async function* readBlocks(
  stream: AsyncIterable<Uint8Array>,
  { longest = MAX_LINE, lines = Infinity }: BlockOptions = {},
): AsyncGenerator<LineBlock, void, undefined> {
  const fault = `it is longer than ${longest} bytes`;
  let parts: Uint8Array[] = [], length = 0, number = 1, end = 0;
  const keep = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > longest) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const block = (bytes: Uint8Array, ends: readonly number[]): LineBlock => {
    const first = number;
    number += ends.length;
    end += bytes.length;
    return { number: first, end, bytes, ends };
  };
  const tooLong = (bytes: number): LineBlock => ({ number: number++, end: end += bytes, fault });
  const cut = function* (bytes: Uint8Array): Generator<LineBlock, void, undefined> {
    let begin = 0, from = 0, ends: number[] = [];
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      const isLong = at - from > longest;
      if (!isLong) ends.push(at - begin);
      const to = isLong ? from : at + 1;
      if ((isLong && ends.length > 0) || ends.length >= lines || to - begin >= BLOCK) {
        yield block(bytes.subarray(begin, to), ends);
        ends = [];
        begin = to;
      }
      if (isLong) {
        yield tooLong(at + 1 - from);
        begin = at + 1;
      }
      from = at + 1;
    }
    if (ends.length > 0) yield block(bytes.subarray(begin), ends);
  };
  for await (const chunk of stream) {
    const first = chunk.indexOf(10), last = chunk.lastIndexOf(10) + 1;
    if (first < 0) {
      keep(chunk);
      continue;
    }
    // A line that was dropped in part cannot be joined again.
    const isLong = length + first > longest, from = isLong ? first + 1 : 0;
    if (isLong) yield tooLong(length + first + 1);
    const whole = chunk.subarray(from, last);
    const bytes = isLong || parts.length === 0 ? whole : join([...parts, whole]);
    parts = [];
    length = 0;
    yield* cut(bytes);
    keep(chunk.subarray(last));
  }
  if (length > longest) yield tooLong(length);
  else if (length > 0) yield block(join(parts), [length]);
}

/**
 * Line `i` of a block, as bytes.
 *
 * @param ends Where the block's lines end.
 */
export function lineOf(bytes: Uint8Array, ends: readonly number[], i: number): Uint8Array {
  return bytes.subarray(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, ends[i]);
}

/** The text of a line; a byte order mark at its beginning is left out. */
export class LineDecoder {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  /**
   * Decodes a line.
   *
   * @throws {TypeError} If it is not UTF-8.
   */
  decode(line: Uint8Array): string {
    try {
      return this.#decoder.decode(line);
    } catch {
      throw new TypeError("it is not UTF-8");
    }
  }
}

/**
 * The lines of a stream of UTF-8 bytes, in bundles as they come. A byte order mark at the beginning of a line is left
 * out; the last line may lack its line feed. A line that is longer than `longest` bytes is not kept but reported, and
 * so is one that is not UTF-8.
 *
 * @example A line that is too long costs nothing but itself
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readLines } from "./lines.ts";
 *
 * const stream = new Blob(["one\ntwo and more\nthree"]).stream();
 * const lines = (await Array.fromAsync(readLines(stream, 5))).flat();
 * assertEquals(lines, [
 *   { number: 1, end: 4, text: "one" },
 *   { number: 2, end: 17, fault: "it is longer than 5 bytes" },
 *   { number: 3, end: 22, text: "three" },
 * ]);
 * ```
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  longest: number = MAX_LINE,
): AsyncGenerator<readonly Line[], void, undefined> {
  const decoder = new LineDecoder();
  for await (const block of readBlocks(stream, { longest })) {
    if ("fault" in block) {
      yield [block];
      continue;
    }
    const { bytes, ends } = block, start = block.end - bytes.length;
    yield ends.map((at, i): Line => {
      const place = { number: block.number + i, end: Math.min(start + at + 1, block.end) };
      try {
        return { ...place, text: decoder.decode(lineOf(bytes, ends, i)) };
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return { ...place, fault: error.message };
      }
    });
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** UTF-16 units of text that are collected before they are written. */
const FULL = 65_536;

/** Milliseconds after which a line is written, however few there are. */
const LATEST = 50;

/** Writes lines, many with one call, but none later than a moment after it was given. */
export class LineWriter implements Disposable {
  readonly #sink: { writeSync(bytes: Uint8Array): number };
  readonly #encoder = new TextEncoder();
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** Writes to a file or a stream. */
  constructor(sink: { writeSync(bytes: Uint8Array): number }) {
    this.#sink = sink;
  }

  /**
   * Writes a line, at the latest a moment later.
   *
   * @throws {unknown} If this or an earlier line cannot be written.
   */
  write(line: string): void {
    if (this.#failure) throw this.#failure.error;
    this.#text += `${line}\n`;
    this.#timer ??= setTimeout(() => {
      try {
        this.flush();
      } catch (error) {
        this.#failure = { error };
      }
    }, LATEST);
    if (this.#text.length >= FULL) this.flush();
  }

  /**
   * Writes what was collected.
   *
   * @throws {unknown} If this or an earlier line cannot be written.
   */
  flush(): void {
    this[Symbol.dispose]();
    if (this.#failure) throw this.#failure.error;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    for (let at = 0; at < bytes.length;) at += this.#sink.writeSync(bytes.subarray(at));
  }

  /** Forgets what was not written. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
