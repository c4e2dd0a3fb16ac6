/**
 * The critic's objective.
 *
 * @module
 */

import { add, less, maximum, mul, sub, sum, type Tensor, where } from "../../tensor/mod.ts";
import { clamp } from "./clamp.ts";

/** What a value loss reads; all of one shape. */
export interface ValueTokens {
  /** Values of the critic that is trained. */
  readonly values: Tensor;
  /** Values of the critic before this step's updates. */
  readonly oldValues: Tensor;
  /** The returns to predict. */
  readonly returns: Tensor;
  /** The weight of every token in the loss; 0 where it does not count. */
  readonly weights: Tensor;
  /** The weight of every token in the metric: 1 over the number of tokens that count. */
  readonly metricWeights: Tensor;
}

/** A critic's loss and its metric, both scalars. */
export interface ValueLoss {
  /** The loss to minimise. */
  readonly loss: Tensor;
  /** The share of tokens at which the clipped term is the larger. */
  readonly clipFraction: Tensor;
}

/**
 * PPO's clipped value loss ½ Σ weight · max((V − R)², (clamp(V, V_old ± clip) − R)²).
 *
 * @param clip How far a value may move from its old one before its gradient stops.
 */
export function valueLoss(
  { values, oldValues, returns, weights, metricWeights }: ValueTokens,
  { clip }: { readonly clip: number },
): ValueLoss {
  const square = (x: Tensor): Tensor => mul(x, x);
  const free = square(sub(values, returns));
  const clipped = square(sub(clamp(values, sub(oldValues, clip), add(oldValues, clip)), returns));
  return {
    loss: mul(sum(mul(weights, maximum(free, clipped))), 0.5),
    clipFraction: sum(where(less(free, clipped), metricWeights, 0)),
  };
}
