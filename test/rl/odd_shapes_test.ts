import { assert, assertEquals, assertLess } from "@std/assert";
import { initializeWeights, type ModelConfig, parseConfig } from "../../src/model/mod.ts";
import { rolloutGraph } from "../../src/artifact/mod.ts";
import { randomKey } from "../../src/random.ts";
import type { RolloutRequest } from "../../src/rl/mod.ts";
import { print } from "../../src/tensor/mod.ts";
import { bits, openLearner, openSampler } from "./tiny_model.ts";

/** A model of sizes that kernels have no liking for. */
function oddConfig(changes: Readonly<Record<string, unknown>>): ModelConfig {
  return parseConfig(JSON.stringify({
    architectures: ["Qwen3ForCausalLM"],
    vocab_size: 37,
    hidden_size: 28,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 14,
    intermediate_size: 33,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    tie_word_embeddings: true,
    hidden_act: "silu",
    ...changes,
  }));
}

const cases: Readonly<Record<string, ModelConfig>> = {
  "heads of 14": oddConfig({}),
  "heads of 12": oddConfig({ head_dim: 12 }),
  "heads of 2": oddConfig({ head_dim: 2 }),
  "three heads of 6 with one key head each": oddConfig({
    num_attention_heads: 3,
    num_key_value_heads: 3,
    head_dim: 6,
  }),
  "one layer": oddConfig({ num_hidden_layers: 1 }),
  "one layer, one head": oddConfig({ num_hidden_layers: 1, num_attention_heads: 1 }),
  "a vocabulary of 5": oddConfig({ vocab_size: 5 }),
  "a vocabulary of 8,193, untied": oddConfig({ vocab_size: 8193, tie_word_embeddings: false }),
  "hidden size 7": oddConfig({ hidden_size: 7, intermediate_size: 3 }),
  "Llama with heads of 10": oddConfig({ architectures: ["LlamaForCausalLM"], head_dim: 10 }),
  "Qwen2 with heads of 14": oddConfig({ architectures: ["Qwen2ForCausalLM"] }),
};

for (const [name, config] of Object.entries(cases)) {
  Deno.test(`a model trains, samples and is scored: ${name}`, async () => {
    const weights = initializeWeights(config, 5);
    const learner = await openLearner(config, { weights, layer: 1 });
    const word = (i: number): number => i % config.vocabularySize;
    const requests: RolloutRequest[] = Array.from({ length: 5 }, (_, problem) => {
      return {
        prompt: Array.from({ length: 1 + 3 * problem }, (_, t) => word(7 * t + problem)),
        problem,
        sample: 0,
      };
    });
    const sample = async (batch: number) => {
      const settings = { maxPromptTokens: 13, maxResponseTokens: 5, endIds: [], batch, piece: 8 };
      const sampler = await openSampler(config, settings);
      const rollouts = await sampler.sample(learner.parameters, requests, randomKey("odd"));
      await sampler.dispose();
      return rollouts;
    };
    const rollouts = await sample(1), together = await sample(9);
    assertEquals(together.map(({ response }) => response), rollouts.map(({ response }) => response));
    assertEquals(
      together.map(({ logprobs }) => bits(logprobs)),
      rollouts.map(({ logprobs }) => bits(logprobs)),
    );
    const scores = await learner.score(rollouts, 40);
    rollouts.forEach(({ logprobs }, i) =>
      logprobs.forEach((value, t) => assertLess(Math.abs(value - (scores[i]?.logprobs[t] ?? NaN)), 1e-4))
    );
    const targets = rollouts.map(({ response, logprobs }) => ({
      oldLogprobs: logprobs,
      advantages: response.map((_, t) => t % 2 - 0.4),
      weights: response.map(() => 1 / 25),
    }));
    for (const policy of ["full", 1] as const) {
      // One row, and several in one micro-batch.
      const { metrics: { loss: single = NaN } } = await learner.accumulate(
        policy,
        rollouts.slice(0, 1),
        targets.slice(0, 1),
        5,
        1,
      );
      assert(Number.isFinite(single));
      const { metrics: { loss = NaN } } = await learner.accumulate(policy, rollouts, targets, 25, 40);
      assert(Number.isFinite(loss));
      const { gradientNorm, updateNorm } = await learner.step(policy, 1e-3);
      assert(gradientNorm > 0 && updateNorm > 0);
    }
    await learner.dispose();
  });
}

Deno.test("decoding uses the kernel of attention where it takes the heads' size, and its definition where not", () => {
  for (const [size, kernel] of [[14, false], [12, false], [8, true], [16, true]] as const) {
    const text = print(rolloutGraph(oddConfig({ head_dim: size })));
    assertEquals(text.includes("= CachedAttention("), kernel, String(size));
  }
});
