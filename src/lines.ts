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
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Uint8Array[] = [], length = 0, number = 0, end = 0;
  const keep = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > longest) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const finish = (feed: number): Line => {
    end += length + feed;
    const place = { number: ++number, end };
    const [first = new Uint8Array(0)] = parts;
    const bytes = parts.length > 1 ? join(parts) : first;
    const tooLong = length > longest;
    parts = [];
    length = 0;
    if (tooLong) return { ...place, fault: `it is longer than ${longest} bytes` };
    try {
      return { ...place, text: decoder.decode(bytes) };
    } catch {
      return { ...place, fault: "it is not UTF-8" };
    }
  };
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, at));
      lines.push(finish(1));
      from = at + 1;
    }
    keep(chunk.subarray(from));
    yield lines;
  }
  if (length > 0) yield [finish(0)];
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
