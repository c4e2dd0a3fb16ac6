/**
 * The pages of a parquet column, walked before they are decoded: sizes, counts and run lengths are followed through to
 * the last one, so that the decoder is never asked to make more than is there. A run of five bytes can stand for a
 * thousand million values.
 *
 * @module
 */

import type { CompressionCodec } from "hyparquet";
import { decompressPage } from "hyparquet/src/datapage.js";
import { decompressLz4, decompressLz4Raw } from "hyparquet-compressors";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { checkDeltaTexts, followDeltas } from "./delta.ts";
import { type Chunk, FEW_VALUES } from "./layout.ts";
import { child, count, readThrift, type ThriftStruct } from "./thrift.ts";

/** The kinds of pages. */
const DATA = 0, DICTIONARY = 2, DATA_2 = 3;

/** The encodings that are read. */
const PLAIN = 0, PLAIN_DICTIONARY = 2, RLE = 3, DELTA_INTEGERS = 5, DELTA_LENGTHS = 6, DELTA_TEXTS = 7;
const RLE_DICTIONARY = 8, SPLIT = 9;

/** Physical types. */
const BOOLEAN = 0, INT32 = 1, INT64 = 2, FLOAT = 4, DOUBLE = 5;

/** Bytes of a value of a type whose bytes may lie apart; a file with other types so is not read. */
const splitBytes: Readonly<Record<number, number>> = { [INT32]: 4, [INT64]: 8, [FLOAT]: 4, [DOUBLE]: 8 };

/** The decompressors that never make more than they are told to, by parquet's name; Snappy is hyparquet's own. */
export const compressors = {
  GZIP: (input: Uint8Array, length: number): Uint8Array =>
    gunzipSync(input, { maxOutputLength: length || 1 }),
  ZSTD: (input: Uint8Array, length: number): Uint8Array =>
    zstdDecompressSync(input, { maxOutputLength: length || 1 }),
  BROTLI: (input: Uint8Array, length: number): Uint8Array =>
    brotliDecompressSync(input, { maxOutputLength: length || 1 }),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
} as const;

/** The names of the compressions that are read, by parquet's number. */
const codecs: Readonly<Record<number, CompressionCodec>> = {
  0: "UNCOMPRESSED",
  1: "SNAPPY",
  2: "GZIP",
  4: "BROTLI",
  5: "LZ4",
  6: "ZSTD",
  7: "LZ4_RAW",
};

function unpack(chunk: Chunk, input: Uint8Array, length: number): Uint8Array {
  const codec = codecs[chunk.codec];
  if (!codec) {
    throw new SyntaxError(
      `compression ${chunk.codec} is not read; use none, Snappy, gzip, Brotli, LZ4 or Zstandard`,
    );
  }
  try {
    return decompressPage(input, length, codec, compressors);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(`a page cannot be unpacked to ${length} bytes: ${reason}`);
  }
}

/** Bits that hold a level. */
function bitWidth(level: number): number {
  return 32 - Math.clz32(level);
}

/**
 * Follows runs of equal values and of packed ones until there are enough.
 *
 * @param wanted The value that is counted.
 * @returns How many of the values are the wanted one.
 */
function followRuns(bytes: Uint8Array, at: number, width: number, values: number, wanted: number): number {
  if (width > 32) throw new SyntaxError(`a value has ${width} bits`);
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new SyntaxError("a run is beyond the end of its page");
    return byte;
  };
  let found = 0;
  for (let seen = 0; seen < values;) {
    let head = 0;
    for (let shift = 0;; shift += 7) {
      const byte = next();
      head += (byte & 0x7F) * 2 ** shift;
      if (byte < 0x80) break;
      if (shift > 21) throw new SyntaxError("a run is too long");
    }
    const packed = head % 2 === 1, run = packed ? (head >>> 1) * 8 : head / 2;
    if (run >= values - seen + (packed ? 8 : 1)) throw new SyntaxError("a run is longer than its page");
    if (packed) {
      const start = at;
      at += run / 8 * width;
      if (at > bytes.length) throw new SyntaxError("a run is beyond the end of its page");
      for (let i = 0; i < Math.min(run, values - seen); i++) {
        let packedValue = 0;
        for (let bit = i * width; bit < (i + 1) * width; bit++) {
          const set = ((bytes[start + (bit >> 3)] ?? 0) >> (bit & 7)) & 1;
          packedValue += set * 2 ** (bit - i * width);
        }
        if (packedValue === wanted) found++;
      }
    } else {
      let repeated = 0;
      for (let byte = 0; byte < (width + 7) >> 3; byte++) repeated += next() * 2 ** (8 * byte);
      if (repeated === wanted) found += run;
    }
    seen += run;
  }
  return found;
}

