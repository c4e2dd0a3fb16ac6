import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parameterCount, parameterShapes, parseConfig } from "../../src/model/mod.ts";
import { inspectionCost } from "../../src/policy/mod.ts";

const read = async (name: string) => parseConfig(await Deno.readTextFile(`benchmarks/models/${name}.json`));

Deno.test("inspectionCost() counts what the passes multiply: two of the layers, eleven products with the unembedding", async () => {
  const config = await read("qwen3-0.6b"), { hiddenSize, vocabularySize, layers } = config;
  const size = { completions: 4, promptTokens: 1, responseTokens: 512 };
  const { operations, layer, embeddings } = inspectionCost(config, size);
  const tokens = size.completions * size.responseTokens;
  // Each layer is read from ten states and the reference; the embedding from two and the reference.
  const head = 2 * hiddenSize * vocabularySize * tokens * (11 * layers + 3);
  const products = parameterCount(parameterShapes(config)) - vocabularySize * hiddenSize;
  const attention = 4 * layers * tokens * 512 * config.heads * config.headDimension;
  assertAlmostEquals(operations / (head + 2 * (2 * products * tokens + attention)), 1, 1e-2);
  assertEquals(embeddings, 4 * vocabularySize * hiddenSize);
  assertAlmostEquals(layer * layers / (4 * products), 1, 1e-3);
});

Deno.test("inspectionCost() stays below one layer, the unembedding and 2 GiB, and does not grow with depth", async () => {
  const config = await read("qwen3-0.6b"), size = { completions: 1, promptTokens: 32, responseTokens: 512 };
  const { peak, layer, embeddings, states, graphs } = inspectionCost(config, size);
  assertEquals(peak, layer + embeddings + states + graphs);
  assert(peak - layer - embeddings < 2 * 2 ** 30, `${peak}`);
  assertEquals(inspectionCost({ ...config, layers: 2 }, size).peak, peak);
  const many = inspectionCost(config, { ...size, completions: 1000 });
  assert(many.peak < 3 * peak, "the states of few sequences are in memory at a time");
  assertEquals(inspectionCost(config, { ...size, completions: 10_000 }).peak, many.peak);
  assertAlmostEquals(many.operations / inspectionCost(config, size).operations, 1000, 20);
  // An 8B model in float32 within 24 GiB.
  assert(inspectionCost(await read("qwen3-8b"), { ...size, responseTokens: 3072 }).peak < 24 * 2 ** 30);
});
