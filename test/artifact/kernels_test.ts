import { assert, assertEquals, assertLess } from "@std/assert";
import {
  cachedAttention,
  copyGraph,
  evaluationGraph,
  prefillGraph,
  rolloutGraph,
  trainingGraph,
  writeSlots,
} from "../../src/artifact/mod.ts";
import {
  blockedKernels,
  initializeWeights,
  type ModelConfig,
  plainLayout,
  rmsNorm,
  rotary,
  rotate,
} from "../../src/model/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { DeviceTensor, DeviceTensors } from "../../src/runtime/mod.ts";
import { type DataType, type Graph, input, inputName, print, toOnnx } from "../../src/tensor/mod.ts";
import { objective, place, runtime, tinyConfig } from "../rl/tiny_model.ts";

const size: Readonly<Record<string, number>> = {
  batch: 3,
  sequence: 5,
  capacity: 6,
  prompts: 2,
  prompt_slots: 5,
};

/** Feeds by name; normal numbers for every float input that has none. */
function feedsOf(graph: Graph, given: Readonly<Record<string, DeviceTensor>>): Record<string, DeviceTensor> {
  const random = new RandomStream("kernels", graph.name);
  return Object.fromEntries(graph.inputs.map((tensor) => {
    const name = inputName(tensor), known = given[name];
    if (known) return [name, known];
    const shape = tensor.shape.map((dim) => typeof dim === "number" ? dim : size[dim] ?? NaN);
    assertEquals<DataType>(tensor.dtype, "float32", name);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
    return [name, runtime.upload("float32", shape, data)];
  }));
}

/**
 * Asserts that a graph with its kernels computes what it computes without any, to 1e-5 of each output's largest value.
 * Of a cache `[batch, heads, capacity, d]` that decoding writes, only the slots up to a row's position count: nothing
 * reads the others.
 *
 * @param constants Weights with which the graph is also bound, and must compute the same.
 */
async function assertKernels(
  graph: Graph,
  kernels: readonly string[],
  given: Readonly<Record<string, DeviceTensor>> = {},
  constants?: DeviceTensors,
): Promise<void> {
  const positions = given.capacity_size && given.positions
    ? Array.from(await given.positions.download(), Number)
    : [];
  const used = graph.fused ?? new Set(kernels), feeds = feedsOf(graph, given);
  for (const kernel of kernels) {
    assert(print({ ...graph, fused: used }).includes(`= ${kernel}(`), `${graph.name} does not use ${kernel}`);
    assert(!print({ ...graph, fused: new Set() }).includes(`= ${kernel}(`));
  }
  const run = async (fused: ReadonlySet<string>, constants?: DeviceTensors) => {
    const bytes = toOnnx({ ...graph, fused });
    const session = constants
      ? await (await runtime.prepare(bytes)).bind(constants)
      : await runtime.load(bytes);
    const given = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as DeviceTensor]));
    const entries = Object.entries(await session.run(given)).map(async ([name, tensor]) => {
      const [, heads = 1, slots = 1, width = 1] = tensor.shape;
      const seen = (_: number, i: number): boolean => {
        const row = Math.floor(i / (heads * slots * width)), slot = Math.floor(i / width) % slots;
        return !name.includes("cache") || positions.length === 0 || slot <= (positions[row] ?? NaN);
      };
      return [name, Array.from(await tensor.download(), Number).filter(seen)] as const;
    });
    const values: Record<string, number[]> = Object.fromEntries(await Promise.all(entries));
    await session.dispose();
    return values;
  };
  const expected = await run(new Set());
  for (const actual of [await run(used), ...constants ? [await run(used, constants)] : []]) {
    for (const [name, values] of Object.entries(expected)) {
      const scale = Math.max(1, ...values.map(Math.abs));
      const worst = Math.max(...values.map((value, i) => Math.abs(value - (actual[name]?.[i] ?? NaN))));
      assertLess(worst / scale, 1e-5, `${graph.name}: ${name}`);
    }
  }
}

const integers = (shape: readonly number[], values: readonly number[]): DeviceTensor =>
  runtime.upload("int64", shape, BigInt64Array.from(values, BigInt));
const small = (values: readonly number[], shape = [values.length]): DeviceTensor =>
  runtime.upload("int32", shape, Int32Array.from(values));
const temperature = runtime.upload("float32", [], Float32Array.of(0.7));

/** Two sequences of different lengths and a packed pair. */
const tokens = {
  input_ids: integers([3, 5], [3, 7, 1, 9, 4, 2, 2, 39, 0, 0, 5, 6, 8, 11, 30]),
  target_ids: integers([3, 5], [7, 1, 9, 4, 0, 2, 39, 0, 0, 0, 6, 0, 11, 30, 0]),
  position_ids: integers([3, 5], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 0, 1, 2]),
  segment_ids: integers([3, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2]),
};

Deno.test("rmsNorm() and rotate() compute their definitions by kernel", async () => {
  const x = input("x", "float32", ["batch", "sequence", 16]), gain = input("gain", "float32", [16]);
  await assertKernels({ name: "norm", inputs: [x, gain], outputs: { y: rmsNorm(x, gain, 1e-6) } }, [
    "RmsNorm",
  ]);
  const heads = input("x", "float32", ["batch", 4, "sequence", 8]);
  const positions = input("position_ids", "int64", ["batch", "sequence"]);
  const y = rotate(heads, rotary(positions, [1, 0.3, 0.05, 0.001]));
  await assertKernels({ name: "rotate", inputs: [heads, positions], outputs: { y } }, ["Rotate"], tokens);
});

