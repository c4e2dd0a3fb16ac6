/**
 * Writes a checkpoint as a Hugging Face model directory, which transformers, vLLM and llama.cpp's converter load:
 * config.json, generation config and tokenizer files of the base model, weights in shards.
 *
 * @module
 */

import { toBfloat16 } from "../../bfloat16.ts";
import { type ByteStream, fileSource, streamOf } from "../../byte_source.ts";
import { writeFileAtomic } from "../../store.ts";
import { type FileType, type PendingTensor, safetensorsStream } from "./safetensors.ts";
import type { TensorSource } from "./tensor_source.ts";
import { INDEX_FILE, WEIGHTS_FILE } from "./weights.ts";

/** Element types of a written checkpoint. */
export type CheckpointType = "float32" | "float16" | "bfloat16";

const fileTypes: Readonly<Record<CheckpointType, FileType>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

/** Float32 elements as a file holds them, rounded to nearest, ties to even. */
export const encodeElements: Readonly<Record<CheckpointType, (data: Float32Array) => ArrayBufferView>> = {
  float32: (data) => data,
  float16: (data) => new Float16Array(data),
  bfloat16: toBfloat16,
};

/** Files of the base model that belong to every checkpoint, where they are present. */
const copied = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
] as const;

/** How a checkpoint is written. */
export interface CheckpointSettings {
  /** The element type. */
  readonly dtype: CheckpointType;
  /** The most bytes of a shard's tensors; a larger tensor has a shard of its own. Default 5 GB. */
  readonly shardBytes?: number;
}

function pending(source: TensorSource, name: string, dtype: CheckpointType): PendingTensor {
  const shape = source.entries.get(name)?.shape ?? [];
  return {
    name,
    type: fileTypes[dtype],
    shape,
    bytes: async () => {
      const { buffer, byteOffset, byteLength } = encodeElements[dtype](
        (await source.read(name)).data as Float32Array,
      );
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    },
  };
}

/** Cuts tensors into shards of at most a number of bytes, in order. */
function cutShards(tensors: readonly PendingTensor[], width: number, most: number): PendingTensor[][] {
  const shards: PendingTensor[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const size = tensor.shape.reduce((a, b) => a * b, width);
    if (filled > 0 && filled + size > most) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += size;
  }
  return shards;
}

/** The base model's configuration with the element type of the checkpoint. */
async function configText(base: string, dtype: CheckpointType): Promise<string> {
  const config: Record<string, unknown> = JSON.parse(await Deno.readTextFile(`${base}/config.json`));
  // Newer exports call the field "dtype"; whoever reads one of the two finds it.
  const field = Object.hasOwn(config, "dtype") ? "dtype" : "torch_dtype";
  return JSON.stringify({ ...config, [field]: dtype }, null, 2) + "\n";
}

/**
 * Writes a checkpoint as a model directory.
 *
 * @param base The directory of the model that was trained.
 * @param weights The parameters.
 * @param directory Where to write; existing files are replaced.
 * @returns The names of the files.
 */
export async function writeModelDirectory(
  base: string,
  weights: TensorSource,
  directory: string,
  { dtype, shardBytes = 5e9 }: CheckpointSettings,
): Promise<string[]> {
  const names: string[] = [];
  const write = async (name: string, content: string | ByteStream): Promise<void> => {
    await writeFileAtomic(`${directory}/${name}`, content);
    names.push(name);
  };
  await write("config.json", await configText(base, dtype));
  const present = new Set((await Array.fromAsync(Deno.readDir(base))).map(({ name }) => name));
  for (const name of copied) {
    if (present.has(name)) await write(name, streamOf(await fileSource(`${base}/${name}`)));
  }
  const tensors = [...weights.entries.keys()].map((name) => pending(weights, name, dtype));
  const width = dtype === "float32" ? 4 : 2, shards = cutShards(tensors, width, shardBytes);
  const metadata = { format: "pt" }; // transformers refuses a file without it
  if (shards.length === 1) {
    await write(WEIGHTS_FILE, safetensorsStream(tensors, metadata));
    return names;
  }
  const map: Record<string, string> = {};
  const number = (value: number): string => `${value}`.padStart(5, "0");
  for (const [i, shard] of shards.entries()) {
    const file = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    for (const { name } of shard) map[name] = file;
    await write(file, safetensorsStream(shard, metadata));
  }
  const total = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, width), 0);
  const index = { metadata: { total_size: total }, weight_map: map };
  await write(INDEX_FILE, JSON.stringify(index, null, 2) + "\n");
  return names;
}
