import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { buildSamplingArtifacts } from "../../src/artifact/mod.ts";
import { initializeWeights, type ModelConfig, plainLayout, tensorsInMemory } from "../../src/model/mod.ts";
import { randomKey, RandomStream } from "../../src/random.ts";
import { placeParameters, type Rollout, type RolloutRequest } from "../../src/rl/mod.ts";
import type { DeviceTensor } from "../../src/runtime/mod.ts";
import { watchedRuntime } from "../runtime/watched.ts";
import { bits, openLearner, openSampler, runtime, tinyConfig } from "./tiny_model.ts";

const key = randomKey("half cache");

/** Heads of a size that the kernel of attention takes, and of one that it refuses. */
const models: Readonly<Record<string, ModelConfig>> = {
  "heads of 16": tinyConfig(),
  "heads of 12": { ...tinyConfig(), headDimension: 12 },
};

function requestsOf(count: number): RolloutRequest[] {
  const random = new RandomStream("half");
  return Array.from({ length: count }, (_, i) => ({
    prompt: Array.from({ length: random.integer(1, 20) }, () => random.integer(3, 39)),
    problem: i >> 1,
    sample: i & 1,
  }));
}

const half = { cachePrecision: "float16", maxPromptTokens: 20, endIds: [0, 1, 2, 3] } as const;

for (const [name, config] of Object.entries(models)) {
  Deno.test(`a float16 cache gives the same bits for any rows, refill and piece, and stays near the trainer: ${name}`, async () => {
    const weights = new Map([...initializeWeights(config, 2)].map(([name, tensor]) => {
      return [name, { ...tensor, data: (tensor.data as Float32Array).map((x) => 2 * x) }];
    }));
    const parameters = await placeParameters(runtime, tensorsInMemory(weights), plainLayout);
    const requests = requestsOf(23);
    const sample = async (settings: { batch: number; piece?: number }): Promise<Rollout[]> => {
      const sampler = await openSampler(config, { ...half, ...settings });
      const rollouts = await sampler.sample(parameters, requests, key);
      await sampler.dispose();
      return rollouts;
    };
    const expected = await sample({ batch: 23 });
    for (const settings of [{ batch: 1 }, { batch: 2 }, { batch: 5 }, { batch: 64, piece: 8 }]) {
      (await sample(settings)).forEach(({ response, logprobs }, i) => {
        assertEquals(response, expected[i]?.response);
        assertEquals(bits(logprobs), bits(expected[i]?.logprobs ?? []));
      });
    }
    const learner = await openLearner(config, { weights });
    const scores = await learner.score(expected, 400);
    const gaps = expected.flatMap(({ logprobs }, i) =>
      logprobs.map((value, t) => Math.abs(value - (scores[i]?.logprobs[t] ?? NaN)))
    );
    // Rounded keys and values: more than float32 rounds, and far less than a policy's change.
    assertLess(Math.max(...gaps), 0.05);
    assertGreater(Math.max(...gaps), 1e-5);
    await learner.dispose();
  });
}

Deno.test("float16 caches, of rows and of prompts, take half the bytes; nothing else is float16", async () => {
  const config = tinyConfig();
  const parameters = await placeParameters(
    runtime,
    tensorsInMemory(initializeWeights(config, 2)),
    plainLayout,
  );
  const seen = new Map<string, DeviceTensor>();
  const watched = watchedRuntime(runtime, (feeds) => {
    for (const [name, tensor] of Object.entries(feeds)) seen.set(name, tensor);
  });
  const sampler = await openSampler(config, { ...half, batch: 4 }, watched);
  await sampler.sample(parameters, requestsOf(4), key);
  const caches = [...seen].filter(([name]) => name.includes("cache."));
  assertEquals(caches.length, 4 * config.layers);
  for (const [name, { dtype }] of seen) assertEquals(dtype === "float16", name.includes("cache."), name);
  for (const [, tensor] of caches) {
    const { byteLength } = await tensor.download();
    assertEquals(byteLength, 2 * tensor.shape.reduce((a, b) => a * b, 1));
  }
  await sampler.dispose();
});

Deno.test("the element type of caches is part of every sampling graph, and so of every key", () => {
  const plain = buildSamplingArtifacts(tinyConfig());
  const halved = buildSamplingArtifacts(tinyConfig(), plainLayout, "float16");
  assertEquals(Object.keys(halved), Object.keys(plain));
  for (const [name, bytes] of Object.entries(plain)) {
    assert(bytes.some((byte, i) => byte !== halved[name]?.[i]), name);
  }
});