/** Checks what stands behind the levels of a page; its texts may take `most` bytes. */
function checkValues(
  chunk: Chunk,
  page: Uint8Array,
  at: number,
  values: number,
  encoding: number,
  most: number,
): void {
  if (encoding === PLAIN) return; // every value is taken from the bytes, which end the reading
  if (encoding === RLE && chunk.type === BOOLEAN) {
    followRuns(page, at + 4, 1, values, 0);
  } else if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY || encoding === RLE) {
    const width = page[at] ?? 0;
    if (width > 0 && values > 0) followRuns(page, at + 1, width, values, 0);
  } else if (encoding === DELTA_INTEGERS && (chunk.type === INT32 || chunk.type === INT64)) {
    followDeltas(page, at, values, chunk.type === INT32 ? 32 : 64);
  } else if (encoding === DELTA_LENGTHS || encoding === DELTA_TEXTS) {
    checkDeltaTexts(page, at, values, encoding === DELTA_TEXTS, most);
  } else if (encoding === SPLIT && splitBytes[chunk.type] !== undefined) {
    if (at + values * (splitBytes[chunk.type] ?? 0) > page.length) {
      throw new SyntaxError("a page ends before its values");
    }
  } else {
    throw new SyntaxError(`encoding ${encoding} of its values is not read; use plain or dictionary encoding`);
  }
}

/** Where levels that are preceded by their length begin and end. */
function levelsAt(page: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  if (at + 4 > page.length) throw new SyntaxError("a page ends before its levels");
  const length = new DataView(page.buffer, page.byteOffset + at, 4).getUint32(0, true);
  const end = at + 4 + length;
  if (end > page.length) throw new SyntaxError("a page's levels are beyond its end");
  return { start: at + 4, end };
}

function checkData(chunk: Chunk, page: Uint8Array, head: ThriftStruct, most: number): number {
  const values = count(head, 1, "a page's number of values");
  if (values > chunk.values) throw new SyntaxError(`a page states ${values} values of ${chunk.values}`);
  let at = 0, present = values;
  if (chunk.repetition > 0) {
    const { start, end } = levelsAt(page, at);
    followRuns(page.subarray(0, end), start, bitWidth(chunk.repetition), values, 0);
    at = end;
  }
  if (chunk.definition > 0) {
    const { start, end } = levelsAt(page, at);
    present = followRuns(
      page.subarray(0, end),
      start,
      bitWidth(chunk.definition),
      values,
      chunk.definition,
    );
    at = end;
  }
  checkValues(chunk, page, at, present, count(head, 2, "a page's encoding"), most);
  return values;
}

function checkData2(
  chunk: Chunk,
  bytes: Uint8Array,
  head: ThriftStruct,
  length: number,
  most: number,
): number {
  const values = count(head, 1, "a page's number of values");
  const present = values - count(head, 2, "a page's number of nulls");
  if (chunk.repetition === 0 && count(head, 3, "a page's number of rows") !== values) {
    throw new SyntaxError(`a page of ${values} values states another number of rows`);
  }
  if (values > chunk.values || present < 0) {
    throw new SyntaxError(`a page states ${values} values of ${chunk.values}`);
  }
  const definitions = count(head, 5, "the size of a page's levels");
  const repetitions = count(head, 6, "the size of a page's levels"), levels = repetitions + definitions;
  if (levels > bytes.length || levels > length) throw new SyntaxError("a page's levels are beyond its end");
  if (chunk.repetition > 0) {
    followRuns(bytes.subarray(0, repetitions), 0, bitWidth(chunk.repetition), values, 0);
  }
  if (chunk.definition > 0) {
    followRuns(bytes.subarray(0, levels), repetitions, bitWidth(chunk.definition), values, 0);
  }
  const packed = bytes.subarray(levels);
  const page = head.get(7) === false ? packed : unpack(chunk, packed, length - levels);
  checkValues(chunk, page, 0, present, count(head, 4, "a page's encoding"), most);
  return values;
}

/**
 * Walks all pages of a column.
 *
 * @param chunk What the footer says of the column.
 * @param bytes The column's bytes.
 * @param most Bytes that its pages may have when unpacked, all together.
 * @returns Bytes that they have.
 * @throws {SyntaxError} If a page states more than it has, or is packed in a way that is not read.
 */
export function checkPages(chunk: Chunk, bytes: Uint8Array, most: number): number {
  let unpacked = 0, values = 0;
  for (let at = 0; at < bytes.length - 1;) {
    const { fields, end } = readThrift(bytes, at);
    const kind = count(fields, 1, "a page's kind"), length = count(fields, 2, "a page's size");
    at = end + count(fields, 3, "a page's packed size");
    if (at > bytes.length) throw new SyntaxError("a page is beyond the end of its column");
    unpacked += length;
    if (unpacked > most) throw new SyntaxError(`a row group unpacks to more than the file can hold`);
    const body = bytes.subarray(end, at);
    if (kind === DICTIONARY) {
      const entries = count(child(fields, 7, "a dictionary's description"), 1, "a dictionary's size");
      if (entries > Math.min(8 * length, Math.max(FEW_VALUES, chunk.values))) {
        throw new SyntaxError(
          `a dictionary of ${length} bytes for ${chunk.values} values states ${entries} entries`,
        );
      }
      unpack(chunk, body, length);
    } else if (kind === DATA) {
      const head = child(fields, 5, "a page's description");
      values += checkData(chunk, unpack(chunk, body, length), head, most);
    } else if (kind === DATA_2) {
      values += checkData2(chunk, body, child(fields, 8, "a page's description"), length, most);
    } else {
      throw new SyntaxError(`a page is of the unknown kind ${kind}`);
    }
  }
  if (values !== chunk.values) throw new SyntaxError(`its pages have ${values} of ${chunk.values} values`);
  return unpacked;
}
