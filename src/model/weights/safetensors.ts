/**
 * The safetensors format: a JSON header of names, types, shapes and offsets, then the elements.
 *
 * @module
 */

import { z } from "zod";
import type { ByteSource, ByteStream } from "../../byte_source.ts";
import type { ArrayTypes } from "../../tensor/mod.ts";

/** Element types that tensors have in memory. */
export type StoredType = "float32" | "float64" | "int64" | "int32";

/** Element types in a file. */
export type FileType = "F32" | "F64" | "I64" | "I32" | "F16" | "BF16";

/** One tensor in memory. */
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

/** How a file's elements become a tensor's, and back. */
interface Encoding {
  readonly dtype: StoredType;
  readonly bytes: number;
  readonly decode: (buffer: ArrayBuffer) => ArrayTypes[StoredType];
}

/** The upper half of a float32 is a bfloat16. */
function decodeBfloat16(buffer: ArrayBuffer): Float32Array {
  const halves = new Uint16Array(buffer), bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16; // within the array
  return new Float32Array(bits.buffer);
}

/** The element types by their name in a file. Half precision is widened to float32, which loses nothing. */
const encodings: Readonly<Record<FileType, Encoding>> = {
  F32: { dtype: "float32", bytes: 4, decode: (buffer) => new Float32Array(buffer) },
  F64: { dtype: "float64", bytes: 8, decode: (buffer) => new Float64Array(buffer) },
  I64: { dtype: "int64", bytes: 8, decode: (buffer) => new BigInt64Array(buffer) },
  I32: { dtype: "int32", bytes: 4, decode: (buffer) => new Int32Array(buffer) },
  F16: { dtype: "float32", bytes: 2, decode: (buffer) => new Float32Array(new Float16Array(buffer)) },
  BF16: { dtype: "float32", bytes: 2, decode: decodeBfloat16 },
};

const own: Readonly<Record<StoredType, FileType>> = {
  float32: "F32",
  float64: "F64",
  int64: "I64",
  int32: "I32",
};

/** A tensor's place in a file. */
export interface StoredEntry {
  /** The element type in the file. */
  readonly type: FileType;
  /** The element type once read. */
  readonly dtype: StoredType;
  /** The sizes, outermost first. */
  readonly shape: readonly number[];
  /** Where its bytes begin, from the start of the file. */
  readonly start: number;
  /** Where they end. */
  readonly end: number;
}

/** The first bytes of a Git LFS pointer: `version https://git-lfs.github.com/spec/v1`. */
const LFS_START = "version ";

/** The longest header that is read; that of a model of a thousand layers is a few megabytes. */
const HEADER_LIMIT = 100_000_000;

const entrySchema = z.object({
  dtype: z.enum(Object.keys(encodings) as [FileType]),
  shape: z.array(z.int().nonnegative()).max(8),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/**
 * Reads the header of a safetensors file: where each tensor lies, in the order of the header.
 *
 * @throws {SyntaxError} If the header is no JSON of the format, a tensor does not fit the file or its shape, or two
 * tensors overlap: one line that names the file and the tensor.
 */
export async function readHeader(source: ByteSource): Promise<ReadonlyMap<string, StoredEntry>> {
  const { name, size } = source;
  const fail = (reason: string): never => {
    throw new SyntaxError(`Cannot read ${name}: ${reason}`);
  };
  if (size < 8) fail(`${size} bytes are too few for a header`);
  const start = await source.read(0, 8);
  if (new TextDecoder().decode(start) === LFS_START) {
    fail(
      "it is a Git LFS pointer, not the file that it stands for; fetch that with `git lfs pull`, or download it",
    );
  }
  const headerSize = new DataView(start.buffer).getBigUint64(0, true);
  if (headerSize > BigInt(size - 8)) fail(`its header claims ${headerSize} bytes of ${size}`);
  if (headerSize > BigInt(HEADER_LIMIT)) {
    fail(`its header has ${headerSize} bytes, expected at most ${HEADER_LIMIT}`);
  }
  const data = 8 + Number(headerSize);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await source.read(8, data)));
  } catch {
    fail("its header is no JSON");
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(header);
  if (!parsed.success) return fail("its header is no JSON object");
  const entries = new Map<string, StoredEntry>();
  for (const [tensor, value] of Object.entries(parsed.data)) {
    if (tensor === "__metadata__") continue;
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      const [issue] = entry.error.issues;
      return fail(
        `tensor "${tensor}" has an unusable ${issue?.path.join(".") || "entry"}: ${issue?.message}`,
      );
    }
    const { dtype: type, shape, data_offsets: [from, to] } = entry.data;
    const { dtype, bytes } = encodings[type];
    const count = shape.reduce((a, b) => a * b, 1);
    if (to < from || data + to > size) fail(`tensor "${tensor}" lies outside the file`);
    if (to - from !== count * bytes) fail(`tensor "${tensor}" has ${to - from} bytes for ${type}[${shape}]`);
    entries.set(tensor, { type, dtype, shape, start: data + from, end: data + to });
  }
  const placed = [...entries].filter(([, { start, end }]) => end > start).sort(([, a], [, b]) =>
    a.start - b.start
  );
  placed.forEach(([tensor, { start }], i) => {
    const before = placed[i - 1];
    if (before && before[1].end > start) fail(`tensor "${tensor}" overlaps "${before[0]}"`);
  });
  return entries;
}

/** Reads one tensor of a safetensors file; half precision is widened to float32. */
export async function readTensor(
  source: ByteSource,
  { type, dtype, shape, start, end }: StoredEntry,
): Promise<StoredTensor> {
  return { dtype, shape, data: encodings[type].decode((await source.read(start, end)).buffer) };
}

/** A tensor that is still to be written. */
export interface PendingTensor {
  /** The name. */
  readonly name: string;
  /** The element type in the file. */
  readonly type: FileType;
  /** The sizes, outermost first. */
  readonly shape: readonly number[];
  /** The elements, encoded as the type says. */
  bytes(): Promise<Uint8Array>;
}

/** The element type in which a tensor is written unchanged. */
export function fileTypeOf(dtype: StoredType): FileType {
  return own[dtype];
}

/**
 * A safetensors file: the tensors in the given order, the header padded so that elements are aligned to 8 bytes. Only
 * one tensor is in memory at a time.
 *
 * @param metadata Texts for the header's `__metadata__`.
 */
export function safetensorsStream(
  tensors: readonly PendingTensor[],
  metadata?: Readonly<Record<string, string>>,
): ByteStream {
  let offset = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  const sizes = tensors.map(({ name, type, shape }) => {
    const size = shape.reduce((a, b) => a * b, encodings[type].bytes);
    header[name] = { dtype: type, shape, data_offsets: [offset, offset += size] };
    return size;
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(text, 8);
  return {
    size: start.length + offset,
    async *pieces() {
      yield start;
      for (const [i, tensor] of tensors.entries()) {
        const bytes = await tensor.bytes();
        if (bytes.length !== sizes[i]) {
          throw new RangeError(
            `Cannot write "${tensor.name}": it has ${bytes.length} bytes, expected ${sizes[i]}`,
          );
        }
        yield bytes;
      }
    },
  };
}
