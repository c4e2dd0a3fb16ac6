/**
 * The token inputs that training and evaluation graphs share.
 *
 * @module
 */

import {
  attention,
  type AttentionContext,
  attentionMask,
  joinHeads,
  type ModelConfig,
  type Precision,
  rotary,
  rotaryFrequencies,
} from "../model/mod.ts";
import { input, scope, type Tensor } from "../tensor/mod.ts";

/** Whole sequences, `[batch, sequence]` int64 each. */
export interface SequenceInputs {
  /** The tokens. */
  readonly inputIds: Tensor;
  /** The token that each position predicts: the next one. */
  readonly targetIds: Tensor;
  /** Positions within a segment, from 0. */
  readonly positionIds: Tensor;
  /** Which sequence a token belongs to; padding is a segment of its own. */
  readonly segmentIds: Tensor;
}

/** Traces the token inputs. */
export function sequenceInputs(): SequenceInputs {
  const tokens = (name: string): Tensor => input(name, "int64", ["batch", "sequence"]);
  return {
    inputIds: tokens("input_ids"),
    targetIds: tokens("target_ids"),
    positionIds: tokens("position_ids"),
    segmentIds: tokens("segment_ids"),
  };
}

/**
 * Attention over whole sequences.
 *
 * @param precision What its products compute in.
 * @param checkpointing Whether the values within a layer are computed again in the backward pass.
 */
export function sequenceContext(
  config: ModelConfig,
  { positionIds, segmentIds }: Pick<SequenceInputs, "positionIds" | "segmentIds">,
  precision: Precision = "float32",
  checkpointing = false,
): AttentionContext {
  const { angles, mask } = scope("positions", () => ({
    angles: rotary(positionIds, rotaryFrequencies(config)),
    mask: attentionMask(positionIds, segmentIds),
  }));
  return {
    angles,
    attend: (_layer, query, key, value) => joinHeads(attention(query, key, value, mask, precision)),
    ...(checkpointing ? { recompute: [angles.cos, angles.sin, mask] } : {}),
  };
}
