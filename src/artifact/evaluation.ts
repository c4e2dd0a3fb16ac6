/**
 * `eval_model.onnx`: log-probabilities and entropies of given sequences under the full policy and a layer's.
 *
 * @module
 */

import {
  blockedKernels,
  type ModelConfig,
  parameterInputs,
  type ParameterLayout,
  parameterShapes,
  plainLayout,
} from "../model/mod.ts";
import { type Graph, input, type Tensor } from "../tensor/mod.ts";
import { sequenceContext, sequenceInputs } from "./inputs.ts";
import { checkLayer, decodeFor, type PolicyChoice, policyOf, tableKernels } from "./policy_graph.ts";

/** The composites that forward-only graphs compute by fused kernels. */
export const forwardKernels: ReadonlySet<string> = new Set([
  "RmsNorm",
  "Rotate",
  ...blockedKernels,
  "CachedAttention",
  "WriteSlots",
]);

/**
 * Builds the evaluation graph. Outputs, `[batch, sequence]` each: `logprobs`, `entropy`, and with an internal policy
 * `layer_logprobs`, `layer_entropy`.
 *
 * @param attentionBlock How many queries attention takes at a time. Absent: all at once.
 */
export function evaluationGraph(
  config: ModelConfig,
  internal?: PolicyChoice,
  layout: ParameterLayout = plainLayout,
  attentionBlock?: number,
): Graph {
  if (internal !== undefined) checkLayer(config, internal);
  const parameters = parameterInputs(parameterShapes(config), layout);
  const tokens = sequenceInputs();
  const temperature = input("temperature", "float32", []);
  const context = sequenceContext(config, tokens, { precision: layout.precision, block: attentionBlock });
  const states = decodeFor(config, parameters, tokens, context, "full");
  const outputs: Record<string, Tensor> = {
    ...policyOf(config, parameters, states, tokens.targetIds, temperature, "full", layout),
  };
  if (internal !== undefined) {
    const layer = policyOf(config, parameters, states, tokens.targetIds, temperature, internal, layout);
    outputs.layer_logprobs = layer.logprobs;
    outputs.layer_entropy = layer.entropy;
  }
  return {
    name: "eval_model",
    inputs: [...Object.values(tokens), temperature, ...parameters.values()],
    outputs,
    fused: new Set([...forwardKernels, ...tableKernels(layout)]),
  };
}
