/**
 * `rollout_model.onnx`: one decoding step of every row with a KV cache, sampling included. A row may stand at any
 * position: prompts are fed through the same step, so rows of different lengths share a batch and a finished row's
 * place is taken by the next prompt at once.
 *
 * @module
 */

import {
  type AttentionContext,
  decode,
  finalNorm,
  headWeight,
  logits,
  type ModelConfig,
  parameterInputs,
  type ParameterLayout,
  parameterShapes,
  plainLayout,
  rotary,
  rotaryFrequencies,
} from "../model/mod.ts";
import {
  cast,
  composite,
  div,
  equal,
  type Graph,
  input,
  lessOrEqual,
  matmul,
  mul,
  reshape,
  scalar,
  scope,
  softmax,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../tensor/mod.ts";
import { forwardKernels } from "./evaluation.ts";
import { sampleTokens } from "./sampling.ts";
import { outputName } from "./training.ts";

/** The name of a layer's key cache. */
export function keyCacheName(layer: number): string {
  return `key_cache.${layer}`;
}

/** The name of a layer's value cache. */
export function valueCacheName(layer: number): string {
  return `value_cache.${layer}`;
}

/** The KV cache of a layer, `[batch, keyValueHeads, capacity, headDimension]` each. */
export interface LayerCache {
  /** Keys. */
  readonly keys: Tensor;
  /** Values. */
  readonly values: Tensor;
}

/**
 * Attention of one new position per row over its cache `[batch, keyValueHeads, capacity, d]`; returns the attended
 * values `[batch, 1, heads · d]` and the caches with the new key and value at the row's position. All are of the caches'
 * element type.
 *
 * @param positions `[batch]` int32: how many positions the row's cache already holds.
 * @param slots `[capacity]` int32: 0, 1, …
 */
export function cachedAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  cache: LayerCache,
  positions: Tensor,
  slots: Tensor,
  capacity: Tensor,
): Tensor[] {
  const [batch = 1, heads, , size] = query.shape as [number | string, number, number, number];
  const groups = key.shape[1] as number; // fixed by the architecture
  const flat = (x: Tensor, count: number): Tensor => reshape(x, [batch, 1, count * size]);
  const define = (): Tensor[] => {
    const at = reshape(positions, [batch, 1, 1, 1]);
    const slot = unsqueeze(slots, [0, 1, 3]);
    const write = (old: Tensor, fresh: Tensor): Tensor => where(equal(slot, at), fresh, old);
    const keys = write(cache.keys, key), values = write(cache.values, value);
    const rows = reshape(query, [batch, groups, heads / groups, size]);
    const scores = cast(matmul(mul(rows, 1 / Math.sqrt(size)), transpose(keys)), "float32");
    const seen = lessOrEqual(unsqueeze(slots, [0, 1, 2]), at);
    const shares = softmax(where(seen, scores, scalar("float32", -1e9)));
    const attended = matmul(cast(shares, values.dtype), values);
    return [reshape(attended, [batch, 1, heads * size]), keys, values];
  };
  return composite(
    "CachedAttention",
    [query, key, value, cache.keys, cache.values, positions, slots],
    define,
    {
      fused: {
        domain: "com.microsoft",
        operator: "GroupQueryAttention",
        attributes: { num_heads: { int: heads }, kv_num_heads: { int: groups } },
        inputs: [
          flat(query, heads),
          flat(key, groups),
          flat(value, groups),
          cache.keys,
          cache.values,
          positions,
          capacity,
        ],
      },
    },
  );
}

/** The kernels of the decoding step; tests lower it without them to compare with the definitions. */
export const rolloutKernels: ReadonlySet<string> = forwardKernels;

/**
 * Builds the decoding step.
 *
 * Inputs, `[batch]` each: `tokens` int64, the token at `positions` int32; `noise` float32, one uniform number in
 * [0, 1). Further `temperature` [], `slots` int32 [capacity] = 0, 1, …, `capacity` int32 [], the caches and parameters.
 * Outputs, `[batch]` each: `next_tokens` int64, `next_logprobs`; and the caches, which may be the fed ones in place.
 */
export function rolloutGraph(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  fused: ReadonlySet<string> = rolloutKernels,
): Graph {
  const { keyValueHeads, headDimension } = config;
  const parameters = parameterInputs(parameterShapes(config), layout);
  const tokens = input("tokens", "int64", ["batch"]), positions = input("positions", "int32", ["batch"]);
  const noise = input("noise", "float32", ["batch"]), temperature = input("temperature", "float32", []);
  const slots = input("slots", "int32", ["capacity"]), capacity = input("capacity_size", "int32", []);
  const cache = (name: string): Tensor =>
    input(name, layout.precision, ["batch", keyValueHeads, "capacity", headDimension]);
  const caches = Array.from({ length: config.layers }, (_, i) => ({
    keys: cache(keyCacheName(i + 1)),
    values: cache(valueCacheName(i + 1)),
  }));
  const outputs: Record<string, Tensor> = {};
  const context: AttentionContext = {
    angles: scope(
      "positions",
      () => rotary(unsqueeze(cast(positions, "int64"), [1]), rotaryFrequencies(config)),
    ),
    attend: (layer, query, key, value) => {
      const own = caches[layer - 1] as LayerCache; // one per layer, made above
      const [q, k, v] = [query, key, value].map((x) => cast(x, layout.precision)) as [Tensor, Tensor, Tensor];
      const [attended, keys, values] = cachedAttention(q, k, v, own, positions, slots, capacity);
      outputs[outputName(keyCacheName(layer))] = keys as Tensor;
      outputs[outputName(valueCacheName(layer))] = values as Tensor;
      return cast(attended as Tensor, query.dtype);
    },
  };
  const states = decode(config, parameters, unsqueeze(tokens, [1]), context);
  const { next, logprobs } = scope("sample", () => {
    const hidden = finalNorm(config, parameters, states.residual.at(-1) as Tensor); // the last layer's
    const rows = div(reshape(hidden, ["batch", config.hiddenSize]), temperature);
    return sampleTokens(logits(rows, headWeight(config, parameters)), noise);
  });
  return {
    name: "rollout_model",
    inputs: [
      tokens,
      positions,
      noise,
      temperature,
      slots,
      capacity,
      ...caches.flatMap(({ keys, values }) => [keys, values]),
      ...parameters.values(),
    ],
    outputs: { next_tokens: next, next_logprobs: logprobs, ...outputs },
    fused,
  };
}
