/**
 * The methods that can be compared, as named rows of settings.
 *
 * Deviations of the `reference` values from the paper (arXiv 2512.19673 v3), which follow the authors' released code:
 *
 * 1. The loss is the mean over all tokens of a mini-batch; the paper writes a mean per response, then over responses.
 * 2. A dual clip at c = 10 bounds the loss of tokens with negative advantage; the paper does not mention it.
 * 3. Phase 1 lasts while step ≤ s_inter with steps counted from 1; the paper's first algorithm counts from 0.
 *
 * Our own deviation: in phase 1 the graph stops after layer k. The authors run all layers; the gradients are equal.
 *
 * The `paper` values take 1 and 2 as written in the paper.
 *
 * @module
 */

import type { GroupEstimator } from "./advantage/mod.ts";
import type { ClipSettings, Reduction } from "./loss/mod.ts";

/** A row of the comparison. */
export interface Method {
  /** How tables call it. */
  readonly label: string;
  /** How rewards become advantages. */
  readonly estimator: GroupEstimator;
  /** The first s_inter steps train the internal policy of layer k instead of the full policy. */
  readonly bottomUp: boolean;
}

/** The names of the methods. */
export type MethodName = "grpo" | "bupo";

/** The methods. */
export const methods: Readonly<Record<MethodName, Method>> = {
  grpo: { label: "GRPO", estimator: "grpo", bottomUp: false },
  bupo: { label: "BuPO", estimator: "grpo", bottomUp: true },
};

/** How the surrogate loss is clipped and averaged. */
export interface LossSettings {
  /** The bounds of the probability ratio. */
  readonly clip: ClipSettings;
  /** What the sum over tokens is divided by. */
  readonly reduction: Reduction;
}

/** The names of loss settings, by source. */
export type LossName = "reference" | "paper" | "clip-higher";

/** The loss settings: those of the released code, those of the paper's text, and DAPO's asymmetric clip. */
export const losses: Readonly<Record<LossName, LossSettings>> = {
  reference: { clip: { clipLow: 0.2, clipHigh: 0.2, dualClip: 10 }, reduction: "token-mean" },
  paper: { clip: { clipLow: 0.2, clipHigh: 0.2 }, reduction: "sequence-mean" },
  "clip-higher": { clip: { clipLow: 0.2, clipHigh: 0.28, dualClip: 10 }, reduction: "token-mean" },
};
