/**
 * Writes a model as one GGUF file (version 3): header and metadata, a table of tensors, their elements, each aligned to
 * 32 bytes. One tensor is in memory at a time.
 *
 * @module
 */

import type { ByteStream } from "../../byte_source.ts";
import { writeFileAtomic } from "../../store.ts";
import { parseConfig } from "../config/mod.ts";
import { loadTokenizer, readTokenizerFiles } from "../tokenizer/mod.ts";
import { type CheckpointType, encodeElements, type TensorSource } from "../weights/mod.ts";
import { ggufMetadata } from "./metadata.ts";
import { type GgufTensor, ggufTensors } from "./tensors.ts";

interface Encoding {
  /** ggml's number of the element type. */
  readonly element: number;
  /** llama.cpp's number of a file whose matrices have it. */
  readonly file: number;
  readonly bytes: number;
}

const encodings: Readonly<Record<CheckpointType, Encoding>> = {
  float32: { element: 0, file: 0, bytes: 4 },
  float16: { element: 1, file: 1, bytes: 2 },
  bfloat16: { element: 30, file: 32, bytes: 2 },
};

/** llama.cpp computes with vectors (norms, biases, rotary factors) in float32 alone. */
const typeOf = ({ shape }: GgufTensor, type: CheckpointType): CheckpointType => {
  return shape.length === 1 ? "float32" : type;
};

const ALIGNMENT = 32;
const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
const sizeOf = (tensor: GgufTensor, type: CheckpointType): number => {
  return tensor.shape.reduce((a, b) => a * b, encodings[typeOf(tensor, type)].bytes);
};

/** The table of tensors: name, sizes from the innermost outwards, element type, place among the elements. */
function tensorTable(tensors: readonly GgufTensor[], type: CheckpointType): Uint8Array {
  const pieces: Uint8Array[] = [];
  const number = (value: number, bytes: 4 | 8): void => {
    const piece = new Uint8Array(bytes), view = new DataView(piece.buffer);
    if (bytes === 8) view.setBigUint64(0, BigInt(value), true);
    else view.setUint32(0, value, true);
    pieces.push(piece);
  };
  let place = 0;
  for (const tensor of tensors) {
    const name = new TextEncoder().encode(tensor.name);
    number(name.length, 8);
    pieces.push(name);
    number(tensor.shape.length, 4);
    for (const size of tensor.shape.toReversed()) number(size, 8);
    number(encodings[typeOf(tensor, type)].element, 4);
    number(place, 8);
    place += aligned(sizeOf(tensor, type));
  }
  const table = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of pieces) {
    table.set(piece, at);
    at += piece.length;
  }
  return table;
}

function stream(
  start: readonly Uint8Array[],
  tensors: readonly GgufTensor[],
  type: CheckpointType,
): ByteStream {
  const header = start.reduce((total, { length }) => total + length, 0);
  return {
    size: tensors.reduce((total, tensor) => total + aligned(sizeOf(tensor, type)), aligned(header)),
    async *pieces() {
      yield* start;
      yield new Uint8Array(aligned(header) - header);
      for (const tensor of tensors) {
        const { buffer, byteOffset, byteLength } = encodeElements[typeOf(tensor, type)](
          await tensor.elements(),
        );
        yield new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
        yield new Uint8Array(aligned(byteLength) - byteLength);
      }
    },
  };
}

/** A written file. */
export interface GgufFile {
  /** The number of its bytes. */
  readonly size: number;
  /** Whether llama.cpp tokenises texts as the model's tokenizer does; otherwise it must be given token ids. */
  readonly sameTokens: boolean;
}

/**
 * Writes a model as a GGUF file, which llama.cpp, Ollama and LM Studio load.
 *
 * @param base The directory of the model: configuration, tokenizer, chat template.
 * @param weights The parameters.
 * @param path The file; an existing one is replaced.
 * @param name How the file calls the model.
 * @throws {TypeError} If the tokenizer is not one of byte pairs, or config.json does not say how long sequences may be.
 */
export async function writeGguf(
  base: string,
  weights: TensorSource,
  path: string,
  { dtype, name }: { readonly dtype: CheckpointType; readonly name: string },
): Promise<GgufFile> {
  const config = parseConfig(await Deno.readTextFile(`${base}/config.json`));
  const tensors = ggufTensors(config, weights);
  const { metadata, sameTokens } = ggufMetadata({
    config,
    sources: await readTokenizerFiles(base),
    tokenizer: await loadTokenizer(base),
    name,
    fileType: encodings[dtype].file,
    tensors: tensors.length,
  });
  // Loaded late: other commands need not pay for it. The table of tensors follows the metadata without a gap.
  const { serializeGgufMetadata } = await import("@huggingface/gguf");
  const start = [serializeGgufMetadata(metadata, { alignment: 1 }), tensorTable(tensors, dtype)];
  const content = stream(start, tensors, dtype);
  await writeFileAtomic(path, content);
  return { size: content.size, sameTokens };
}
