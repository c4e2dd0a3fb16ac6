import { assert } from "@std/assert";
import {
  cachedAttention,
  copyGraph,
  evaluationGraph,
  prefillGraph,
  rolloutGraph,
  trainingGraph,
} from "../../src/artifact/mod.ts";
import {
  initializeWeights,
  parameterBlocks,
  type ParameterLayout,
  parameterType,
  plainLayout,
  rmsNorm,
  rotary,
  rotate,
} from "../../src/model/mod.ts";
import { computesIn } from "../../src/runtime/mod.ts";
import { input } from "../../src/tensor/mod.ts";
import { objective, tinyConfig } from "../rl/tiny_model.ts";
import { assertClose, fill, float32, int32, int64, type NamedValues, runGraph } from "./graphs.ts";
import { cpu, providers, testEach } from "./providers.ts";

const size = { batch: 3, sequence: 5, capacity: 6, prompts: 2, prompt_slots: 5 };

/** Two sequences of different lengths and a packed pair. */
const tokens: NamedValues = {
  input_ids: int64([3, 5], [3, 7, 1, 9, 4, 2, 2, 39, 0, 0, 5, 6, 8, 11, 30]),
  target_ids: int64([3, 5], [7, 1, 9, 4, 0, 2, 39, 0, 0, 0, 6, 0, 11, 30, 0]),
  position_ids: int64([3, 5], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 0, 1, 2]),
  segment_ids: int64([3, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2]),
};

const families = (["qwen3", "qwen2", "llama"] as const).map((family) => tinyConfig({ family, layers: 2 }));

const weightsOf = (config: typeof families[number]): NamedValues =>
  Object.fromEntries([...initializeWeights(config, 3)].map(([name, { shape, data }]) => {
    return [name, float32(shape, data as Float32Array)];
  }));

/** Weights as graphs of a layout read them. */
function blocksOf(weights: NamedValues, layout: ParameterLayout): NamedValues {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([parameter, { shape, data }]) =>
      parameterBlocks(parameter, shape, layout).map((block) => {
        const width = block.shape.slice(1).reduce((a, b) => a * b, 1);
        const elements = (data as Float32Array).slice(block.start * width, block.end * width);
        return [
          block.name,
          parameterType(parameter, shape, layout) === "float16"
            ? { dtype: "float16", shape: block.shape, data: new Float16Array(elements) }
            : float32(block.shape, elements),
        ];
      })
    ),
  );
}

testEach("rmsNorm() and rotate() compute their definitions by kernel", async (runtime) => {
  const x = input("x", "float32", ["batch", "sequence", 16]), gain = input("gain", "float32", [16]);
  const heads = input("heads", "float32", ["batch", 4, "sequence", 8]);
  const positions = input("position_ids", "int64", ["batch", "sequence"]);
  const outputs = {
    norm: rmsNorm(x, gain, 1e-6),
    turned: rotate(heads, rotary(positions, [1, 0.3, 0.05, 0.001])),
  };
  const graph = { name: "blocks", inputs: [x, gain, heads, positions], outputs };
  const values = fill(graph, { position_ids: tokens.position_ids as never }, size);
  const expected = await runGraph(cpu, graph, values);
  for (const fused of [new Set<string>(), new Set(["RmsNorm", "Rotate"])]) {
    assertClose(await runGraph(runtime, { ...graph, fused }, values), expected, 1e-5);
  }
});

testEach("cachedAttention() computes its definition by kernel, at any position of a row", async (runtime) => {
  const of = (name: string, heads: number) => input(name, "float32", ["batch", heads, 1, 16]);
  const cache = (name: string) => input(name, "float32", ["batch", 2, "capacity", 16]);
  const query = of("query", 4), key = of("key", 2), value = of("value", 2);
  const keys = cache("keys"), values = cache("values");
  const positions = input("positions", "int32", ["batch"]), slots = input("slots", "int32", ["capacity"]);
  const capacity = input("capacity_size", "int32", []);
  const own = { keys, values };
  const [y, newKeys, newValues] = cachedAttention(query, key, value, own, positions, slots, capacity);
  assert(y && newKeys && newValues);
  const inputs = [query, key, value, keys, values, positions, slots, capacity];
  const graph = {
    name: "attention",
    inputs,
    outputs: { y, "key_cache.out": newKeys, "value_cache.out": newValues },
  };
  for (const at of [[0, 2, 5], [5, 0, 0], [1, 1, 1]]) {
    const given = { positions: int32(at), slots: int32([0, 1, 2, 3, 4, 5]), capacity_size: int32([6], []) };
    const filled = fill(graph, given, size), expected = await runGraph(cpu, graph, filled);
    const seen = (name: string, i: number): boolean =>
      name === "y" || Math.floor(i / 16) % 6 <= (at[Math.floor(i / (2 * 6 * 16))] ?? NaN);
    for (const fused of [new Set<string>(), new Set(["CachedAttention"])]) {
      assertClose(await runGraph(runtime, { ...graph, fused }, filled), expected, 1e-5, seen);
    }
  }
});

