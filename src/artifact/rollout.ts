/**
 * `rollout_model.onnx`: one decoding step of every row with a KV cache, sampling included. A row may stand at any
 * position, so rows of different lengths share a batch and a finished row's place is taken at once. A row starts at its
 * prompt's last token: what is before it comes from the prompt's own cache (`prefill.ts`).
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
  type Precision,
} from "../model/mod.ts";
import {
  cast,
  div,
  gather,
  type Graph,
  input,
  reshape,
  scope,
  type Tensor,
  unsqueeze,
} from "../tensor/mod.ts";
import { cachedAttention, cacheInputs, keyCacheName, type LayerCache, valueCacheName } from "./cache.ts";
import { forwardKernels } from "./evaluation.ts";
import { sampleTokens } from "./sampling.ts";
import { outputName } from "./training.ts";

/** The kernels of the decoding step; tests lower it without them to compare with the definitions. */
export const rolloutKernels: ReadonlySet<string> = forwardKernels;

/**
 * Builds the decoding step.
 *
 * Inputs, `[batch]` each: `tokens` int64, the token at `positions` int32; `noise` float32, one uniform number in
 * [0, 1). Further `temperature` [], `cosines` and `sines` [capacity, d/2] of the rotary angles at all positions, `slots`
 * int32 [capacity] = 0, 1, …, `capacity_size` int32 [], the caches and parameters.
 * Outputs, `[batch]` each: `next_tokens` int64, `next_logprobs`; and the caches, which may be the fed ones in place.
 *
 * A row's numbers do not depend on how many rows stand beside it: every kernel computes a row by itself, and none has
 * elements left over that it would compute in another way.
 *
 * @param cachePrecision The element type of the caches, and of queries, keys and values where they meet them.
 */
export function rolloutGraph(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  cachePrecision: Precision = layout.precision,
): Graph {
  const parameters = parameterInputs(parameterShapes(config), layout);
  const tokens = input("tokens", "int64", ["batch"]), positions = input("positions", "int32", ["batch"]);
  const noise = input("noise", "float32", ["batch"]), temperature = input("temperature", "float32", []);
  const table = ["capacity", config.headDimension / 2];
  const cosines = input("cosines", "float32", table), sines = input("sines", "float32", table);
  const slots = input("slots", "int32", ["capacity"]), capacity = input("capacity_size", "int32", []);
  const caches = cacheInputs(
    config,
    cachePrecision,
    [keyCacheName, valueCacheName],
    "batch",
    "capacity",
  );
  const outputs: Record<string, Tensor> = {};
  const context: AttentionContext = {
    angles: scope("positions", () => {
      const at = unsqueeze(cast(positions, "int64"), [1]);
      return { cos: gather(cosines, at), sin: gather(sines, at) };
    }),
    attend: (layer, query, key, value) => {
      const own = caches[layer - 1] as LayerCache; // one per layer, made above
      const [q, k, v] = [query, key, value].map((x) => cast(x, cachePrecision)) as [Tensor, Tensor, Tensor];
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
      cosines,
      sines,
      slots,
      capacity,
      ...caches.flatMap(({ keys, values }) => [keys, values]),
      ...parameters.values(),
    ],
    outputs: { next_tokens: next, next_logprobs: logprobs, ...outputs },
    fused: rolloutKernels,
  };
}
