/**
 * Whether a profile fits a model: its sequences, and the layer whose policy is trained.
 *
 * @module
 */

import type { ModelConfig } from "../model/mod.ts";
import type { Profile } from "./profile/mod.ts";

/**
 * Refuses sequences that are longer than what the model was made for, and layers that it does not have.
 *
 * @throws {RangeError} If prompt and response may together have more tokens than the model takes, or the internal layer or
 * one that is probed is beyond its layers.
 */
export function checkModelFit(
  { name, maxPromptTokens, maxResponseTokens, methods, training: { internalLayer, probe } }: Profile,
  { contextLength = Infinity, layers }: ModelConfig,
): void {
  const length = maxPromptTokens + maxResponseTokens;
  if (length > contextLength) {
    throw new RangeError(
      `Cannot use ${name}: prompt and response may have ${length} tokens, the model takes ${contextLength}; lower maxResponseTokens`,
    );
  }
  if (internalLayer !== "auto" && internalLayer > layers) {
    throw new RangeError(
      `Cannot use ${name}: training.internalLayer is ${internalLayer}, expected a layer of the model, 1 to ${layers}`,
    );
  }
  for (const method of methods) {
    if (typeof method === "string" || (method.internalLayer ?? 0) <= layers) continue;
    throw new RangeError(
      `Cannot use ${name}: ${method.name} has internalLayer ${method.internalLayer}, expected a layer of the model, 1 to ${layers}`,
    );
  }
  const beyond = probe && probe.layers !== "all" ? probe.layers.find((layer) => layer > layers) : undefined;
  if (beyond !== undefined) {
    throw new RangeError(
      `Cannot use ${name}: training.probe.layers has ${beyond}, expected layers of the model, 1 to ${layers}`,
    );
  }
}
