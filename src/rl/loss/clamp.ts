/**
 * Clamping of traced tensors.
 *
 * @module
 */

import { less, type Operand, type Tensor, where } from "../../tensor/mod.ts";

/**
 * x limited to [low, high]. The gradient is 1 within the bounds and on them, 0 outside, as PyTorch's; a minimum of a
 * maximum would give one half on a bound. NaN stays NaN.
 */
export function clamp(x: Tensor, low: Operand, high: Operand): Tensor {
  return where(less(x, low), low, where(less(high, x), high, x));
}
