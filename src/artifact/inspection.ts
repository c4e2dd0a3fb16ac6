/**
 * `inspect_model.onnx`: every state and every internal policy of a forward pass.
 *
 * @module
 */

import {
  decode,
  finalNorm,
  headWeight,
  logits,
  type ModelConfig,
  parameterInputs,
  parameterShapes,
  tokenPolicy,
} from "../model/mod.ts";
import { div, type Graph, mul, scope, sqrt, sub, sum, type Tensor } from "../tensor/mod.ts";
import { forwardKernels } from "./evaluation.ts";
import { sequenceContext, sequenceInputs } from "./inputs.ts";

/** The cosine of two vectors along the last axis (paper, appendix B.5). */
function cosine(a: Tensor, b: Tensor): Tensor {
  const dot = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y), [-1]);
  return div(dot(a, b), sqrt(mul(dot(a, a), dot(b, b))));
}

/**
 * Builds the inspection graph. Outputs, with l a layer from 1: `logits`; `hidden_states.{0…L}`, `attn_out.l`,
 * `ffn_out.l`; `logprobs.*` and `entropy.*` of the policies `full`, `layer.{0…L}`, `layer_normed.{0…L}`, `attn.l`,
 * `ffn.l`; `entropy.attn_in.l`, `entropy.ffn_in.l`; `cosine.attn.l`, `cosine.ffn.l`.
 */
export function inspectionGraph(config: ModelConfig): Graph {
  const parameters = parameterInputs(parameterShapes(config));
  const tokens = sequenceInputs();
  const states = decode(config, parameters, tokens.inputIds, sequenceContext(config, tokens));
  const head = headWeight(config, parameters);
  const outputs: Record<string, Tensor> = {};
  const policy = (name: string, hidden: Tensor): void => {
    const { logprobs, entropy } = scope(`policy.${name}`, () => tokenPolicy(hidden, head, tokens.targetIds));
    outputs[`logprobs.${name}`] = logprobs;
    outputs[`entropy.${name}`] = entropy;
  };
  states.residual.forEach((hidden, layer) => {
    outputs[`hidden_states.${layer}`] = hidden;
    const normed = finalNorm(config, parameters, hidden);
    policy(`layer.${layer}`, hidden);
    policy(`layer_normed.${layer}`, normed);
    if (layer === config.layers) {
      policy("full", normed);
      outputs.logits = logits(normed, head);
    }
  });
  states.attention.forEach((attended, i) => {
    const layer = i + 1, before = states.residual[i] as Tensor, after = states.residual[layer] as Tensor; // one each
    const fed = states.feedForward[i] as Tensor;
    outputs[`attn_out.${layer}`] = attended;
    outputs[`ffn_out.${layer}`] = fed;
    policy(`attn.${layer}`, attended);
    policy(`ffn.${layer}`, fed);
    policy(`attn_in.${layer}`, states.attentionInput[i] as Tensor);
    policy(`ffn_in.${layer}`, states.feedForwardInput[i] as Tensor);
    outputs[`cosine.attn.${layer}`] = cosine(attended, before);
    outputs[`cosine.ffn.${layer}`] = cosine(fed, sub(after, fed));
  });
  return {
    name: "inspect_model",
    inputs: [...Object.values(tokens), ...parameters.values()],
    outputs,
    fused: forwardKernels,
  };
}
