/**
 * The token inputs that training and evaluation graphs share.
 *
 * @module
 */

import {
  attention,
  type AttentionContext,
  attentionMask,
  blockedAttention,
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

/** How whole sequences are attended. */
export interface SequenceSettings {
  /** What its products compute in. Default float32. */
  readonly precision?: Precision;
  /** Whether the values within a layer are computed again in the backward pass. Default false. */
  readonly checkpointing?: boolean;
  /** How many queries are attended at a time. Absent: all at once. */
  readonly block?: number | undefined;
}

/** Attention over whole sequences. */
export function sequenceContext(
  config: ModelConfig,
  { positionIds, segmentIds }: Pick<SequenceInputs, "positionIds" | "segmentIds">,
  { precision = "float32", checkpointing = false, block }: SequenceSettings = {},
): AttentionContext {
  const visibility = { positions: positionIds, segments: segmentIds };
  const { angles, mask } = scope("positions", () => ({
    angles: rotary(positionIds, rotaryFrequencies(config)),
    // Traced in any case; a graph that attends in blocks does not read it.
    mask: attentionMask(positionIds, segmentIds),
  }));
  const read = block === undefined ? [mask] : [positionIds, segmentIds];
  return {
    angles,
    attend: (_layer, query, key, value) =>
      joinHeads(
        block === undefined
          ? attention(query, key, value, mask, precision)
          : blockedAttention(query, key, value, visibility, { block, precision }),
      ),
    ...(checkpointing ? { recompute: [angles.cos, angles.sin, ...read] } : {}),
  };
}
