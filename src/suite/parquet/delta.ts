/**
 * Delta encodings, walked before they are decoded. A block of equal steps takes three bytes whatever its size, and a
 * text may repeat the beginning of the one before: what comes out can be far more than what is there.
 *
 * @module
 */

/** The most values of a block; writers use 128 or so. */
const MAX_BLOCK = 2 ** 16;

/** Where the walk stands. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw new SyntaxError("a run of differences is beyond the end of its page");
  return byte;
}

/** The low 32 bits of a variable-length integer of at most 64. */
function varint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = nextByte(cursor);
    // Bit 32 decides the sign of a zigzag number of 33 bits; of larger ones no value is taken.
    value += shift < 35 ? (byte & 0x7F) * 2 ** shift : 0;
    if (byte < 0x80) return value;
  }
  throw new SyntaxError("an integer has more than 64 bits");
}

function zigzag(cursor: Cursor): number {
  const value = varint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function bits(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < Math.min(width, 32); bit++) {
    const at = start + bit;
    value += (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** bit;
  }
  return value;
}

/**
 * Walks integers that are stored as differences.
 *
 * @param widest Bits that a difference may have: 32 or 64.
 * @param visit Told each value; those of more than 32 bits are wrong.
 * @returns Where the walk ends.
 * @throws {SyntaxError} If there are fewer than stated.
 */
export function followDeltas(
  bytes: Uint8Array,
  at: number,
  count: number,
  widest: 32 | 64,
  visit: (value: number) => void = () => {},
): number {
  const cursor: Cursor = { bytes, at };
  const block = varint(cursor), parts = varint(cursor), each = block / parts;
  if (!(block <= MAX_BLOCK && parts >= 1 && Number.isInteger(each) && each >= 8 && each % 8 === 0)) {
    throw new SyntaxError(`a run of differences has ${parts} parts of ${block} values`);
  }
  if (varint(cursor) < count) throw new SyntaxError("a run of differences is shorter than its page");
  let value = zigzag(cursor), seen = 1;
  if (count > 0) visit(value);
  while (seen < count) {
    const least = zigzag(cursor), widths = Array.from({ length: parts }, () => nextByte(cursor));
    for (const width of widths) {
      if (seen >= count) break;
      if (width > widest) throw new SyntaxError(`a difference has ${width} bits`);
      const end = cursor.at + each * width / 8, within = Math.min(each, count - seen);
      if (cursor.at + Math.ceil(within * width / 8) > bytes.length) {
        throw new SyntaxError("a run of differences is beyond the end of its page");
      }
      for (let i = 0; i < within; i++) {
        value = (value + least + bits(bytes, 8 * cursor.at + i * width, width)) | 0;
        visit(value);
      }
      seen += within;
      cursor.at = end;
    }
  }
  return cursor.at;
}

/**
 * The bytes that texts take when unpacked which are stored as lengths, or as lengths of a beginning that the text before
 * has too and lengths of the rest.
 *
 * @param most Bytes that they may take.
 * @throws {SyntaxError} If they take more, or are not all there.
 */
export function checkDeltaTexts(
  page: Uint8Array,
  at: number,
  count: number,
  prefixed: boolean,
  most: number,
): void {
  const prefixes: number[] = [], rests: number[] = [];
  const lengths = (into: number[]) => (value: number): void => {
    if (value < 0) throw new SyntaxError("a text has a negative length");
    into.push(value);
  };
  const middle = prefixed ? followDeltas(page, at, count, 32, lengths(prefixes)) : at;
  let end = followDeltas(page, middle, count, 32, lengths(rests)), before = 0, total = 0;
  for (const [index, rest] of rests.entries()) {
    const prefix = prefixes[index] ?? 0;
    if (prefix > before) throw new SyntaxError("a text repeats more than the one before has");
    before = prefix + rest;
    total += before;
    end += rest;
    if (total > most) throw new SyntaxError("its texts are more than the file can hold");
    if (end > page.length) throw new SyntaxError("a text is beyond the end of its page");
  }
}
