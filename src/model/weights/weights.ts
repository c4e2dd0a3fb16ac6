/**
 * The weights of a model directory: one `model.safetensors`, or shards that `model.safetensors.index.json` lists.
 *
 * @module
 */

import { z } from "zod";
import { fileSource } from "../../byte_source.ts";
import type { ModelConfig } from "../config/mod.ts";
import { EMBEDDING, HEAD, parameterShapes } from "../config/mod.ts";
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
}

async function placedTensors(directory: string): Promise<Map<string, Placed>> {
  const single = `${directory}/${WEIGHTS_FILE}`;
  if (await exists(single)) {
    const source = await openSafetensors(await fileSource(single));
    return new Map([...source.entries.keys()].map((name) => [name, { source, path: single }]));
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
      placed.set(name, { source, path });
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
    if (!stored) throw new SyntaxError(`Cannot use ${fileOf(tensor)}: the tensor "${tensor}" is missing`);
    if (stored.shape.join() !== shape.join() || stored.dtype !== "float32") {
      const found = `${stored.dtype}[${stored.shape}]`;
      throw new SyntaxError(
        `Cannot use ${fileOf(tensor)}: "${tensor}" is ${found}, expected float32[${shape}]`,
      );
    }
  }
  for (const tensor of entries.keys()) {
    if (!shapes.has(tensor)) {
      throw new SyntaxError(`Cannot use ${fileOf(tensor)}: the tensor "${tensor}" is none of the model's`);
    }
  }
}

/** Is a stored output embedding, of a model that ties it, the input embedding? */
async function isTied(placed: ReadonlyMap<string, Placed>): Promise<boolean> {
  const [head, embedding] = await Promise.all(
    [HEAD, EMBEDDING].map((name) => placed.get(name)?.source.read(name)),
  );
  if (!head || !embedding || head.data.length !== embedding.data.length) return false;
  const other = embedding.data;
  return (head.data as Float32Array).every((value, i) => value === other[i]);
}

/**
 * Opens the weights of a model directory, in the order of the parameters. Half precision is widened to float32 as it
 * is read. Two things that published checkpoints hold beside the parameters are left out: rotary buffers, and an output
 * embedding that equals the input embedding where the configuration ties them.
 *
 * @throws {Deno.errors.NotFound} If a file is missing.
 * @throws {SyntaxError} If a file is damaged, or a tensor is missing, surplus, or of another shape or type: one line
 * that names the file and the tensor.
 */
export async function openWeights(directory: string, config: ModelConfig): Promise<TensorSource> {
  const placed = await placedTensors(directory);
  for (const name of placed.keys()) if (BUFFER.test(name)) placed.delete(name);
  if (config.tiedEmbeddings && placed.has(HEAD) && await isTied(placed)) placed.delete(HEAD);
  const entryOf = (name: string): ReturnType<TensorSource["entries"]["get"]> =>
    placed.get(name)?.source.entries.get(name);
  const names = [...new Set([...parameterShapes(config).keys(), ...placed.keys()])];
  const entries = new Map(names.flatMap((name) => {
    const entry = entryOf(name);
    return entry ? [[name, entry]] : [];
  }));
  checkWeights(config, entries, (tensor) => placed.get(tensor)?.path ?? directory);
  return {
    entries,
    read: async (name) => await (placed.get(name) ?? noTensor(name)).source.read(name),
  };
}
