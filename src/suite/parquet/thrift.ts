/**
 * Structs in Thrift's compact protocol, as parquet files carry them, read with every length checked against the bytes
 * that are there: what a hostile file states is believed only as far as it can be true.
 *
 * @module
 */

/** A value of a field: a number, text or bytes, a list, or a struct. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** The fields of a struct by their ids. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** The types of the compact protocol that parquet uses. */
const TRUE = 1, FALSE = 2, BYTE = 3, I16 = 4, I32 = 5, I64 = 6, DOUBLE = 7, BINARY = 8, LIST = 9, STRUCT = 12;

/** Structs within structs; parquet needs eight. */
const MAX_DEPTH = 24;

/** Values of a struct and all that is in it; a footer of twenty columns in a thousand row groups has half as many. */
const MAX_VALUES = 2 ** 20;

/** A struct without fields: there may be one for every byte. */
const EMPTY: ThriftStruct = new Map();

/** Where reading stands. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  values: number;
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw new SyntaxError("a struct ends too early");
  return byte;
}

/** An unsigned integer of at most so many bits, seven to a byte, the lowest first. */
function varint(cursor: Cursor, bits: number): bigint {
  let value = 0n;
  for (let shift = 0; shift < bits; shift += 7) {
    const byte = nextByte(cursor);
    value |= BigInt(byte & 0x7F) << BigInt(shift);
    if (byte < 0x80) {
      if (value >> BigInt(bits) !== 0n) break;
      return value;
    }
  }
  throw new SyntaxError(`an integer has more than ${bits} bits`);
}

function signed(cursor: Cursor, bits: number): number {
  const zigzag = varint(cursor, bits);
  const value = Number((zigzag >> 1n) ^ -(zigzag & 1n));
  if (!Number.isSafeInteger(value)) throw new SyntaxError("an integer is too large");
  return value;
}

/** A length, which cannot be more than the bytes that are left. */
function length(cursor: Cursor): number {
  const count = Number(varint(cursor, 32));
  if (count > cursor.bytes.length - cursor.at) throw new SyntaxError("a length is beyond the end");
  return count;
}

function list(cursor: Cursor, depth: number): ThriftValue[] {
  const head = nextByte(cursor), type = head & 0x0F;
  const count = head >> 4 === 15 ? length(cursor) : head >> 4;
  return Array.from(
    { length: count },
    () => type === TRUE || type === FALSE ? nextByte(cursor) === TRUE : value(cursor, type, depth),
  );
}

function value(cursor: Cursor, type: number, depth: number): ThriftValue {
  if (++cursor.values > MAX_VALUES) throw new SyntaxError(`a struct has more than ${MAX_VALUES} values`);
  switch (type) {
    case TRUE:
    case FALSE:
      return type === TRUE;
    case BYTE:
      return (nextByte(cursor) << 24) >> 24;
    case I16:
    case I32:
      return signed(cursor, 32);
    case I64:
      return signed(cursor, 64);
    case DOUBLE: {
      const at = cursor.at;
      cursor.at += 8;
      if (cursor.at > cursor.bytes.length) throw new SyntaxError("a struct ends too early");
      return new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + at, 8).getFloat64(0, true);
    }
    case BINARY: {
      const count = length(cursor);
      return cursor.bytes.subarray(cursor.at, cursor.at += count);
    }
    case LIST:
      return list(cursor, depth);
    case STRUCT:
      return struct(cursor, depth + 1);
    default:
      throw new SyntaxError(`a field has the unknown type ${type}`);
  }
}

function struct(cursor: Cursor, depth: number): ThriftStruct {
  if (depth > MAX_DEPTH) throw new SyntaxError(`structs are nested more than ${MAX_DEPTH} deep`);
  if (cursor.bytes[cursor.at] === 0) {
    cursor.at++;
    return EMPTY;
  }
  const fields = new Map<number, ThriftValue>();
  for (let id = 0;;) {
    const head = nextByte(cursor), type = head & 0x0F;
    if (type === 0) return fields;
    id = head >> 4 === 0 ? signed(cursor, 32) : id + (head >> 4);
    fields.set(id, value(cursor, type, depth));
  }
}

/**
 * Reads a struct that begins at an offset.
 *
 * @returns The struct, and where it ends.
 * @throws {SyntaxError} If it is malformed, or states a length beyond the end.
 *
 * @example Field 1 is the 32-bit integer 3
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readThrift } from "./thrift.ts";
 *
 * assertEquals(readThrift(new Uint8Array([0x15, 6, 0]), 0), { fields: new Map([[1, 3]]), end: 3 });
 * ```
 */
export function readThrift(
  bytes: Uint8Array,
  at: number,
): { readonly fields: ThriftStruct; readonly end: number } {
  const cursor: Cursor = { bytes, at, values: 0 };
  const fields = struct(cursor, 0);
  return { fields, end: cursor.at };
}

/**
 * An integer field that is not negative.
 *
 * @throws {SyntaxError} If it is missing or something else.
 */
export function count(fields: ThriftStruct, id: number, what: string): number {
  const found = fields.get(id);
  if (typeof found === "number" && Number.isSafeInteger(found) && found >= 0) return found;
  throw new SyntaxError(`${what} is ${found === undefined ? "missing" : "no count"}`);
}

/**
 * A struct field.
 *
 * @throws {SyntaxError} If it is missing or something else.
 */
export function child(fields: ThriftStruct, id: number, what: string): ThriftStruct {
  const found = fields.get(id);
  if (found instanceof Map) return found;
  throw new SyntaxError(`${what} is missing`);
}

/**
 * A field that is a list of structs.
 *
 * @throws {SyntaxError} If it is missing or something else.
 */
export function children(fields: ThriftStruct, id: number, what: string): readonly ThriftStruct[] {
  const found = fields.get(id);
  if (Array.isArray(found) && found.every((item) => item instanceof Map)) return found;
  throw new SyntaxError(`${what} are missing`);
}
