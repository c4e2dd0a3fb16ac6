/**
 * Policies inside graphs: the full policy, and the internal policy of a layer.
 *
 * @module
 */

import {
  type AttentionContext,
  decode,
  type DecoderStates,
  finalNorm,
  headWeight,
  type ModelConfig,
  type ParameterLayout,
  type Parameters,
  type TokenPolicy,
  tokenPolicy,
  VOCABULARY_WALK,
} from "../model/mod.ts";
import { ADD_ROWS, div, scope, type Tensor } from "../tensor/mod.ts";
import type { SequenceInputs } from "./inputs.ts";

/** Which policy: the full one, or that of a layer (1 … L), taken from the raw residual stream (paper, eq. 5). */
export type PolicyChoice = "full" | number;

/** The composites over tables that graphs compute by fused kernels, where there are such. */
export function tableKernels({ onHost }: ParameterLayout): readonly string[] {
  return onHost ? [ADD_ROWS, VOCABULARY_WALK] : [];
}

/** Checks that a layer exists. */
export function checkLayer(config: ModelConfig, policy: PolicyChoice): void {
  if (policy === "full") return;
  if (!Number.isInteger(policy) || policy < 1 || policy > config.layers) {
    throw new RangeError(
      `Cannot build the policy of layer ${policy}: the model has layers 1 to ${config.layers}`,
    );
  }
}

/** Traces only the layers that a policy needs. */
export function decodeFor(
  config: ModelConfig,
  parameters: Parameters,
  inputs: SequenceInputs,
  context: AttentionContext,
  policy: PolicyChoice,
): DecoderStates {
  return decode(config, parameters, inputs.inputIds, context, policy === "full" ? config.layers : policy);
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
  return scope(policy === "full" ? "policy" : `policy.layer_${policy}`, () => {
    const raw = states.residual[policy === "full" ? config.layers : policy];
    if (!raw) throw new RangeError(`Cannot build the policy of layer ${policy}: it was not traced`);
    const hidden = policy === "full" ? finalNorm(config, parameters, raw) : raw;
    return tokenPolicy(div(hidden, temperature), headWeight(config, parameters), targets, layout.onHost);
  });
}
