/**
 * Named tensors that are read one at a time, wherever they lie: so the largest model needs no more memory than what it
 * computes with, plus one tensor.
 *
 * @module
 */

import { type ByteSource, bytesSource, type ByteStream } from "../../byte_source.ts";
import {
  fileTypeOf,
  readHeader,
  readTensor,
  safetensorsStream,
  type StoredTensor,
  type StoredTensors,
  type StoredType,
} from "./safetensors.ts";

/** Tensors by name, in a fixed order. */
export interface TensorSource {
  /** Element type and sizes of each tensor. */
  readonly entries: ReadonlyMap<string, { readonly dtype: StoredType; readonly shape: readonly number[] }>;
  /**
   * Reads a tensor. Whoever reads it may keep and change it.
   *
   * @throws {ReferenceError} If there is no such tensor.
   */
  read(name: string): Promise<StoredTensor>;
}

/** What happens when a tensor is asked for that is not there. */
export function noTensor(name: string): never {
  throw new ReferenceError(`Cannot read the tensor "${name}": there is none`);
}

/**
 * The tensors of a safetensors file.
 *
 * @throws {SyntaxError} If the header is damaged: one line that names the file and the tensor.
 */
export async function openSafetensors(source: ByteSource): Promise<TensorSource> {
  const entries = await readHeader(source);
  return {
    entries,
    read: async (name) => await readTensor(source, entries.get(name) ?? noTensor(name)),
  };
}

/** Tensors in memory as a source; reading copies. */
export function tensorsInMemory(tensors: StoredTensors): TensorSource {
  return {
    entries: tensors,
    read: (name) => {
      const { dtype, shape, data } = tensors.get(name) ?? noTensor(name);
      return Promise.resolve({ dtype, shape, data: data.slice() });
    },
  };
}

/** All tensors of a source. */
export async function readTensors(source: TensorSource): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const name of source.entries.keys()) tensors.set(name, await source.read(name));
  return tensors;
}

/** Reads a safetensors file in memory. */
export async function parseSafetensors(
  bytes: Uint8Array,
  name = "safetensors",
): Promise<Map<string, StoredTensor>> {
  return await readTensors(await openSafetensors(bytesSource(bytes, name)));
}

/** A source as a safetensors file: in its order, in its own element types, no metadata. */
export function storedStream(source: TensorSource): ByteStream {
  return safetensorsStream([...source.entries].map(([name, { dtype, shape }]) => ({
    name,
    type: fileTypeOf(dtype),
    shape,
    bytes: async () => {
      const { data } = await source.read(name);
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    },
  })));
}

/** The bytes of a safetensors file. */
export async function formatSafetensors(tensors: StoredTensors): Promise<Uint8Array<ArrayBuffer>> {
  const { size, pieces } = storedStream(tensorsInMemory(tensors));
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const piece of pieces()) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
