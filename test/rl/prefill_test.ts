import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import {
  initializeWeights,
  type ModelConfig,
  parseConfig,
  plainLayout,
  tensorsInMemory,
} from "../../src/model/mod.ts";
import { randomKey, RandomStream } from "../../src/random.ts";
import { placeParameters, type Rollout, type RolloutRequest } from "../../src/rl/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { watchedRuntime } from "../runtime/watched.ts";
import { bits, openLearner, openSampler, runtime, tinyConfig } from "./tiny_model.ts";

const key = randomKey("prefill test");

/** A model with more of everything, so that products are cut into blocks as in real ones. */
function wider(changes: Readonly<Record<string, number>>): ModelConfig {
  return parseConfig(JSON.stringify({
    architectures: ["Qwen3ForCausalLM"],
    vocab_size: 96,
    hidden_size: 288,
    num_hidden_layers: 3,
    num_attention_heads: 6,
    num_key_value_heads: 1,
    head_dim: 48,
    intermediate_size: 320,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    tie_word_embeddings: true,
    hidden_act: "silu",
    ...changes,
  }));
}

/** Prompts of all lengths up to a limit, in an order that tells nothing, with several samples of most. */
function requestsOf(config: ModelConfig, longest: number, prompts: number): RolloutRequest[] {
  const random = new RandomStream("prompts", longest);
  return Array.from({ length: prompts }, (_, problem) => {
    const length = problem === 0 ? longest : random.integer(1, longest);
    const prompt = Array.from({ length }, () => random.integer(3, config.vocabularySize - 1));
    const samples = random.integer(1, 4);
    return Array.from({ length: samples }, (_, sample) => ({ prompt, problem, sample }));
  }).flat();
}

function assertSame(actual: readonly Rollout[], expected: readonly Rollout[], message: string): void {
  assertEquals(actual.map(({ response }) => response), expected.map(({ response }) => response), message);
  actual.forEach(({ logprobs }, i) =>
    assertEquals(bits(logprobs), bits(expected[i]?.logprobs ?? []), message)
  );
}

const models: Readonly<Record<string, ModelConfig>> = {
  "a tiny model": tinyConfig(),
  "six heads of 48 with one key head": wider({}),
  "the embedded model's sizes": wider({
    vocab_size: 480,
    hidden_size: 160,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 32,
    intermediate_size: 448,
  }),
};

for (const [name, config] of Object.entries(models)) {
  Deno.test(`prompts give the same bits however they are cut and whatever they share a pass with: ${name}`, async () => {
    const longest = 45, requests = requestsOf(config, longest, 12);
    const parameters = await placeParameters(
      runtime,
      tensorsInMemory(initializeWeights(config, 4)),
      plainLayout,
    );
    const sample = async (list: readonly RolloutRequest[], batch: number, piece?: number) => {
      const settings = { maxPromptTokens: longest, maxResponseTokens: 6, endIds: [0, 1, 2, 3], batch };
      const sampler = await openSampler(config, piece === undefined ? settings : { ...settings, piece });
      const rollouts = await sampler.sample(parameters, list, key);
      await sampler.dispose();
      return rollouts;
    };
    const expected = await sample(requests, 64);
    assertGreater(
      new Set(expected.map(({ response }) => response.length)).size,
      1,
      "rows end at several times",
    );
    for (const piece of [4, 8, 12, 20, 44, 128]) {
      for (const batch of [1, 7, 64]) {
        assertSame(await sample(requests, batch, piece), expected, `piece ${piece}, batch ${batch}`);
      }
    }
    const order = new RandomStream("order").shuffle(requests.map((_, i) => i));
    const shuffled = await sample(order.map((i) => requests[i] as RolloutRequest), 5, 16);
    assertSame(shuffled, order.map((i) => expected[i] as Rollout), "in another order");
    for (const i of [0, 3, requests.length - 1]) {
      assertSame(await sample([requests[i] as RolloutRequest], 4), [expected[i] as Rollout], "alone");
    }
  });
}

Deno.test("with two threads neither the rollout batch nor the company of a prompt changes a bit", async () => {
  const on = openRuntime({ provider: "cpu", threads: 2 });
  for (const config of Object.values(models)) {
    for (const longest of [45, 150]) {
      const requests = requestsOf(config, longest, 7);
      const weights = tensorsInMemory(initializeWeights(config, 4));
      const parameters = await placeParameters(on, weights, plainLayout);
      const sample = async (list: readonly RolloutRequest[], batch: number, piece?: number) => {
        const settings = { maxPromptTokens: longest, maxResponseTokens: 3, endIds: [], batch };
        const sampler = await openSampler(
          config,
          piece === undefined ? settings : { ...settings, piece },
          on,
        );
        const rollouts = await sampler.sample(parameters, list, key);
        await sampler.dispose();
        return rollouts;
      };
      const expected = await sample(requests, 32);
      for (const batch of [1, 3, 12]) assertSame(await sample(requests, batch), expected, `batch ${batch}`);
      assertSame(await sample(requests, 8, 4), expected, "another piece");
      assertSame(await sample(requests.slice(4, 6), 4), expected.slice(4, 6), "alone");
    }
  }
});

