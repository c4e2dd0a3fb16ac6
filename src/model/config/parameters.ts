/**
 * The parameters of a decoder under their Hugging Face names.
 *
 * @module
 */

import type { Tensor } from "../../tensor/mod.ts";
import type { ModelConfig } from "./model_config.ts";

/** Sizes by parameter name, in the order of the layers. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

/** Traced parameters by name. */
export type Parameters = ReadonlyMap<string, Tensor>;

/** The name of the input embedding. */
export const EMBEDDING = "model.embed_tokens.weight";
/** The name of the final norm's gain. */
export const FINAL_NORM = "model.norm.weight";
/** The name of an untied output embedding. */
export const HEAD = "lm_head.weight";

/** The name of a parameter of a layer, numbered from 1 here and from 0 in Hugging Face's names. */
export function layerParameter(layer: number, name: string): string {
  return `model.layers.${layer - 1}.${name}`;
}

/** The name of the output embedding. */
export function outputEmbedding(config: ModelConfig): string {
  return config.tiedEmbeddings ? EMBEDDING : HEAD;
}

/**
 * The parameters that a policy reads: the first `layers` layers and both embeddings; the final norm belongs to the
 * full policy alone, because internal policies are taken from the raw residual stream (paper, section 3.1).
 */
export function parameterShapes(config: ModelConfig, layers = config.layers): ParameterShapes {
  const { hiddenSize, intermediateSize, headDimension, queryKeyNorm, queryKeyValueBias } = config;
  const query = config.heads * headDimension, keyValue = config.keyValueHeads * headDimension;
  const shapes = new Map<string, readonly number[]>([[EMBEDDING, [config.vocabularySize, hiddenSize]]]);
  for (let layer = 1; layer <= layers; layer++) {
    const entries: [string, readonly number[]][] = [
      ["input_layernorm.weight", [hiddenSize]],
      ["self_attn.q_proj.weight", [query, hiddenSize]],
      ["self_attn.k_proj.weight", [keyValue, hiddenSize]],
      ["self_attn.v_proj.weight", [keyValue, hiddenSize]],
      ["self_attn.o_proj.weight", [hiddenSize, query]],
      ["post_attention_layernorm.weight", [hiddenSize]],
      ["mlp.gate_proj.weight", [intermediateSize, hiddenSize]],
      ["mlp.up_proj.weight", [intermediateSize, hiddenSize]],
      ["mlp.down_proj.weight", [hiddenSize, intermediateSize]],
    ];
    if (queryKeyNorm) {
      entries.push(["self_attn.q_norm.weight", [headDimension]], ["self_attn.k_norm.weight", [
        headDimension,
      ]]);
    }
    if (queryKeyValueBias) {
      entries.push(
        ["self_attn.q_proj.bias", [query]],
        ["self_attn.k_proj.bias", [keyValue]],
        ["self_attn.v_proj.bias", [keyValue]],
      );
    }
    for (const [name, shape] of entries) shapes.set(layerParameter(layer, name), shape);
  }
  if (layers === config.layers) shapes.set(FINAL_NORM, [hiddenSize]);
  if (!config.tiedEmbeddings) shapes.set(HEAD, [config.vocabularySize, hiddenSize]);
  return shapes;
}

/** The number of elements of all parameters. */
export function parameterCount(shapes: ParameterShapes): number {
  return [...shapes.values()].reduce((total, shape) => total + shape.reduce((a, b) => a * b, 1), 0);
}
