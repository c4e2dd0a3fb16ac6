/**
 * A model as a GGUF file, for llama.cpp: weights and architecture of a Qwen3 decoder, no tokenizer.
 *
 * Source: the format's description, version 3, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @module
 */

import { EMBEDDING, FINAL_NORM, layerParameter, type ModelConfig } from "../../../src/model/mod.ts";
import { isThere, openShape, writeWhole } from "../shapes.ts";

/** Element types of matrices; vectors are always float32. */
export type GgufType = "F32" | "F16";

/** Where tensors begin: at multiples of so many bytes. */
const ALIGNMENT = 32;

/** The names of a layer's tensors, there and here. */
const layerNames: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** The tensors in the order of the file: their names there and here. */
function tensorNames({ layers }: ModelConfig): [there: string, here: string][] {
  const inner = Array.from(
    { length: layers },
    (_, i) =>
      Object.entries(layerNames).map(([there, here]): [string, string] => [
        `blk.${i}.${there}.weight`,
        layerParameter(i + 1, `${here}.weight`),
      ]),
  ).flat();
  return [["token_embd.weight", EMBEDDING], ...inner, ["output_norm.weight", FINAL_NORM]];
}

/** Collects bytes, little endian. */
class Bytes {
  readonly #parts: Uint8Array[] = [];

  #number(size: number, write: (view: DataView) => void): this {
    const part = new Uint8Array(size);
    write(new DataView(part.buffer));
    this.#parts.push(part);
    return this;
  }

  u32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value, true));
  }

  u64(value: number): this {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  f32(value: number): this {
    return this.#number(4, (view) => view.setFloat32(0, value, true));
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.u64(bytes.length).#parts.push(bytes);
    return this;
  }

  /** All of them, and zeros up to the next place where a tensor may begin. */
  padded(): Uint8Array {
    const size = this.#parts.reduce((sum, { length }) => sum + length, 0);
    const all = new Uint8Array(aligned(size));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The next place where a tensor may begin. */
function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/** A value of the metadata. */
type Value =
  | readonly ["u32" | "f32", number]
  | readonly ["text", string]
  | readonly ["texts", readonly string[]];

/** The architecture in GGUF's words, and a vocabulary without meaning: loaders want to see one. */
function metadata(config: ModelConfig, type: GgufType): [key: string, ...value: Value][] {
  const of = (name: string): string => `qwen3.${name}`;
  return [
    ["general.architecture", "text", "qwen3"],
    ["general.file_type", "u32", type === "F32" ? 0 : 1],
    [of("context_length"), "u32", 4096],
    [of("embedding_length"), "u32", config.hiddenSize],
    [of("block_count"), "u32", config.layers],
    [of("feed_forward_length"), "u32", config.intermediateSize],
    [of("attention.head_count"), "u32", config.heads],
    [of("attention.head_count_kv"), "u32", config.keyValueHeads],
    [of("attention.key_length"), "u32", config.headDimension],
    [of("attention.value_length"), "u32", config.headDimension],
    [of("attention.layer_norm_rms_epsilon"), "f32", config.rmsNormEpsilon],
    [of("rope.freq_base"), "f32", config.ropeTheta],
    [of("vocab_size"), "u32", config.vocabularySize],
    ["tokenizer.ggml.model", "text", "gpt2"],
    ["tokenizer.ggml.pre", "text", "qwen2"],
    ["tokenizer.ggml.tokens", "texts", Array.from({ length: config.vocabularySize }, (_, i) => `t${i}`)],
    ["tokenizer.ggml.merges", "texts", ["t 0"]],
    ["tokenizer.ggml.eos_token_id", "u32", config.vocabularySize - 1],
  ];
}

/** GGUF's numbers of value types. */
const valueTypes = { u32: 4, f32: 6, text: 8, texts: 9 } as const;

/** The GGUF file of a model's folder, written if it is not there. */
export async function ggufFile(directory: string, type: GgufType): Promise<string> {
  const folder = directory.startsWith(".store/") ? directory : ".store/perf/embedded";
  const path = `${folder}/model-${type}.gguf`;
  if (await isThere(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  const { config, weights } = await openShape(directory);
  const names = tensorNames(config), pairs = metadata(config, type), head = new Bytes();
  head.u32(0x46554747).u32(3).u64(names.length).u64(pairs.length);
  for (const [key, kind, value] of pairs) {
    head.text(key).u32(valueTypes[kind]);
    if (kind === "text") head.text(value);
    else if (kind !== "texts") head[kind](value);
    else {
      head.u32(valueTypes.text).u64(value.length);
      for (const text of value) head.text(text);
    }
  }
  const isHalf = (shape: readonly number[]): boolean => type === "F16" && shape.length > 1;
  let offset = 0;
  for (const [there, here] of names) {
    const { shape } = weights.entries.get(here) ?? { shape: [] };
    head.text(there).u32(shape.length);
    for (const size of shape.toReversed()) head.u64(size);
    head.u32(isHalf(shape) ? 1 : 0).u64(offset);
    offset += aligned((isHalf(shape) ? 2 : 4) * shape.reduce((a, b) => a * b, 1));
  }
  await writeWhole(
    path,
    async function* (): AsyncGenerator<Uint8Array> {
      yield head.padded();
      for (const [, here] of names) {
        const { shape, data } = await weights.read(here);
        const values = isHalf(shape) ? new Float16Array(data as Float32Array) : data;
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        yield bytes;
        yield new Uint8Array(aligned(bytes.length) - bytes.length);
      }
    }(),
  );
  return path;
}
