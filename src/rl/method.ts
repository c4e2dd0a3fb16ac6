/**
 * The methods that can be compared, as named rows of settings.
 *
 * Deviations of the `reference` values from the paper (arXiv 2512.19673 v3), which follow the authors' released code, a
 * fork of verl:
 *
 * 1. The loss is the mean over all tokens of a mini-batch; the paper writes a mean per response, then over responses.
 * 2. A dual clip at c = 10 bounds the loss of tokens with negative advantage; the paper does not mention it.
 * 3. Phase 1 lasts while step ≤ s_inter with steps counted from 1; the paper's first algorithm counts from 0.
 * 4. Weight decay acts on every parameter that is moved, the weights of norms and biases too: PyTorch's AdamW over all
 *    parameters, as verl calls it. Other trainers leave these out; the paper does not say.
 *
 * The `paper` values take 1 and 2 as written in the paper.
 *
 * Our own deviations from the released code:
 *
 * 5. In phase 1 the graph stops after layer k. The authors run all layers; the gradients are equal.
 * 6. The mean over tokens is that of the whole mini-batch, whatever the micro-batches. The authors average within
 *    micro-batches and weigh these by their number of responses.
 * 7. A mini-batch is all responses to its share of the prompts, in the order in which they were drawn. The authors
 *    reorder the responses among the mini-batches, to even out their lengths.
 * 8. An update in which every advantage is 0 is skipped: no weight decay, no momentum, and the parameters' step counters
 *    stay; the learning rate's schedule goes on. verl takes the optimizer step. `skippedUpdates` counts them.
 * 9. A gradient that is not finite stops the run, unless a loss scale in float16 takes care of it. verl leaves out the
 *    update, says so, and goes on.
 * 10. Prompts are an endless walk through shuffles of all problems, so that a batch may reach from one epoch into the
 *     next. The authors drop an epoch's last batch where it is not full.
 * 11. The first update of a step takes the log-probs before it from its own forward pass, so that its ratios are exactly 1;
 *     the authors compute them once more before, where rounding leaves ratios next to 1. Later updates need those of the
 *     policy before the first, which are computed before it, for responses with an advantage.
 * 12. Entropies are means over the first two responses of each group; the authors' are over all.
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
