/**
 * Random weights to start a model from.
 *
 * @module
 */

import { RandomStream } from "../../random.ts";
import { type ModelConfig, parameterShapes } from "../config/mod.ts";
import type { StoredTensor } from "./safetensors.ts";

/**
 * Normal weights of standard deviation 1/√(inputs), gains 1, biases 0. The projections that write to the residual
 * stream are divided by √(2 · layers), so that its variance does not grow with depth (Radford et al., 2019).
 */
export function initializeWeights(config: ModelConfig, seed: number): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of parameterShapes(config)) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (name.endsWith("norm.weight")) data.fill(1);
    else if (name.endsWith(".weight")) {
      const writes = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
      const deviation = (writes ? 1 / Math.sqrt(2 * config.layers) : 1) / Math.sqrt(shape[1] ?? 1);
      const random = new RandomStream("initialize", seed, name);
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    }
    tensors.set(name, { dtype: "float32", shape, data });
  }
  return tensors;
}
