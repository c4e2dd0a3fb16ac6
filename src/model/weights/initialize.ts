/**
 * Random weights to start a model from.
 *
 * @module
 */

import { RandomStream } from "../../random.ts";
import { type ModelConfig, parameterShapes } from "../config/mod.ts";
import type { StoredTensor } from "./safetensors.ts";
import { noTensor, type TensorSource } from "./tensor_source.ts";

/** One parameter's initial values. */
function initialize(config: ModelConfig, seed: number, name: string, shape: readonly number[]): StoredTensor {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (name.endsWith("norm.weight")) data.fill(1);
  else if (name.endsWith(".weight")) {
    const writes = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
    const deviation = (writes ? 1 / Math.sqrt(2 * config.layers) : 1) / Math.sqrt(shape[1] ?? 1);
    const random = new RandomStream("initialize", seed, name);
    for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
  }
  return { dtype: "float32", shape, data };
}

/**
 * Normal weights of standard deviation 1/√(inputs), gains 1, biases 0. The projections that write to the residual
 * stream are divided by √(2 · layers), so that its variance does not grow with depth (Radford et al., 2019).
 */
export function initializeWeights(config: ModelConfig, seed: number): Map<string, StoredTensor> {
  return new Map(
    [...parameterShapes(config)].map(([name, shape]) => [name, initialize(config, seed, name, shape)]),
  );
}

/** The same weights, made when they are read: a model that is never in memory as a whole. */
export function initializedSource(config: ModelConfig, seed: number): TensorSource {
  const shapes = parameterShapes(config);
  return {
    entries: new Map([...shapes].map(([name, shape]) => [name, { dtype: "float32" as const, shape }])),
    read: (name) => Promise.try(() => initialize(config, seed, name, shapes.get(name) ?? noTensor(name))),
  };
}
