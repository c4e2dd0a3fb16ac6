/**
 * Writes a checkpoint as a Hugging Face model directory, which transformers, vLLM and llama.cpp's converter load:
 * config.json, generation config and tokenizer files of the base model, weights in shards.
 *
 * @module
 */

import { toBfloat16 } from "../../bfloat16.ts";
import { type ByteStream, fileSource, streamOf } from "../../byte_source.ts";
import { writeFileAtomic } from "../../store.ts";
import { checkExportTarget, EXPORT_MARK, namesIn } from "./export_target.ts";
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
  /** Whether a model that no export wrote may be written over; default false. */
  readonly replace?: boolean;
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

/** A number of a JSON text that is written again as it was; not in TypeScript's library yet. */
const { rawJSON: rawJson } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

/** The base model's configuration with the element type of the checkpoint. */
async function configText(base: string, dtype: CheckpointType): Promise<string> {
  // Numbers stay as they are written: strict readers take 1000000.0 for a rotary base, and not 1000000.
  const asWritten = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" && context?.source !== undefined ? rawJson(context.source) : value;
  const config: Record<string, unknown> = JSON.parse(
    await Deno.readTextFile(`${base}/config.json`),
    asWritten,
  );
  // Newer exports call the field "dtype"; a file may have both, and readers take either.
  const fields = ["dtype", "torch_dtype"].filter((name) => Object.hasOwn(config, name));
  const types = Object.fromEntries(
    (fields.length > 0 ? fields : ["torch_dtype"]).map((name) => [name, dtype]),
  );
  return JSON.stringify({ ...config, ...types }, null, 2) + "\n";
}

/**
 * Writes a checkpoint as a model directory.
 *
 * @param base The directory of the model that was trained.
 * @param weights The parameters.
 * @param directory Where to write; an earlier export there is replaced, with all its weights.
 * @returns The names of the files.
 * @throws {RangeError} If another model lies there, and it is not to be replaced.
 */
export async function writeModelDirectory(
  base: string,
  weights: TensorSource,
  directory: string,
  { dtype, shardBytes = 5e9, replace = false }: CheckpointSettings,
): Promise<string[]> {
  if (!replace) await checkExportTarget(directory, base);
  const names: string[] = [];
  const write = async (name: string, content: string | ByteStream): Promise<void> => {
    await writeFileAtomic(`${directory}/${name}`, content);
    names.push(name);
  };
  /** Weights of an earlier model: a loader would take them. */
  const removeOthers = async (): Promise<void> => {
    for (const name of await namesIn(directory)) {
      const weights = name.endsWith(".safetensors") || name === INDEX_FILE;
      if (weights && !names.includes(name)) await Deno.remove(`${directory}/${name}`);
    }
  };
  const mark = { writtenBy: "deno task export", dtype };
  await write(EXPORT_MARK, JSON.stringify(mark) + "\n");
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
    await removeOthers();
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
  await removeOthers();
  await write(INDEX_FILE, JSON.stringify(index, null, 2) + "\n");
  return names;
}
