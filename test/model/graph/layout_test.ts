import { assertEquals, assertThrows } from "@std/assert";
import {
  blockShapes,
  EMBEDDING,
  HEAD,
  parameterBlocks,
  parameterInputs,
  type ParameterLayout,
  parameterShapes,
  plainLayout,
  rowBlocks,
} from "../../../src/model/mod.ts";
import { tinyConfig } from "../../rl/tiny_model.ts";

const within = (largestTensor: number): ParameterLayout => ({ precision: "float32", largestTensor });
const ends = (rows: number, width: number, largestTensor: number): number[] =>
  parameterBlocks(EMBEDDING, [rows, width], within(largestTensor)).map(({ end }) => end);

Deno.test("parameterBlocks() cuts embeddings, and only those that are too large", () => {
  const shape = [10, 4], bytes = 10 * 4 * 4;
  assertEquals(parameterBlocks(EMBEDDING, shape, plainLayout), [
    { name: EMBEDDING, parameter: EMBEDDING, start: 0, end: 10, shape },
  ]);
  assertEquals(ends(10, 4, bytes), [10]);
  assertEquals(parameterBlocks(HEAD, shape, within(bytes - 1)), [
    { name: `${HEAD}.rows_0`, parameter: HEAD, start: 0, end: 9, shape: [9, 4] },
    { name: `${HEAD}.rows_1`, parameter: HEAD, start: 9, end: 10, shape: [1, 4] },
  ]);
  const matrix = "model.layers.0.mlp.up_proj.weight";
  assertEquals(parameterBlocks(matrix, shape, within(16)).map(({ name }) => name), [matrix]);
});

Deno.test("parameterBlocks() ends blocks where chunks of the vocabulary end", () => {
  assertEquals(ends(20_000, 1, 4 * 10_000), [8192, 16_384, 20_000]);
  assertEquals(ends(40_000, 1, 4 * 17_000), [16_384, 32_768, 40_000]);
  // Not even a chunk fits, or not even a row: then the device says so.
  assertEquals(ends(10_000, 1, 4 * 5000), [5000, 10_000]);
  assertEquals(ends(3, 8, 1), [1, 2, 3]);
  // Qwen3-8B's embedding where a buffer has 1 GiB.
  assertEquals(ends(151_936, 4096, 2 ** 30), [65_536, 131_072, 151_936]);
});

Deno.test("parameterInputs() has float16 where layers multiply, and blocks that rowBlocks() finds in order", () => {
  const config = tinyConfig({ tied: false }), layout = { precision: "float16", largestTensor: 2000 } as const;
  const shapes = parameterShapes(config), inputs = parameterInputs(shapes, layout);
  assertEquals([...inputs.keys()], [...blockShapes(shapes, layout).keys()]);
  for (const [name, { dtype, shape }] of inputs) {
    assertEquals(
      dtype,
      /^model\.layers\.\d+\.(mlp|self_attn\.._proj)/.test(name) ? "float16" : "float32",
      name,
    );
    assertEquals(shape, blockShapes(shapes, layout).get(name));
  }
  assertEquals(rowBlocks(inputs, HEAD).map(({ shape }) => shape[0]), [15, 15, 10]);
  assertThrows(() => rowBlocks(new Map(), HEAD), ReferenceError, 'no parameter "lm_head.weight"');
});
