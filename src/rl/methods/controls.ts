/**
 * GRPO with another choice of what moves: is it the layers that BuPO moves first, or the policy that it optimises?
 *
 * `grpo_lower_only` (ours): in the first s_inter steps only what BuPO moves then, layers 1 … k, embeddings and head, by the
 * full policy's gradient.
 *
 * `grpo_layerwise_lr` and `frozen_lower` (arXiv 2512.19673 v3, Table 11, of which no code was released). Deviations:
 *
 * 1. A tenth of the learning rate above layer k is that of the final norm too; weight decay, which AdamW multiplies by the
 *    learning rate, is a tenth as well. The paper does not say.
 * 2. Frozen are layers 1 … k alone: embeddings, tied ones too, move. The paper says "layers".
 *
 * @module
 */

import type { Method } from "./method.ts";
import type { Phase } from "./phase.ts";

const estimator = { kind: "grpo", singleton: "zero" } as const;
const rest: Phase = { policy: "full", lasts: "rest" };

/** Their names. */
export type ControlMethod = "grpo_lower_only" | "grpo_layerwise_lr" | "frozen_lower";

/** The rows. */
export const controlMethods: Readonly<Record<ControlMethod, Method>> = {
  grpo_lower_only: {
    label: "GRPO, lower first",
    estimator,
    phases: [{ policy: "full", lasts: 1, moves: { upper: 0, finalNorm: 0 } }, rest],
  },
  grpo_layerwise_lr: {
    label: "GRPO, layerwise rate",
    estimator,
    phases: [{ ...rest, moves: { upper: 0.1, finalNorm: 0.1 } }],
  },
  frozen_lower: {
    label: "GRPO, frozen lower",
    estimator,
    phases: [{ ...rest, moves: { lower: 0 } }],
  },
};
