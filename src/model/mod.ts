/**
 * Language models: configuration, parameters, the decoder, weights and tokenizer.
 *
 * @module
 */

export * from "./byte_pair.ts";
export * from "./checkpoint_directory.ts";
export * from "./config.ts";
export * from "./decoder.ts";
export * from "./directory.ts";
export { Hub } from "./hub.ts";
export { HubError } from "./hub_error.ts";
export {
  HUB_VARIABLES,
  type HubOptions,
  hubOptionsFromEnvironment,
  type HubProgress,
} from "./hub_options.ts";
export { type HubFile, type HubRepository } from "./hub_repository.ts";
export * from "./initialize.ts";
export * from "./layers.ts";
export * from "./layout.ts";
export { isModelFile } from "./model_file.ts";
export * from "./parameters.ts";
export { type RopeScaling, rotaryFrequencies } from "./rope.ts";
export * from "./safetensors.ts";
export * from "./tensor_source.ts";
export * from "./token_log_prob.ts";
export * from "./tokenizer.ts";
export * from "./weights.ts";
