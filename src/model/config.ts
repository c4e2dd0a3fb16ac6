/**
 * The architecture of a decoder, read from a Hugging Face `config.json`.
 *
 * @module
 */

import { z } from "zod";

/** Llama 3's stretching of rotary wavelengths. */
export interface RopeScaling {
  /** How much longer the longest wavelengths become. */
  readonly factor: number;
  /** Wavelengths longer than context / lowFrequencyFactor are stretched fully. */
  readonly lowFrequencyFactor: number;
  /** Wavelengths shorter than context / highFrequencyFactor are kept. */
  readonly highFrequencyFactor: number;
  /** The context length before stretching, in tokens. */
  readonly originalContext: number;
}

/** One decoder of the Qwen3 family; Qwen2 and Llama 3 are settings of it. */
export interface ModelConfig {
  /** The number of tokens in the vocabulary. */
  readonly vocabularySize: number;
  /** The width of the residual stream. */
  readonly hiddenSize: number;
  /** The number of layers. */
  readonly layers: number;
  /** The number of query heads. */
  readonly heads: number;
  /** The number of key and value heads. */
  readonly keyValueHeads: number;
  /** The width of a head. */
  readonly headDimension: number;
  /** The width of the feed-forward layer. */
  readonly intermediateSize: number;
  /** The ε of RMSNorm. */
  readonly rmsNormEpsilon: number;
  /** The base of the rotary wavelengths. */
  readonly ropeTheta: number;
  /** Stretching of rotary wavelengths, if any. */
  readonly ropeScaling: RopeScaling | undefined;
  /** Whether the output embedding is the input embedding. */
  readonly tiedEmbeddings: boolean;
  /** Whether queries and keys are normalised per head (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** Whether query, key and value projections have a bias (Qwen2). */
  readonly queryKeyValueBias: boolean;
}

const architectures = {
  Qwen3ForCausalLM: { queryKeyNorm: true, queryKeyValueBias: false },
  Qwen2ForCausalLM: { queryKeyNorm: false, queryKeyValueBias: true },
  LlamaForCausalLM: { queryKeyNorm: false, queryKeyValueBias: false },
} as const;

const count = z.int().positive();

const schema = z.object({
  architectures: z.tuple([z.enum(Object.keys(architectures) as [keyof typeof architectures])]),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  head_dim: count.nullish(),
  intermediate_size: count,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  rope_scaling: z.object({
    rope_type: z.literal("llama3"),
    factor: z.number().positive(),
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
    original_max_position_embeddings: count,
  }).nullish(),
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.literal("silu"),
  attention_bias: z.literal(false).optional(),
  mlp_bias: z.literal(false).optional(),
  use_sliding_window: z.literal(false).optional(),
});

/**
 * Reads a Hugging Face `config.json`.
 *
 * @throws {SyntaxError} If the file is no JSON, or a field is missing or asks for mathematics that is not supported.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig } from "./config.ts";
 *
 * const config = parseConfig(`{"architectures":["LlamaForCausalLM"],"vocab_size":96,"hidden_size":64,
 *   "num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":128,"rms_norm_eps":1e-6,"rope_theta":10000,
 *   "hidden_act":"silu"}`);
 * assertEquals([config.headDimension, config.keyValueHeads, config.queryKeyNorm], [16, 4, false]);
 * ```
 */
export function parseConfig(text: string): ModelConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("Cannot use config.json: it is not JSON", { cause: error });
  }
  const { data, error } = schema.safeParse(value);
  if (!data) {
    const [issue] = error.issues;
    throw new SyntaxError(
      `Cannot use config.json: ${issue?.path.join(".") || "the document"}: ${issue?.message}`,
    );
  }
  const scaling = data.rope_scaling;
  const heads = data.num_attention_heads, keyValueHeads = data.num_key_value_heads ?? heads;
  if (heads % keyValueHeads !== 0) {
    throw new SyntaxError(
      `Cannot use config.json: ${heads} heads do not share ${keyValueHeads} key-value heads evenly`,
    );
  }
  const headDimension = data.head_dim ?? data.hidden_size / heads;
  if (headDimension % 2 !== 0) {
    throw new SyntaxError(
      `Cannot use config.json: the head dimension is ${headDimension}, expected an even number`,
    );
  }
  return {
    vocabularySize: data.vocab_size,
    hiddenSize: data.hidden_size,
    layers: data.num_hidden_layers,
    heads,
    keyValueHeads,
    headDimension,
    intermediateSize: data.intermediate_size,
    rmsNormEpsilon: data.rms_norm_eps,
    ropeTheta: data.rope_theta,
    ropeScaling: scaling
      ? {
        factor: scaling.factor,
        lowFrequencyFactor: scaling.low_freq_factor,
        highFrequencyFactor: scaling.high_freq_factor,
        originalContext: scaling.original_max_position_embeddings,
      }
      : undefined,
    tiedEmbeddings: data.tie_word_embeddings,
    ...architectures[data.architectures[0]],
  };
}

/**
 * The angular frequency of each rotary pair, `[headDimension / 2]`, in radians a position.
 *
 * Source: Su et al., RoFormer, eq. 15; Llama 3's scaling as in Hugging Face's `rope_type: "llama3"`.
 */
export function rotaryFrequencies({ headDimension, ropeTheta, ropeScaling }: ModelConfig): number[] {
  const plain = Array.from({ length: headDimension / 2 }, (_, i) => ropeTheta ** (-2 * i / headDimension));
  if (!ropeScaling) return plain;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = ropeScaling;
  return plain.map((frequency) => {
    const turns = originalContext * frequency / (2 * Math.PI);
    const kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    const share = Math.min(1, Math.max(0, kept));
    return share * frequency + (1 - share) * frequency / factor;
  });
}
