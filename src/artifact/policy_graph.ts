/**
 * Policies inside graphs: the full policy, and the internal policy of a layer.
 *
 * @module
 */

import {
  type AttentionContext,
  decode,
  type DecoderStates,
  FINAL_NORM,
  finalNorm,
  headWeight,
  type ModelConfig,
  type ParameterLayout,
  type Parameters,
  type ParameterShapes,
  parameterShapes,
  type TokenPolicy,
  tokenPolicy,
  VOCABULARY_WALK,
} from "../model/mod.ts";
import { ADD_ROWS, div, scope, type Tensor } from "../tensor/mod.ts";
import type { SequenceInputs } from "./inputs.ts";

/**
 * Which policy: the full one, or that of a layer (1 … L), taken from the raw residual stream (paper, eq. 5), or from the
 * residual stream after the final norm (the paper's ablation in Table 5).
 */
export type PolicyChoice = "full" | number | `${number}-normed`;

/** The layer whose residual stream a policy reads; none for the full policy. */
export function layerOf(policy: PolicyChoice): number | undefined {
  if (policy === "full") return undefined;
  return typeof policy === "number" ? policy : Number.parseInt(policy);
}

/** How files and graphs call a policy: `layer_3`, `layer_3_normed`; nothing for the full one. */
export function policySuffix(policy: PolicyChoice): string {
  const layer = layerOf(policy);
  if (layer === undefined) return "";
  return typeof policy === "number" ? `layer_${layer}` : `layer_${layer}_normed`;
}

/** The composites over tables that graphs compute by fused kernels, where there are such. */
export function tableKernels({ onHost }: ParameterLayout): readonly string[] {
  return onHost ? [ADD_ROWS, VOCABULARY_WALK] : [];
}

/** Checks that a layer exists. */
export function checkLayer(config: ModelConfig, policy: PolicyChoice): void {
  const layer = layerOf(policy);
  if (layer === undefined) return;
  if (!Number.isInteger(layer) || layer < 1 || layer > config.layers) {
    throw new RangeError(
      `Cannot build the policy of layer ${layer}: the model has layers 1 to ${config.layers}`,
    );
  }
}

/**
 * The parameters that a policy reads: those above its layer have no gradient, which is not the same as gradient 0. The raw
 * policy of a layer, the last one's too, does not read the final norm.
 */
export function policyParameters(config: ModelConfig, policy: PolicyChoice): ParameterShapes {
  const all = parameterShapes(config), layer = layerOf(policy);
  if (layer === undefined) return all;
  const read = new Set(parameterShapes(config, layer).keys()).difference(new Set([FINAL_NORM]));
  return new Map([...all].filter(([name]) => {
    return read.has(name) || name === FINAL_NORM && typeof policy === "string";
  }));
}

/** Traces only the layers that a policy needs. */
export function decodeFor(
  config: ModelConfig,
  parameters: Parameters,
  inputs: SequenceInputs,
  context: AttentionContext,
  policy: PolicyChoice,
): DecoderStates {
  return decode(config, parameters, inputs.inputIds, context, layerOf(policy) ?? config.layers);
}

/** The log-probabilities of the targets under a policy at a temperature. */
export function policyOf(
  config: ModelConfig,
  parameters: Parameters,
  states: DecoderStates,
  targets: Tensor,
  temperature: Tensor,
  policy: PolicyChoice,
  layout: ParameterLayout,
): TokenPolicy {
  const suffix = policySuffix(policy);
  return scope(suffix === "" ? "policy" : `policy.${suffix}`, () => {
    const raw = states.residual[layerOf(policy) ?? config.layers];
    if (!raw) throw new RangeError(`Cannot build the policy of layer ${layerOf(policy)}: it was not traced`);
    const hidden = typeof policy === "number" ? raw : finalNorm(config, parameters, raw);
    return tokenPolicy(div(hidden, temperature), headWeight(config, parameters), targets, layout.onHost);
  });
}
