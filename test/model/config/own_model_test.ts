import { assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "../../../src/model/mod.ts";

/** A small Llama of transformers 5, whose rotary settings stand in one object. */
const llama = {
  architectures: ["LlamaForCausalLM"],
  vocab_size: 480,
  hidden_size: 32,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  intermediate_size: 48,
  rms_norm_eps: 1e-6,
  hidden_act: "silu",
  rope_parameters: {
    rope_type: "llama3",
    rope_theta: 500000,
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  },
};
const parse = (changes: Readonly<Record<string, unknown>>) =>
  parseConfig(JSON.stringify({ ...llama, ...changes }));

Deno.test("the original context that some exports repeat outside is accepted where it says the same", () => {
  assertEquals(parse({ original_max_position_embeddings: 64 }), parse({}));
  assertThrows(
    () => parse({ original_max_position_embeddings: 128 }),
    SyntaxError,
    "original_max_position_embeddings is 128, expected 64 as in rope_parameters.original_max_position_embeddings",
  );
});

Deno.test("two rotary bases are refused, and both are named", () => {
  assertThrows(
    () => parse({ rope_theta: 10000 }),
    SyntaxError,
    "rope_parameters.rope_theta is 500000, expected 10000 as in rope_theta",
  );
});

Deno.test("embeddings are tied only where config.json says so: the classes' own default is false", () => {
  assertEquals(parse({}).tiedEmbeddings, false);
  assertEquals(parse({ tie_word_embeddings: true }).tiedEmbeddings, true);
});
