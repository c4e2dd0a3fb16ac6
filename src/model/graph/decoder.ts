/**
 * One decoder for the Qwen3 family (Qwen3, Qwen2, Llama 3): a pure function from parameters and tokens to the residual
 * stream after every layer.
 *
 * @module
 */

import {
  add,
  and,
  concat,
  gather,
  lessOrEqual,
  matmul,
  maximum,
  minimum,
  recomputed,
  reshape,
  scalar,
  scope,
  sub,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../../tensor/mod.ts";
import type { ModelConfig } from "../config/mod.ts";
import { rowBlocks } from "./layout.ts";
import { linear, rmsNorm, type Rotary, rotate, splitHeads, swiGlu } from "./layers.ts";
import { EMBEDDING, FINAL_NORM, layerParameter, outputEmbedding, type Parameters } from "../config/mod.ts";

/** How positions see each other: whole sequences with a mask, or one position with a KV cache. */
export interface AttentionContext {
  /** The rotary angles of the tokens' positions. */
  readonly angles: Rotary;
  /** Attends in a layer; queries, keys and values are `[batch, heads, sequence, d]`, the result `[batch, sequence, heads · d]`. */
  attend(layer: number, query: Tensor, key: Tensor, value: Tensor): Tensor;
  /**
   * All that attending and rotating read besides: where it is given, the values within a layer are computed again in
   * the backward pass instead of being kept.
   */
  readonly recompute?: readonly Tensor[];
}

/**
 * The states of a forward pass; layers are numbered from 1, index 0 of `residual` is the embedding. Where layers are
 * computed again, the lists of what lies within a layer are empty.
 */
export interface DecoderStates {
  /** H⁰ … Hᴸ: the raw residual stream, `[batch, sequence, hiddenSize]` each. */
  readonly residual: readonly Tensor[];
  /** A¹ … Aᴸ: what attention adds, at index layer − 1. */
  readonly attention: readonly Tensor[];
  /** F¹ … Fᴸ: what the feed-forward layer adds, at index layer − 1. */
  readonly feedForward: readonly Tensor[];
  /** The normed input of attention, at index layer − 1. */
  readonly attentionInput: readonly Tensor[];
  /** The normed input of the feed-forward layer, at index layer − 1. */
  readonly feedForwardInput: readonly Tensor[];
}

/** A parameter by name. */
function get(parameters: Parameters, name: string): Tensor {
  const tensor = parameters.get(name);
  if (!tensor) throw new ReferenceError(`Cannot trace the decoder: there is no parameter "${name}"`);
  return tensor;
}

/**
 * Traces the first layers of a decoder.
 *
 * Source: paper, eq. 1: A = MHSA(LN(H)), F = FFN(LN(H + A)), residual additions around both.
 *
 * @param tokens `[batch, sequence]` int64.
 * @param layers How many layers to trace; BuPO's first phase stops after layer k.
 */
export function decode(
  config: ModelConfig,
  parameters: Parameters,
  tokens: Tensor,
  context: AttentionContext,
  layers = config.layers,
): DecoderStates {
  const residual = [scope("embed", () => embed(rowBlocks(parameters, EMBEDDING), tokens))];
  const inner: LayerStates[] = [];
  for (let layer = 1; layer <= layers; layer++) {
    const before = residual.at(-1) as Tensor; // the embedding is there from the start
    const own = (name: string): Tensor => get(parameters, layerParameter(layer, name));
    if (context.recompute) {
      residual.push(recomputedLayer(config, layer, before, parameters, context));
      continue;
    }
    const states = scope(`layer.${layer}`, () => traceLayer(config, layer, before, own, context));
    inner.push(states);
    residual.push(states.after);
  }
  return {
    residual,
    attention: inner.map(({ attended }) => attended),
    feedForward: inner.map(({ fed }) => fed),
    attentionInput: inner.map(({ attentionIn }) => attentionIn),
    feedForwardInput: inner.map(({ feedForwardIn }) => feedForwardIn),
  };
}

/** The states of one layer, `[batch, sequence, hiddenSize]` each. */
export interface LayerStates {
  /** The normed input of attention. */
  readonly attentionIn: Tensor;
  /** A: what attention adds. */
  readonly attended: Tensor;
  /** The normed input of the feed-forward layer. */
  readonly feedForwardIn: Tensor;
  /** F: what the feed-forward layer adds. */
  readonly fed: Tensor;
  /** The residual stream after the layer. */
  readonly after: Tensor;
}

/**
 * Traces one layer from the residual stream before it.
 *
 * @param own The layer's parameters by their names within the layer.
 */
export function traceLayer(
  config: ModelConfig,
  layer: number,
  before: Tensor,
  own: (name: string) => Tensor,
  context: AttentionContext,
): LayerStates {
  const attentionIn = rmsNorm(before, own("input_layernorm.weight"), config.rmsNormEpsilon);
  const attended = scope("attention", () => selfAttention(config, layer, attentionIn, own, context));
  const between = add(before, attended);
  const feedForwardIn = rmsNorm(between, own("post_attention_layernorm.weight"), config.rmsNormEpsilon);
  const fed = scope("feed_forward", () => {
    const gate = linear(feedForwardIn, own("mlp.gate_proj.weight"));
    return linear(
      swiGlu(gate, linear(feedForwardIn, own("mlp.up_proj.weight"))),
      own("mlp.down_proj.weight"),
    );
  });
  return { attentionIn, attended, feedForwardIn, fed, after: add(between, fed) };
}

/** A layer of which only the result is kept. */
function recomputedLayer(
  config: ModelConfig,
  layer: number,
  before: Tensor,
  parameters: Parameters,
  context: AttentionContext,
): Tensor {
  const prefix = layerParameter(layer, ""),
    names = [...parameters.keys()].filter((name) => name.startsWith(prefix));
  const weights = names.map((name) => get(parameters, name));
  return scope(
    `layer.${layer}`,
    () =>
      recomputed("Layer", [before, ...weights], context.recompute ?? [], ([x, ...again]) => {
        const own = (name: string): Tensor => {
          const at = names.indexOf(prefix + name);
          return again[at] ?? get(parameters, prefix + name);
        };
        return traceLayer(config, layer, x, own, context).after;
      }),
  );
}

function selfAttention(
  config: ModelConfig,
  layer: number,
  x: Tensor,
  own: (name: string) => Tensor,
  context: AttentionContext,
): Tensor {
  const project = (name: string, heads: number): Tensor => {
    const bias = config.queryKeyValueBias ? own(`self_attn.${name}_proj.bias`) : undefined;
    const projected = linear(x, own(`self_attn.${name}_proj.weight`), bias);
    if (!config.queryKeyNorm || name === "v") return splitHeads(projected, heads);
    // The norm runs per head, before heads and positions change places: its rows are the same either way.
    const [batch = 1, sequence = 1] = projected.shape;
    const perHead = reshape(projected, [batch, sequence, heads, config.headDimension]);
    const normed = rmsNorm(perHead, own(`self_attn.${name}_norm.weight`), config.rmsNormEpsilon);
    return sequence === 1
      ? reshape(normed, [batch, heads, 1, config.headDimension])
      : transpose(normed, [0, 2, 1, 3]);
  };
  const query = rotate(project("q", config.heads), context.angles);
  const key = rotate(project("k", config.keyValueHeads), context.angles);
  const value = project("v", config.keyValueHeads);
  return linear(context.attend(layer, query, key, value), own("self_attn.o_proj.weight"));
}

/** LN_final(H), the input of the full policy's head. */
export function finalNorm(config: ModelConfig, parameters: Parameters, hidden: Tensor): Tensor {
  return scope("final", () => rmsNorm(hidden, get(parameters, FINAL_NORM), config.rmsNormEpsilon));
}

/** The output embedding E_u, `[vocabulary, hiddenSize]`, as blocks of its rows. */
export function headWeight(config: ModelConfig, parameters: Parameters): Tensor[] {
  return rowBlocks(parameters, outputEmbedding(config));
}

/** The logits `[…, vocabulary]` of states `[…, hiddenSize]`. */
export function logits(hidden: Tensor, head: readonly Tensor[]): Tensor {
  return concat(head.map((rows) => matmul(hidden, transpose(rows))), hidden.rank - 1);
}

/** The rows of tokens; each lies in one block, and the others add 0. */
function embed(blocks: readonly Tensor[], tokens: Tensor): Tensor {
  const [first] = blocks;
  if (blocks.length === 1 && first) return gather(first, tokens);
  let start = 0;
  return blocks.map((rows) => {
    const size = rows.shape[0] as number, zero = scalar("int64", 0); // a parameter's shape is fixed
    const local = sub(tokens, scalar("int64", start)), last = scalar("int64", size - 1);
    start += size;
    const inside = unsqueeze(and(lessOrEqual(zero, local), lessOrEqual(local, last)), [tokens.rank]);
    return where(inside, gather(rows, minimum(maximum(local, zero), last)), 0);
  }).reduce((a, b) => add(a, b));
}
