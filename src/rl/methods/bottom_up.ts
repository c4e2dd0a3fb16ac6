/**
 * BuPO (arXiv 2512.19673 v3), and variants of it that differ in one thing.
 *
 * Deviations of the loss `reference` from the paper, which follow the authors' released code, a fork of verl:
 *
 * 1. The loss is the mean over all tokens of a mini-batch; the paper writes a mean per response, then over responses.
 * 2. A dual clip at c = 10 bounds the loss of tokens with negative advantage; the paper does not mention it.
 * 3. Phase 1 lasts while step ≤ s_inter with steps counted from 1; the paper's first algorithm counts from 0.
 * 4. Weight decay acts on every parameter that is moved, the weights of norms and biases too: PyTorch's AdamW over all
 *    parameters, as verl calls it. Other trainers leave these out; the paper does not say.
 *
 * The loss `paper` takes 1 and 2 as written in the paper.
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
 * Of the variants, `bupo_normed` is the paper's ablation in Table 5; the final norm is then trained too, which the paper
 * does not say. `internal_only` is its Figure 4. The others are ours: `bupo_schedule` divides s_inter between layer k and
 * the layer halfway from there to the last; `bupo_random_layer` draws the layer by the seed; `bupo_reset` forgets AdamW's
 * moments at the switch; `bupo_memory` and `grpo_memory` have a β₂ that remembers an eighth of the run's updates, where
 * 0.999 remembers the 1,000 last ones, gradients of phase 1 among them.
 *
 * @module
 */

import { whole } from "./group.ts";
import type { Method } from "./method.ts";
import type { Phase } from "./phase.ts";

const estimator = { kind: "grpo", singleton: "zero" } as const;
const rest: Phase = { policy: "full", lasts: "rest" };
const bottomUp: readonly Phase[] = [{ policy: "internal", lasts: 1 }, rest];
/** What β₂ remembers, as a share of the run's updates. */
const memory = { memory: 1 / 8 };

/** Their names. */
export type BottomUpMethod =
  | "bupo"
  | "bupo_normed"
  | "internal_only"
  | "bupo_schedule"
  | "bupo_random_layer"
  | "bupo_reset"
  | "bupo_memory"
  | "grpo_memory";

/** The rows. */
export const bottomUpMethods: Readonly<Record<BottomUpMethod, Method>> = {
  bupo: { label: "BuPO", estimator, phases: bottomUp },
  bupo_normed: {
    label: "BuPO, normed",
    estimator,
    phases: [{ policy: "internal-normed", lasts: 1 }, rest],
  },
  internal_only: { label: "Internal only", estimator, phases: [{ policy: "internal", lasts: "rest" }] },
  bupo_schedule: {
    label: "BuPO, schedule",
    estimator,
    phases: [{ policy: "internal", lasts: 0.5 }, { policy: "halfway", lasts: 0.5 }, rest],
  },
  bupo_random_layer: {
    label: "BuPO, random layer",
    estimator,
    phases: [{ policy: "random", lasts: 1 }, rest],
  },
  bupo_reset: {
    label: "BuPO, moments reset",
    estimator,
    phases: [{ policy: "internal", lasts: 1 }, { ...rest, moments: "reset" }],
  },
  bupo_memory: { label: "BuPO, short memory", estimator, phases: bottomUp, beta2: memory },
  grpo_memory: { label: "GRPO, short memory", estimator, phases: whole, beta2: memory },
};
