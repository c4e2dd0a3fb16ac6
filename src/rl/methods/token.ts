/**
 * Methods whose advantages are whitened over the tokens of a batch, and imitation of the right responses.
 *
 * `reinforce_pp` and `reinforce_pp_baseline` (Hu et al., arXiv 2501.03262). Deviations:
 *
 * 1. No divergence in the reward (the paper: k1 times a coefficient), nor in the loss of the second (k2), as the authors of
 *    BuPO compare all methods without one. A profile's `kl` adds it.
 * 2. The profile's loss; variances have the n − 1 denominator, as verl's.
 *
 * `ppo` (Schulman et al., arXiv 1707.06347, with GAE, arXiv 1506.02438). Deviations:
 *
 * 1. γ = λ = 1, verl's defaults, so that an advantage is the reward less the value.
 * 2. The critic has the base model's layers and embedding, and a value head that starts at 0. There is no warm-up of it.
 * 3. The critic's loss is a mean over all tokens, its learning rate ten times the policy's (1e-5 to 1e-6, as the authors of
 *    BuPO have it). Both networks clip their own gradient's norm.
 * 4. The profile's loss and number of updates on each batch; no early stop by divergence, no entropy bonus.
 *
 * `sft_on_correct`, rejection sampling and supervised fine-tuning (as in Yuan et al., arXiv 2308.01825). Deviations:
 *
 * 1. Responses are sampled anew each step from the policy as it is, and none is thrown out for being like another.
 *
 * @module
 */

import { whole } from "./group.ts";
import type { Method } from "./method.ts";

/** Their names. */
export type TokenMethod = "reinforce_pp" | "reinforce_pp_baseline" | "ppo" | "sft_on_correct";

/** The rows. */
export const tokenMethods: Readonly<Record<TokenMethod, Method>> = {
  reinforce_pp: { label: "REINFORCE++", estimator: { kind: "reinforce++" }, phases: whole },
  reinforce_pp_baseline: {
    label: "REINFORCE++-baseline",
    estimator: { kind: "reinforce++-baseline", singleton: "zero" },
    phases: whole,
  },
  ppo: {
    label: "PPO",
    estimator: { kind: "gae", gamma: 1, lambda: 1 },
    critic: { learningRateFactor: 10, clip: 0.2 },
    phases: whole,
  },
  sft_on_correct: {
    label: "SFT on correct",
    estimator: { kind: "reward" },
    loss: { objective: { kind: "reinforce" }, reduction: "token-mean" },
    trainsOn: "rewarded",
    phases: whole,
  },
};
