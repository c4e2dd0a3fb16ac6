/**
 * Methods that compare the responses to one prompt with each other.
 *
 * `grpo` (Shao et al., arXiv 2402.03300), as the authors of BuPO compare with it. Deviations:
 *
 * 1. No divergence from a reference model (the paper: β = 0.04).
 * 2. The loss is the profile's, the same as of the other methods without one of their own. The paper's mean per response
 *    is the profile's loss `paper`.
 *
 * `dr_grpo` (Liu et al., arXiv 2503.20783). Deviations:
 *
 * 1. The constant length is the profile's `maxResponseTokens`; the loss is the mean over responses of what is divided by it.
 *
 * `dapo` (Yu et al., arXiv 2503.14476). Deviations:
 *
 * 1. Rewards are 0 and 1, not −1 and 1; the overlong penalty of up to 1 is added to them.
 * 2. The buffer is a fifth of the longest response, 4,096 of 20,480 tokens there.
 * 3. Sampling goes on four times a step at most. Then groups of equal rewards fill the batch; there, generation goes on
 *    without a bound.
 * 4. The penalty is added before groups are compared, so that a group whose responses are all wrong and of unlike lengths
 *    counts as informative; there, groups are dropped by accuracy.
 *
 * `gspo` (Zheng et al., arXiv 2507.18071). Deviations: none that we know; clip 3e-4 and 4e-4 as in its section 5.1.
 *
 * `cispo` (MiniMax-M1, arXiv 2506.13585). Deviations:
 *
 * 1. No dynamic sampling and no length penalty, to differ in the objective alone.
 * 2. The upper bound is 5 above 1; the paper names none.
 *
 * `rloo` (Ahmadian et al., arXiv 2402.14740). Deviations:
 *
 * 1. No divergence in the reward.
 * 2. The profile's loss, a clipped ratio a token; the paper has no ratio, because each batch has one update.
 *
 * @module
 */

import type { Method } from "./method.ts";
import type { Phase } from "./phase.ts";

/** The full policy from the first step to the last. */
export const whole: readonly Phase[] = [{ policy: "full", lasts: "rest" }];

/** Their names. */
export type GroupMethod = "grpo" | "dr_grpo" | "dapo" | "gspo" | "cispo" | "rloo";

/** The rows. */
export const groupMethods: Readonly<Record<GroupMethod, Method>> = {
  grpo: { label: "GRPO", estimator: { kind: "grpo", singleton: "zero" }, phases: whole },
  dr_grpo: {
    label: "Dr. GRPO",
    estimator: { kind: "grpo-mean", singleton: "zero" },
    loss: { objective: { kind: "clip", clipLow: 0.2, clipHigh: 0.2 }, reduction: "constant" },
    phases: whole,
  },
  dapo: {
    label: "DAPO",
    estimator: { kind: "grpo", singleton: "zero" },
    loss: { objective: { kind: "clip", clipLow: 0.2, clipHigh: 0.28 }, reduction: "token-mean" },
    rewards: { overlong: { buffer: 0.2, factor: 1 } },
    dynamicSampling: { refills: 4 },
    phases: whole,
  },
  gspo: {
    label: "GSPO",
    estimator: { kind: "grpo", singleton: "zero" },
    loss: {
      objective: { kind: "sequence-clip", clipLow: 3e-4, clipHigh: 4e-4 },
      reduction: "sequence-mean",
    },
    phases: whole,
  },
  cispo: {
    label: "CISPO",
    estimator: { kind: "grpo", singleton: "zero" },
    loss: { objective: { kind: "cispo", clipHigh: 5 }, reduction: "token-mean" },
    phases: whole,
  },
  rloo: { label: "RLOO", estimator: { kind: "rloo", singleton: "zero" }, phases: whole },
};
