/**
 * The decoder as traced tensors: its layers, its rows of logits in blocks, and log-probabilities of tokens that never
 * hold the logits of a whole batch. One definition serves training, evaluation and decoding.
 *
 * @module
 */

export {
  type AttentionContext,
  decode,
  type DecoderStates,
  finalNorm,
  headWeight,
  type LayerStates,
  logits,
  traceLayer,
} from "./decoder.ts";
export {
  attentionBlock,
  blockedAttention,
  type BlockedAttentionSettings,
  blockedKernels,
  type Visibility,
} from "./blocked_attention.ts";
export {
  attention,
  attentionMask,
  joinHeads,
  linear,
  MASKED,
  rmsNorm,
  type Rotary,
  rotary,
  rotate,
  splitHeads,
  swiGlu,
} from "./layers.ts";
export {
  blockShapes,
  type ParameterBlock,
  parameterBlocks,
  parameterInputs,
  type ParameterLayout,
  parameterType,
  plainLayout,
  type Precision,
  rowBlocks,
} from "./layout.ts";
export { type TokenPolicy, tokenPolicy, VOCABULARY_WALK } from "./token_log_prob.ts";
export { VOCABULARY_CHUNK } from "./vocabulary.ts";
