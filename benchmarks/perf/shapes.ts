/**
 * The models that are measured: the embedded one, and shapes with random weights, made once and kept in `.store/perf`.
 *
 * @module
 */

import {
  openWeights,
  parameterCount,
  parameterShapes,
  parseConfig,
  storedStream,
  type TensorSource,
  WEIGHTS_FILE,
} from "../../src/model/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { ShapeName } from "./work.ts";

/** A shape: the architecture that it changes, and what it changes. */
interface Shape {
  /** Where the architecture is. */
  readonly base: string;
  readonly changes: Readonly<Record<string, number>>;
}

const embedded = "benchmarks/model/config.json", qwen = "benchmarks/models/qwen3-0.6b.json";

const shapes: Readonly<Record<ShapeName, Shape>> = {
  embedded: { base: embedded, changes: {} },
  "vocabulary-32k": { base: embedded, changes: { vocab_size: 32_000 } },
  "vocabulary-128k": { base: embedded, changes: { vocab_size: 128_000 } },
  "96m": { base: qwen, changes: { num_hidden_layers: 4, vocab_size: 32_000 } },
  "0.6b": { base: qwen, changes: {} },
};

/** The `config.json` of a shape, as text. */
async function configText(name: ShapeName): Promise<string> {
  const { base, changes } = shapes[name];
  return JSON.stringify({ ...JSON.parse(await Deno.readTextFile(base)), torch_dtype: "float32", ...changes });
}

/** The number of a shape's parameters. */
export async function shapeParameters(name: ShapeName): Promise<number> {
  return parameterCount(parameterShapes(parseConfig(await configText(name))));
}

/** Random weights of a configuration: pieces of one block of normal numbers, 0.5/√fan-in in size; norms are 1. */
export function randomWeights(config: string): TensorSource {
  const sizes = parameterShapes(parseConfig(config)), random = new RandomStream("perf");
  const block = Float32Array.from({ length: 1 << 20 }, () => random.normal());
  return {
    entries: new Map([...sizes].map(([name, shape]) => [name, { dtype: "float32", shape }])),
    read: (name) => {
      const shape = sizes.get(name) ?? [], data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      const scale = 0.5 / Math.sqrt(shape[1] ?? 1);
      // Not the same pieces again and again: rows must differ.
      for (let at = 0; at < data.length;) {
        const from = random.integer(0, block.length / 2),
          piece = block.subarray(from, from + data.length - at);
        data.set(piece, at);
        at += piece.length;
      }
      for (let i = 0; i < data.length; i++) data[i] = shape.length === 1 ? 1 : scale * (data[i] ?? 0);
      return Promise.resolve({ dtype: "float32", shape, data });
    },
  };
}

/** Writes pieces to a file that is there only once it is whole. */
export async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const partial = `${path}.partial`;
  using file = await Deno.open(partial, { write: true, create: true, truncate: true });
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await Deno.rename(partial, path);
}

/** Is there such a file? */
export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The folder with a shape's `config.json` and `model.safetensors`; made if it is not there. */
export async function shapeDirectory(name: ShapeName): Promise<string> {
  if (name === "embedded") return "benchmarks/model";
  const directory = `.store/perf/${name}`, text = await configText(name);
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(`${directory}/config.json`, text);
  const path = `${directory}/${WEIGHTS_FILE}`;
  if (!await isThere(path)) await writeWhole(path, storedStream(randomWeights(text)).pieces());
  return directory;
}

/** The weights and the architecture of a folder. */
export async function openShape(
  directory: string,
): Promise<{ readonly config: ReturnType<typeof parseConfig>; readonly weights: TensorSource }> {
  const config = parseConfig(await Deno.readTextFile(`${directory}/config.json`));
  return { config, weights: await openWeights(directory, config) };
}
