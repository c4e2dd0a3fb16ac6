/**
 * Prompts in one pass. `prefill_model.onnx` takes a piece of several prompts at a time and fills the prompts' own KV
 * cache; `copy_model.onnx` copies a filled prompt to each row that samples after it. Both leave out the prompt's last
 * token: the decoding step takes it, and samples.
 *
 * @module
 */

import {
  attention,
  type AttentionContext,
  decode,
  joinHeads,
  MASKED,
  type ModelConfig,
  parameterInputs,
  type ParameterLayout,
  parameterShapes,
  plainLayout,
  type Precision,
  rotary,
  rotaryFrequencies,
} from "../model/mod.ts";
import {
  cast,
  expand,
  gather,
  type Graph,
  input,
  lessOrEqual,
  scalar,
  scope,
  type Tensor,
  unsqueeze,
  where,
} from "../tensor/mod.ts";
import {
  cacheInputs,
  keyCacheName,
  type LayerCache,
  promptKeyCacheName,
  promptValueCacheName,
  valueCacheName,
  writeSlots,
} from "./cache.ts";
import { forwardKernels } from "./evaluation.ts";
import { outputName } from "./training.ts";

/**
 * Builds the pass over a piece of prompts.
 *
 * A position attends over all slots of the prompt's cache, those after it masked, so that its numbers depend on how many
 * slots there are and not on how the prompt was cut.
 *
 * Inputs: `tokens` int64 [batch, piece]; `positions` int64 [piece], the same for every prompt; `rows` int64 [batch] and
 * `slots` int64 [prompt_slots] = 0, 1, …; the prompts' caches and the parameters. Outputs: the caches, which must be the
 * fed ones in place.
 *
 * @param cachePrecision The element type of the caches; layers attend with what they hold.
 */
export function prefillGraph(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  cachePrecision: Precision = layout.precision,
): Graph {
  const parameters = parameterInputs(parameterShapes(config), layout);
  const tokens = input("tokens", "int64", ["batch", "piece"]);
  const positions = input("positions", "int64", ["piece"]), rows = input("rows", "int64", ["batch"]);
  const slots = input("slots", "int64", ["prompt_slots"]);
  const names = [promptKeyCacheName, promptValueCacheName] as const;
  const caches = cacheInputs(config, cachePrecision, names, "batch", "prompt_slots");
  const outputs: Record<string, Tensor> = {};
  const { angles, mask } = scope("positions", () => ({
    angles: rotary(expand(unsqueeze(positions, [0]), ["batch", "piece"]), rotaryFrequencies(config)),
    mask: where(
      lessOrEqual(unsqueeze(slots, [0, 1, 2]), unsqueeze(positions, [0, 1, 3])),
      scalar("float32", 0),
      scalar("float32", MASKED),
    ),
  }));
  const context: AttentionContext = {
    angles,
    attend: (layer, query, key, value) => {
      const own = caches[layer - 1] as LayerCache; // one per layer, made above
      const keys = writeSlots(own.keys, rows, positions, cast(key, cachePrecision));
      const values = writeSlots(own.values, rows, positions, cast(value, cachePrecision));
      outputs[outputName(promptKeyCacheName(layer))] = keys;
      outputs[outputName(promptValueCacheName(layer))] = values;
      return joinHeads(attention(query, keys, values, mask, layout.precision));
    },
  };
  decode(config, parameters, tokens, context);
  return {
    name: "prefill_model",
    inputs: [
      tokens,
      positions,
      rows,
      slots,
      ...caches.flatMap(({ keys, values }) => [keys, values]),
      ...parameters.values(),
    ],
    outputs,
    fused: forwardKernels,
  };
}

/**
 * Builds the copying of prompts to rows.
 *
 * Inputs: `sources` int64 [copies], places in the prompts' caches; `rows` int64 [copies], each row at most once; `slots`
 * int64 [prompt_slots] = 0, 1, …; the prompts' caches and those of the rows. Outputs: the caches of the rows, which
 * must be the fed ones in place.
 */
export function copyGraph(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  cachePrecision: Precision = layout.precision,
): Graph {
  const sources = input("sources", "int64", ["copies"]), rows = input("rows", "int64", ["copies"]);
  const slots = input("slots", "int64", ["prompt_slots"]);
  const promptNames = [promptKeyCacheName, promptValueCacheName] as const;
  const prompts = cacheInputs(config, cachePrecision, promptNames, "prompts", "prompt_slots");
  const names = [keyCacheName, valueCacheName] as const;
  const caches = cacheInputs(config, cachePrecision, names, "batch", "capacity");
  const outputs = Object.fromEntries(caches.flatMap(({ keys, values }, i) => {
    const prompt = prompts[i] as LayerCache; // one per layer too
    const copied = (to: Tensor, from: Tensor): Tensor => writeSlots(to, rows, slots, gather(from, sources));
    return [
      [outputName(keyCacheName(i + 1)), copied(keys, prompt.keys)],
      [outputName(valueCacheName(i + 1)), copied(values, prompt.values)],
    ];
  }));
  return {
    name: "copy_model",
    inputs: [
      sources,
      rows,
      slots,
      ...[...prompts, ...caches].flatMap(({ keys, values }) => [keys, values]),
    ],
    outputs,
    fused: forwardKernels,
  };
}
