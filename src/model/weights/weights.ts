/**
 * The weights of a model directory: one `model.safetensors`, or shards that `model.safetensors.index.json` lists.
 *
 * @module
 */

import { z } from "zod";
import { fileSource } from "../../byte_source.ts";
import type { ModelConfig } from "../config/mod.ts";
import { EMBEDDING, HEAD, parameterShapes } from "../config/mod.ts";
import { toBfloat16 } from "../../bfloat16.ts";
import type { StoredTensor } from "./safetensors.ts";
import { noTensor, openSafetensors, type TensorSource } from "./tensor_source.ts";

/** The file of weights that are not sharded. */
export const WEIGHTS_FILE = "model.safetensors";

/** The file that says which shard holds which tensor. */
export const INDEX_FILE = "model.safetensors.index.json";

/** Buffers that older exports hold beside the parameters; they follow from the configuration. */
const BUFFER = /\.rotary_emb\.inv_freq$/;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The shard of each tensor. */
async function readIndex(path: string): Promise<ReadonlyMap<string, string>> {
  const fail = (reason: string): never => {
    throw new SyntaxError(`Cannot read ${path}: ${reason}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return fail("it is not JSON");
  }
  const { data, error } = indexSchema.safeParse(value);
  if (!data) return fail(`${error.issues[0]?.path.join(".") || "the document"}: ${error.issues[0]?.message}`);
  for (const [tensor, file] of Object.entries(data.weight_map)) {
    if (!/^[\w.-]+\.safetensors$/.test(file) || file.startsWith(".")) {
      fail(`it places the tensor "${tensor}" in "${file}", expected a safetensors file of the same folder`);
    }
  }
  return new Map(Object.entries(data.weight_map));
}

/** The names of the weight files of a model directory, sorted. */
export async function weightFiles(directory: string): Promise<string[]> {
  if (await exists(`${directory}/${WEIGHTS_FILE}`)) return [WEIGHTS_FILE];
  if (!await exists(`${directory}/${INDEX_FILE}`)) {
    throw new Deno.errors.NotFound(
      `Cannot load ${directory}: it has no ${WEIGHTS_FILE} and no ${INDEX_FILE}`,
    );
  }
  return [...new Set((await readIndex(`${directory}/${INDEX_FILE}`)).values())].sort();
}

/** A tensor's source and the file it lies in. */
interface Placed {
  readonly source: TensorSource;
  readonly path: string;
  /** Its name in the file. */
  readonly stored: string;
}

async function placedTensors(directory: string): Promise<Map<string, Placed>> {
  const single = `${directory}/${WEIGHTS_FILE}`;
  if (await exists(single)) {
    const source = await openSafetensors(await fileSource(single));
    return new Map([...source.entries.keys()].map((name) => [name, { source, path: single, stored: name }]));
  }
  const files = await weightFiles(directory), index = await readIndex(`${directory}/${INDEX_FILE}`);
  const placed = new Map<string, Placed>();
  for (const file of files) {
    const path = `${directory}/${file}`;
    if (!await exists(path)) {
      throw new Deno.errors.NotFound(`Cannot load ${directory}: the shard ${file} is missing`);
    }
    const source = await openSafetensors(await fileSource(path));
    for (const name of source.entries.keys()) {
      if (index.get(name) !== file) {
        const listed = index.get(name) ?? "no file";
        throw new SyntaxError(`Cannot use ${path}: it holds "${name}", which the index places in ${listed}`);
      }
      placed.set(name, { source, path, stored: name });
    }
  }
  for (const [name, file] of index) {
    if (!placed.has(name)) {
      throw new SyntaxError(
        `Cannot use ${directory}/${file}: the tensor "${name}" is missing, which the index places there`,
      );
    }
  }
  return placed;
}

/**
 * Checks that tensors are those of an architecture.
 *
 * @param fileOf The file of a tensor, for error messages.
 * @throws {SyntaxError} If a tensor is missing, surplus, or of another shape or type.
 */
export function checkWeights(
  config: ModelConfig,
  entries: TensorSource["entries"],
  fileOf: (tensor: string) => string,
): void {
  const shapes = parameterShapes(config);
  for (const [tensor, shape] of shapes) {
    const stored = entries.get(tensor);
    if (!stored) {
      const hint = tensor === HEAD
        ? "; if the model ties it to the input embedding, config.json must say so: tie_word_embeddings true"
        : "";
      throw new SyntaxError(`Cannot use ${fileOf(tensor)}: the tensor "${tensor}" is missing${hint}`);
    }
    if (stored.shape.join() !== shape.join() || stored.dtype !== "float32") {
      const found = `${stored.dtype}[${stored.shape}]`;
      throw new SyntaxError(
        `Cannot use ${fileOf(tensor)}: "${tensor}" is ${found}, expected float32[${shape}]`,
      );
    }
  }
  for (const tensor of entries.keys()) {
    if (!shapes.has(tensor)) {
      throw new SyntaxError(
        `Cannot use ${fileOf(tensor)}: the tensor "${tensor}" is none of the model's${nameHint(tensor)}`,
      );
    }
  }
}

