/**
 * The safetensors format: a JSON header of names, types, shapes and offsets, then the elements.
 *
 * @module
 */

import { z } from "zod";
import type { ArrayTypes } from "../tensor/mod.ts";

/** Element types by safetensors name. */
const types = {
  F32: { dtype: "float32", array: Float32Array },
  F64: { dtype: "float64", array: Float64Array },
  I64: { dtype: "int64", array: BigInt64Array },
  I32: { dtype: "int32", array: Int32Array },
} as const;

type TypeName = keyof typeof types;

/** The element types of stored tensors. */
export type StoredType = "float32" | "float64" | "int64" | "int32";

/** One stored tensor. */
export interface StoredTensor {
  /** The element type. */
  readonly dtype: StoredType;
  /** The sizes, outermost first. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly data: ArrayTypes[StoredType];
}

/** Tensors by name, in the order of the file. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

const entrySchema = z.object({
  dtype: z.enum(Object.keys(types) as [TypeName]),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/**
 * Reads a safetensors file.
 *
 * @param bytes The whole file.
 * @param name The file's name for error messages.
 * @throws {SyntaxError} If the header is no JSON of the format, or a tensor does not fit the file or its shape.
 */
export function parseSafetensors(bytes: Uint8Array, name = "safetensors"): StoredTensors {
  const fail = (reason: string): never => {
    throw new SyntaxError(`Cannot read ${name}: ${reason}`);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a header`);
  const headerSize = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerSize > BigInt(bytes.length - 8)) fail(`its header claims ${headerSize} bytes of ${bytes.length}`);
  const start = 8 + Number(headerSize);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    fail("its header is no JSON");
  }
  const entries = z.record(z.string(), z.unknown()).safeParse(header);
  if (!entries.success) return fail("its header is no JSON object");
  const tensors = new Map<string, StoredTensor>();
  for (const [tensor, value] of Object.entries(entries.data)) {
    if (tensor === "__metadata__") continue;
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      return fail(`tensor "${tensor}" has an unusable ${entry.error.issues[0]?.path.join(".")}`);
    }
    const { dtype, shape, data_offsets: [from, to] } = entry.data;
    const { array, dtype: element } = types[dtype];
    const count = shape.reduce((a, b) => a * b, 1);
    if (to < from || start + to > bytes.length) fail(`tensor "${tensor}" lies outside the file`);
    if ((to - from) !== count * array.BYTES_PER_ELEMENT) {
      fail(`tensor "${tensor}" has ${to - from} bytes for [${shape}]`);
    }
    // A copy, because offsets need not be aligned to the element size.
    const data = new array(bytes.slice(start + from, start + to).buffer);
    tensors.set(tensor, { dtype: element, shape, data });
  }
  return tensors;
}

/** Writes tensors as a safetensors file: in the given order, elements aligned to 8 bytes, no metadata. */
export function formatSafetensors(tensors: StoredTensors): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, data }] of tensors) {
    const type = (Object.keys(types) as TypeName[]).find((key) => types[key].dtype === dtype);
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const encoded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + encoded.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  let at = 8 + encoded.length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
