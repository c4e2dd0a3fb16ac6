/**
 * What a published `config.json` says of an architecture, checked and in one form: sizes, rotary embedding, and the
 * parameters that follow from them. Whatever would change the mathematics unnoticed is refused by name.
 *
 * @module
 */

export { parseConfig } from "./config.ts";
export { type ConfigDocument, isObject } from "./fields.ts";
export {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  layerParameter,
  outputEmbedding,
  parameterCount,
  type Parameters,
  type ParameterShapes,
  parameterShapes,
} from "./parameters.ts";
export type { ModelConfig, RopeScaling } from "./model_config.ts";
export { rotaryFrequencies } from "./rope.ts";
