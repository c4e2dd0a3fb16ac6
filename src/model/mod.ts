/**
 * Language models: configuration, parameters, the decoder, weights and tokenizer.
 *
 * @module
 */

export * from "./byte_pair.ts";
export * from "./config.ts";
export * from "./decoder.ts";
export * from "./directory.ts";
export * from "./initialize.ts";
export * from "./layers.ts";
export * from "./parameters.ts";
export { type RopeScaling, rotaryFrequencies } from "./rope.ts";
export * from "./safetensors.ts";
export * from "./token_log_prob.ts";
export * from "./tokenizer.ts";