/** Roundings of the element types that the same embedding may be stored in. */
const roundings: readonly ((data: Float32Array) => Float32Array)[] = [
  (data) => data,
  (data) => new Float32Array(Uint32Array.from(toBfloat16(data), (half) => half << 16).buffer),
  (data) => new Float32Array(new Float16Array(data)),
];

function isSame(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

/**
 * Checks that a stored output embedding, of a model that ties it, is the input embedding; one of the two may be stored
 * in another element type.
 *
 * @throws {SyntaxError} If it is another one: where they differ.
 */
async function checkTied(placed: ReadonlyMap<string, Placed>, path: string): Promise<void> {
  const [head, embedding] = await Promise.all([HEAD, EMBEDDING].map((name) => {
    const found = placed.get(name);
    return found?.source.read(found.stored);
  }));
  if (!head || !embedding) return;
  const one = head.data as Float32Array, other = embedding.data as Float32Array;
  // Equal as they are, or one of them is the other rounded to its element type.
  const same = roundings.some((round) => isSame(one, round(other)) || isSame(other, round(one)));
  if (same) return;
  const at = one.findIndex((value, i) => value !== other[i]);
  throw new SyntaxError(
    `Cannot use ${path}: config.json's tie_word_embeddings is true, but "${HEAD}" is another tensor than "${EMBEDDING}": ` +
      (one.length === other.length
        ? `element ${at} is ${one[at]} and ${other[at]}`
        : `${head.shape} and ${embedding.shape}`) +
      "; set it to false in a copy of the model if the head is its own, or remove the head",
  );
}

/** What training wrappers write in front of a parameter's name, once or more. */
const WRAPPERS = /^(?:module\.|_orig_mod\.)+/;

/** Names of a decoder that was saved without the model around it. */
const BARE = /^(embed_tokens\.|layers\.\d+\.|norm\.)/;

/**
 * The tensors of a file under the names of the model's parameters: without what `torch.compile` and data-parallel
 * wrappers put in front, and with the `model.` that a decoder saved alone lacks, where all names agree about it.
 */
function underOwnNames(placed: ReadonlyMap<string, Placed>): Map<string, Placed> {
  const names = [...placed.keys()];
  const rename = names.every((name) => WRAPPERS.test(name))
    ? (name: string): string => name.replace(WRAPPERS, "")
    : (name: string): string => name;
  const bare = names.every((name) => BARE.test(rename(name)) || rename(name) === HEAD);
  const renamed = new Map(names.map((name) => {
    const own = rename(name);
    return [bare && own !== HEAD ? `model.${own}` : own, placed.get(name) as Placed]; // a name of the map
  }));
  return renamed.size === placed.size ? renamed : new Map(placed);
}

/** What a surplus tensor's name tells, for an error. */
function nameHint(tensor: string): string {
  if (WRAPPERS.test(tensor)) {
    return `; "${WRAPPERS.exec(tensor)?.[0]}" is a training wrapper's, and not all tensors have it`;
  }
  if (BARE.test(tensor)) return '; it lacks "model." in front, which others have';
  if (/\.lora_[AB]\./.test(tensor)) return "; it belongs to an adapter: merge that into the model";
  return "";
}

/**
 * A tensor whose numbers are all finite.
 *
 * @throws {SyntaxError} If one is not: the file, the tensor and the place.
 */
function checkFinite(tensor: StoredTensor, name: string, path: string): StoredTensor {
  const { data } = tensor;
  if (!(data instanceof Float32Array)) return tensor;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number; // within the array
    if (value - value !== 0) {
      throw new SyntaxError(`Cannot use ${path}: the tensor "${name}" holds ${value} at element ${i}`);
    }
  }
  return tensor;
}

/**
 * Opens the weights of a model directory, in the order of the parameters. Half precision is widened to float32 as it
 * is read. Two things that published checkpoints hold beside the parameters are left out: rotary buffers, and an output
 * embedding that equals the input embedding where the configuration ties them. A tensor with a number that is not finite
 * is refused when it is read.
 *
 * @throws {Deno.errors.NotFound} If a file is missing.
 * @throws {SyntaxError} If a file is damaged, or a tensor is missing, surplus, or of another shape or type: one line
 * that names the file and the tensor.
 */
export async function openWeights(directory: string, config: ModelConfig): Promise<TensorSource> {
  const placed = underOwnNames(await placedTensors(directory));
  for (const name of placed.keys()) if (BUFFER.test(name)) placed.delete(name);
  const head = placed.get(HEAD);
  if (config.tiedEmbeddings && head) {
    await checkTied(placed, head.path);
    placed.delete(HEAD);
  }
  const entryOf = (name: string): ReturnType<TensorSource["entries"]["get"]> => {
    const found = placed.get(name);
    return found?.source.entries.get(found.stored);
  };
  const names = [...new Set([...parameterShapes(config).keys(), ...placed.keys()])];
  const entries = new Map(names.flatMap((name) => {
    const entry = entryOf(name);
    return entry ? [[name, entry]] : [];
  }));
  checkWeights(config, entries, (tensor) => placed.get(tensor)?.path ?? directory);
  return {
    entries,
    read: async (name) => {
      const { source, path, stored } = placed.get(name) ?? noTensor(name);
      return checkFinite(await source.read(stored), name, path);
    },
  };
}