testEach("evaluation and training graphs of each family compute what the CPU computes", async (runtime) => {
  for (const config of families) {
    const given = { ...tokens, ...weightsOf(config), temperature: float32([], [0.7]) };
    const reset = { reset_gradient: { dtype: "bool", shape: [], data: Uint8Array.of(1) } } as const;
    for (
      const graph of [
        evaluationGraph(config, 1),
        trainingGraph({ config, policy: "full", objective }),
        trainingGraph({ config, policy: 1, objective }),
        evaluationGraph(config, 1, plainLayout, 2),
        trainingGraph({ config, policy: "full", objective, attentionBlock: 2 }),
      ]
    ) {
      const values = fill(graph, { ...given, ...reset }, size);
      assertClose(await runGraph(runtime, graph, values), await runGraph(cpu, graph, values), 5e-5);
    }
  }
});

testEach("graphs whose embeddings lie in blocks of rows compute what the CPU computes", async (runtime) => {
  const config = tinyConfig({ layers: 2, tied: false });
  const layout = { precision: "float32", largestTensor: 11 * 32 * 4 } as const;
  const given = {
    ...tokens,
    ...blocksOf(weightsOf(config), layout),
    temperature: float32([], [0.7]),
    reset_gradient: { dtype: "bool", shape: [], data: Uint8Array.of(1) } as const,
  };
  for (
    const graph of [
      evaluationGraph(config, 1, layout),
      trainingGraph({ config, policy: "full", objective, layout }),
    ]
  ) {
    const values = fill(graph, given, size);
    assertClose(await runGraph(runtime, graph, values), await runGraph(cpu, graph, values), 5e-5);
  }
});

for (const { name, runtime, reason } of providers) {
  const able = runtime !== undefined && await computesIn(runtime, "float16");
  Deno.test({
    name: `${name}: float16 graphs compute what float32 graphs compute on the CPU${
      runtime && !able ? " (ignored: the adapter has no 16-bit arithmetic)" : reason
    }`,
    ignore: !able,
    fn: async () => {
      if (!runtime) return;
      const layout = { precision: "float16", largestTensor: Infinity } as const;
      for (const config of families) {
        const plain = { ...tokens, ...weightsOf(config), temperature: float32([], [0.7]) };
        const half = { ...plain, ...blocksOf(weightsOf(config), layout) };
        const values = fill(evaluationGraph(config, 1), plain, size);
        const expected = await runGraph(cpu, evaluationGraph(config, 1), values);
        const graph = evaluationGraph(config, 1, layout);
        assertClose(await runGraph(runtime, graph, { ...values, ...half }), expected, 1e-2);
      }
    },
  });
}

testEach("a decoding step of each family computes what the CPU computes", async (runtime) => {
  for (const config of families) {
    const graph = rolloutGraph(config);
    const at = [4, 0, 2],
      given = {
        ...weightsOf(config),
        tokens: int64([3], [3, 7, 11]),
        positions: int32(at),
        noise: float32([3], [0.1, 0.5, 0.9]),
        temperature: float32([], [0.7]),
        slots: int32([0, 1, 2, 3, 4, 5]),
        capacity_size: int32([6], []),
      };
    const values = fill(graph, given, size);
    const seen = (name: string, i: number): boolean =>
      !name.includes("cache") || Math.floor(i / 16) % 6 <= (at[Math.floor(i / (2 * 6 * 16))] ?? NaN);
    assertClose(await runGraph(runtime, graph, values), await runGraph(cpu, graph, values), 2e-5, seen);
  }
});

testEach(
  "passes over prompts and their copies of each family compute what the CPU computes",
  async (runtime) => {
    for (const config of families) {
      const slots = int64([5], [0, 1, 2, 3, 4]);
      const given = {
        ...weightsOf(config),
        tokens: int64([3, 4], [4, 39, 0, 8, 3, 3, 17, 2, 9, 1, 1, 30]),
        positions: int64([4], [1, 2, 3, 4]),
        rows: int64([3], [0, 1, 2]),
        slots,
      };
      const copies = { sources: int64([2], [1, 1]), rows: int64([2], [2, 0]), slots };
      for (const [graph, values] of [[prefillGraph(config), given], [copyGraph(config), copies]] as const) {
        const filled = fill(graph, values, size);
        assertClose(await runGraph(runtime, graph, filled), await runGraph(cpu, graph, filled), 2e-5);
      }
    }
  },
);
