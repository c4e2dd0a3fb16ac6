/**
 * What inspecting a model of Qwen3-0.6B's exact shape takes on the CPU when its weights are read layer by layer: peak
 * memory against one layer and the output embedding, and seconds a layer and token.
 *
 *     deno run -A benchmarks/perf/inspection.ts [LAYERS] [TOKENS]
 *
 * Weights are random, tiles of one block of normal numbers, made when they are read. LAYERS is 28 and TOKENS 512 unless they are given.
 *
 * @module
 */

import { layerParameterNames } from "../../src/artifact/mod.ts";
import { layerParameter, parameterShapes, parseConfig, type TensorSource } from "../../src/model/mod.ts";
import { inspectSequences } from "../../src/policy/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { print } from "../../tasks/shared/command.ts";

const [layers = 28, tokens = 512] = Deno.args.map(Number);
const config = { ...parseConfig(await Deno.readTextFile("benchmarks/models/qwen3-0.6b.json")), layers };

/** The highest resident memory so far, in bytes. */
async function peakMemory(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]);
}

const shapes = parameterShapes(config), random = new RandomStream("inspection");
const bytes = (name: string): number => (shapes.get(name) ?? []).reduce((a, b) => a * b, 4);
const layer = layerParameterNames(config).reduce((sum, name) => sum + bytes(layerParameter(1, name)), 0);
const head = 4 * config.vocabularySize * config.hiddenSize;
const list = (count: number): number[] =>
  Array.from({ length: count }, () => random.integer(0, config.vocabularySize - 1));
const sequences = [{ prompt: list(32), response: list(tokens) }];
const threads = navigator.hardwareConcurrency, runtime = openRuntime({ provider: "cpu", threads });
const block = Float32Array.from({ length: 1 << 20 }, () => random.normal());
const weights: TensorSource = {
  entries: new Map([...shapes].map(([name, shape]) => [name, { dtype: "float32", shape }])),
  read: (name) => {
    const shape = shapes.get(name) ?? [], data = new Float32Array(bytes(name) / 4);
    const scale = shape.length === 1 ? 0 : 0.5 / Math.sqrt(shape[1] ?? 1);
    for (let at = 0; at < data.length; at += block.length) {
      data.set(block.subarray(0, data.length - at).map((value) => scale === 0 ? 1 : scale * value), at);
    }
    return Promise.resolve({ dtype: "float32", shape, data });
  },
};
const model = { name: "Qwen3-0.6B's shape", config, weights };
let reading = 0, first = 0;
await inspectSequences(runtime, model, sequences, {
  onLayer(_, layer) {
    // Layers of the second pass; the embedding comes before them.
    if (layer === 0) first = performance.now();
    else reading = performance.now() - first;
  },
});
const gibibytes = (size: number): string => `${(size / 2 ** 30).toFixed(2)} GiB`, peak = await peakMemory();
print(
  `${layers} layers, vocabulary ${config.vocabularySize}, hidden size ${config.hiddenSize}, ${tokens} tokens`,
);
print(`one layer ${gibibytes(layer)}, output embedding ${gibibytes(head)}, peak ${gibibytes(peak)}`);
print(`beyond one layer and the output embedding: ${gibibytes(peak - layer - head)}`);
print(
  `${
    (reading / layers / tokens).toFixed(1)
  } ms a layer and token on ${threads} threads, weights made included`,
);