Deno.test("prompts that came in pieces leave sampler and trainer in agreement to 1e-4", async () => {
  for (const config of [models["a tiny model"] as ModelConfig, tinyConfig({ family: "qwen2" })]) {
    const weights = initializeWeights(config, 4), requests = requestsOf(config, 60, 9);
    const learner = await openLearner(config, { weights });
    const sampler = await openSampler(config, { maxPromptTokens: 64, piece: 12, batch: 8 });
    const rollouts = await sampler.sample(learner.parameters, requests, key);
    const scores = await learner.score(rollouts, 400);
    rollouts.forEach(({ logprobs }, i) => {
      logprobs.forEach((value, t) => assertLess(Math.abs(value - (scores[i]?.logprobs[t] ?? NaN)), 1e-4));
    });
    await sampler.dispose();
    await learner.dispose();
  }
});

Deno.test("a prompt is computed once for all its samples, and rows start without going through it", async () => {
  const config = tinyConfig();
  const prompts = [21, 1, 13].map((length, i) => Array.from({ length }, (_, t) => 3 + (7 * t + 5 * i) % 37));
  const requests = prompts.flatMap((prompt, problem) =>
    Array.from({ length: 8 }, (_, sample) => ({ prompt, problem, sample }))
  );
  const parameters = await placeParameters(
    runtime,
    tensorsInMemory(initializeWeights(config, 4)),
    plainLayout,
  );
  const counts = async (name: string): Promise<number[][]> => {
    const seen: number[][] = [];
    const settings = { maxPromptTokens: 24, maxResponseTokens: 5, endIds: [], batch: 8, piece: 12 };
    const watched = watchedRuntime(runtime, (feeds) => {
      if (name in feeds) seen.push([...feeds[name]?.shape ?? []]);
    });
    const sampler = await openSampler(config, settings, watched);
    await sampler.sample(parameters, requests, key);
    await sampler.dispose();
    return seen;
  };
  // 20 and 12 tokens before the last ones: two pieces of 12 and 8 for both prompts together, then two copies.
  assertEquals(await counts("rows"), [[2], [2], [8], [8]]);
  const tokens = await counts("tokens");
  assertEquals(tokens.filter((shape) => shape.length === 2), [[2, 12], [2, 8]]);
  // 24 responses of 5 tokens on 8 rows.
  assertEquals(tokens.filter((shape) => shape.length === 1).length, 15);
  // Each prompt is copied to its eight rows; the one of a single token needs no copy.
  assertEquals(await counts("sources"), [[8], [8]]);
});

Deno.test("a prompt alone fills its passes, with several threads each prompt has its own", async () => {
  const config = tinyConfig(), requests = requestsOf(config, 700, 3);
  const weights = tensorsInMemory(initializeWeights(config, 4));
  const passes = async (threads: number, list: readonly RolloutRequest[]): Promise<number[][]> => {
    const on = openRuntime({ provider: "cpu", threads }), seen: number[][] = [];
    const watched = watchedRuntime(on, ({ tokens }) => {
      if (tokens?.shape.length === 2) seen.push([...tokens.shape]);
    });
    const settings = { maxPromptTokens: 700, maxResponseTokens: 1, endIds: [], batch: 8 };
    const sampler = await openSampler(config, settings, watched);
    await sampler.sample(await placeParameters(on, weights, plainLayout), list, key);
    await sampler.dispose();
    return seen;
  };
  const alone = requests.filter(({ problem }) => problem === 0), own = [[1, 352], [1, 348]];
  assertEquals(await passes(1, alone), own);
  assertEquals(await passes(2, alone), own);
  const together = await passes(2, requests);
  assertEquals(together.slice(0, 2), own);
  assert(together.every(([rows]) => rows === 1));
});

Deno.test("a piece that is no multiple of four is refused", async () => {
  for (const piece of [0, 6, 2.5]) {
    await assertRejects(
      () => openSampler(tinyConfig(), { piece }),
      RangeError,
      `in pieces of ${piece} tokens: expected a multiple of 4`,
    );
  }
  assert(await openSampler(tinyConfig(), { piece: 8 }).then((sampler) => sampler.dispose()) === undefined);
});
