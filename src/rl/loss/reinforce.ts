/**
 * Policy objectives whose gradient is a weight times that of log π, whatever the ratio: REINFORCE and CISPO.
 *
 * @module
 */

import {
  and,
  exp,
  less,
  mul,
  neg,
  scalar,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from "../../tensor/mod.ts";
import { clamp } from "./clamp.ts";
import { type PolicyLoss, type PolicyTokens, TOKEN_LOG_RATIO } from "./objective.ts";

/** Bounds of the ratio that weighs a token. */
export interface RatioBounds {
  /** ε below 1; default: none. */
  readonly clipLow?: number | undefined;
  /** ε above 1. */
  readonly clipHigh: number;
}

/** Σ metric weight · (log π_old − log π). */
function approxKlOf({ logprobs, oldLogprobs, metricWeights }: PolicyTokens): Tensor {
  return neg(sum(mul(metricWeights, sub(logprobs, oldLogprobs))));
}

/**
 * REINFORCE without a ratio: ℓ = −A log π. With the advantage 1 on right responses and 0 on others it is supervised
 * fine-tuning on the right ones. Nothing is clipped.
 */
export function reinforceLoss(tokens: PolicyTokens): PolicyLoss {
  const { logprobs, advantages, weights, metricWeights } = tokens, zero = scalar(metricWeights.dtype, 0);
  return {
    loss: neg(sum(mul(weights, mul(advantages, logprobs)))),
    metrics: { clipFraction: zero, clipFractionLower: zero, approxKl: approxKlOf(tokens) },
  };
}

/**
 * CISPO (MiniMax-M1, arXiv 2506.13585, eq. 4): ℓ = −stopped(clamp(r, 1 − clipLow, 1 + clipHigh)) · A · log π. The ratio is
 * bounded as a weight, and no token loses its gradient. `clipFraction` is the share of tokens with an advantage whose ratio
 * is bounded.
 */
export function cispoLoss(tokens: PolicyTokens, { clipLow, clipHigh }: RatioBounds): PolicyLoss {
  const { logprobs, oldLogprobs, advantages, weights, metricWeights } = tokens;
  const ratio = exp(clamp(sub(logprobs, oldLogprobs), -TOKEN_LOG_RATIO, TOKEN_LOG_RATIO));
  const low = clipLow === undefined ? 0 : 1 - clipLow;
  const bounded = stopGradient(clamp(ratio, low, 1 + clipHigh));
  const share = (acts: Tensor): Tensor => {
    const counts = less(0, mul(advantages, advantages));
    return sum(where(and(acts, counts), metricWeights, 0));
  };
  return {
    loss: neg(sum(mul(weights, mul(mul(bounded, advantages), logprobs)))),
    metrics: {
      clipFraction: share(less(1 + clipHigh, ratio)),
      clipFractionLower: clipLow === undefined ? scalar(metricWeights.dtype, 0) : share(less(ratio, low)),
      approxKl: approxKlOf(tokens),
    },
  };
}