Deno.test("cachedAttention() computes its definition by kernel, at any position of a row", async () => {
  const of = (name: string, heads: number) => input(name, "float32", ["batch", heads, 1, 16]);
  const cache = (name: string) => input(name, "float32", ["batch", 2, "capacity", 16]);
  const query = of("query", 4), key = of("key", 2), value = of("value", 2);
  const keys = cache("keys"), values = cache("values");
  const positions = input("positions", "int32", ["batch"]), slots = input("slots", "int32", ["capacity"]);
  const capacity = input("capacity_size", "int32", []);
  const [y, newKeys, newValues] = cachedAttention(
    query,
    key,
    value,
    { keys, values },
    positions,
    slots,
    capacity,
  );
  assert(y && newKeys && newValues);
  const graph = {
    name: "attention",
    inputs: [query, key, value, keys, values, positions, slots, capacity],
    outputs: { y, "key_cache.out": newKeys, "value_cache.out": newValues },
  };
  for (const at of [[0, 2, 5], [5, 0, 0], [1, 1, 1]]) {
    const given = { positions: small(at), slots: small([0, 1, 2, 3, 4, 5]), capacity_size: small([6], []) };
    await assertKernels(graph, ["CachedAttention"], given);
  }
});

const families = (["qwen3", "qwen2", "llama"] as const).map((family) => tinyConfig({ family, layers: 2 }));
const weightsOf = (config: ModelConfig) => place(initializeWeights(config, 3));

Deno.test("evaluationGraph() and trainingGraph() compute by kernels what their definitions say", async () => {
  for (const config of families) {
    const given = { ...tokens, ...weightsOf(config), temperature };
    await assertKernels(evaluationGraph(config, 1), ["RmsNorm", "Rotate"], given);
    const reset = runtime.upload("bool", [], Uint8Array.of(0));
    for (const policy of ["full", 1] as const) {
      const graph = trainingGraph({ config, policy, objective });
      await assertKernels(graph, ["RmsNorm", "Rotate"], { ...given, reset_gradient: reset });
    }
    // Five positions in blocks of two and three, and in one block.
    for (const attentionBlock of [2, 16]) {
      await assertKernels(
        evaluationGraph(config, 1, plainLayout, attentionBlock),
        ["BlockedAttention"],
        given,
      );
      for (const checkpointing of [false, true]) {
        const graph = trainingGraph({ config, policy: "full", objective, attentionBlock, checkpointing });
        await assertKernels(graph, blockedKernels, { ...given, reset_gradient: reset });
      }
    }
  }
});

Deno.test("rolloutGraph() computes by kernels what its definitions say", async () => {
  const kernels = ["RmsNorm", "Rotate", "CachedAttention"];
  for (const config of families) {
    const weights = weightsOf(config),
      given = {
        ...weights,
        temperature,
        tokens: integers([3], [4, 39, 0]),
        positions: small([0, 3, 5]),
        noise: runtime.upload("float32", [3], Float32Array.of(0.1, 0.5, 0.93)),
        slots: small([0, 1, 2, 3, 4, 5]),
        capacity_size: small([6], []),
      };
    await assertKernels(rolloutGraph(config), kernels, given, weights);
  }
});

Deno.test("writeSlots() computes its definition by kernel, and writes nothing else", async () => {
  const cache = input("cache", "float32", ["batch", 2, "capacity", 4]);
  const rows = input("rows", "int64", ["n"]), slots = input("slots", "int64", ["m"]);
  const fresh = input("fresh", "float32", ["n", 2, "m", 4]);
  const graph = {
    name: "write",
    inputs: [cache, rows, slots, fresh],
    outputs: { y: writeSlots(cache, rows, slots, fresh) },
  };
  const given = {
    cache: runtime.upload("float32", [3, 2, 6, 4], new Float32Array(144)),
    rows: integers([2], [2, 0]),
    slots: integers([3], [4, 1, 5]),
    fresh: runtime.upload("float32", [2, 2, 3, 4], Float32Array.from({ length: 48 }, (_, i) => i + 1)),
  };
  await assertKernels(graph, ["WriteSlots"], given);
  const session = await runtime.load(toOnnx({ ...graph, fused: new Set(["WriteSlots"]) }));
  // Where the cache lies, too: then only what is written changes.
  await session.run(given, { y: given.cache });
  await session.dispose();
  const expected = new Float32Array(144);
  [2, 0].forEach((row, i) =>
    [0, 1].forEach((head) =>
      [4, 1, 5].forEach((slot, j) => {
        for (let x = 0; x < 4; x++) {
          expected[((row * 2 + head) * 6 + slot) * 4 + x] = ((i * 2 + head) * 3 + j) * 4 + x + 1;
        }
      })
    )
  );
  assertEquals(Array.from(await given.cache.download()), Array.from(expected));
});

Deno.test("prefillGraph() and copyGraph() compute by kernels what their definitions say", async () => {
  for (const config of families) {
    await assertKernels(prefillGraph(config), ["RmsNorm", "Rotate", "WriteSlots"], {
      ...weightsOf(config),
      tokens: integers([3, 4], [4, 39, 0, 8, 3, 3, 17, 2, 9, 1, 1, 30]),
      positions: integers([4], [1, 2, 3, 4]),
      rows: integers([3], [0, 1, 2]),
      slots: integers([5], [0, 1, 2, 3, 4]),
    });
    await assertKernels(copyGraph(config), ["WriteSlots"], {
      sources: integers([2], [1, 1]),
      rows: integers([2], [2, 0]),
      slots: integers([5], [0, 1, 2, 3, 4]),
    });
  }
});
