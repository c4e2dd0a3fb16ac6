/**
 * A decoder's parameters as llama.cpp calls and orders them.
 *
 * @module
 */

import {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  type ModelConfig,
  parameterShapes,
  rotaryFrequencies,
} from "../config/mod.ts";
import type { TensorSource } from "../weights/mod.ts";

/** The architectures, by their names in GGUF, which are those of `model_type`. */
export type GgufArchitecture = "qwen3" | "qwen2" | "llama";

/** A parameter of a GGUF file. */
export interface GgufTensor {
  /** llama.cpp's name. */
  readonly name: string;
  /** The sizes, outermost first, as safetensors has them; the file lists them innermost first. */
  readonly shape: readonly number[];
  /** The elements. */
  elements(): Promise<Float32Array>;
}

const outside: Readonly<Record<string, string>> = {
  [EMBEDDING]: "token_embd.weight",
  [FINAL_NORM]: "output_norm.weight",
  [HEAD]: "output.weight",
};

const inLayer: Readonly<Record<string, string>> = {
  "input_layernorm": "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  "post_attention_layernorm": "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** The architecture of a configuration: Qwen3 normalises queries and keys, Qwen2 gives them biases, Llama neither. */
export function ggufArchitecture({ queryKeyNorm, queryKeyValueBias }: ModelConfig): GgufArchitecture {
  if (queryKeyNorm) return "qwen3";
  return queryKeyValueBias ? "qwen2" : "llama";
}

function ggufName(name: string): string {
  const known = outside[name];
  if (known) return known;
  const [, layer, module = "", kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const short = inLayer[module];
  if (!short) {
    throw new ReferenceError(`Cannot write a GGUF file: it has no name for the parameter "${name}"`);
  }
  return `blk.${layer}.${short}.${kind}`;
}

/**
 * The rows of a query or key matrix in the order of llama.cpp's Llama: it turns neighbouring elements of a head by one
 * angle, Hugging Face's layout element i and element i + d / 2.
 *
 * @param rows The number of rows.
 * @param head The rows of a head, d.
 * @returns For each new row, the old one.
 */
export function neighbouringRows(rows: number, head: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const inHead = row % head;
    return row - inHead + (inHead >> 1) + (inHead & 1) * head / 2;
  });
}

function permuted(data: Float32Array, rows: number, head: number): Float32Array {
  const width = data.length / rows, moved = new Float32Array(data.length);
  neighbouringRows(rows, head).forEach((from, to) => {
    moved.set(data.subarray(from * width, (from + 1) * width), to * width);
  });
  return moved;
}

/**
 * All tensors of a GGUF file, read one at a time.
 *
 * @throws {ReferenceError} If a parameter has no name in GGUF.
 */
export function ggufTensors(config: ModelConfig, weights: TensorSource): GgufTensor[] {
  const turned = ggufArchitecture(config) === "llama", head = config.headDimension;
  const tensors = [...parameterShapes(config)].map(([name, shape]): GgufTensor => {
    const [rows = 0] = shape, moves = turned && /\.self_attn\.[qk]_proj\./.test(name);
    return {
      name: ggufName(name),
      shape,
      elements: async () => {
        const data = (await weights.read(name)).data as Float32Array; // weights are widened when read
        return moves ? permuted(data, rows, head) : data;
      },
    };
  });
  if (!config.ropeScaling) return tensors;
  // llama.cpp divides each pair's frequency by such a factor: Llama 3's stretching is a table to it.
  const plain = rotaryFrequencies({ ...config, ropeScaling: undefined });
  const stretched = rotaryFrequencies(config);
  const factors = Float32Array.from(plain, (frequency, i) => frequency / (stretched[i] ?? frequency));
  return [...tensors, {
    name: "rope_freqs.weight",
    shape: [factors.length],
    elements: () => Promise.resolve(factors),
  }];
}
