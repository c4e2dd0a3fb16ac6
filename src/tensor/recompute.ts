/**
 * Values that are computed again in the backward pass instead of being kept from the forward pass: memory for time
 * (Chen et al., "Training deep nets with sublinear memory cost", 2016).
 *
 * @module
 */

import { composite } from "./composite.ts";
import { pullback } from "./grad.ts";
import { add, mul, slice, stopGradient } from "./operations.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Traces a function whose inner values do not outlive it: its derivative computes them again from the inputs.
 *
 * The second computation starts from the first variable plus 0 times the cotangent. So it cannot begin before the
 * cotangent is there, and an optimizer cannot take it for the first one, whose values it would keep instead.
 *
 * @param name The composite's name.
 * @param variables What is differentiated, first the activation; the result has its shape.
 * @param constants What the function reads besides.
 * @param define Traces the function of the variables; it may read the constants from outside.
 */
export function recomputed(
  name: string,
  variables: readonly [Tensor, ...Tensor[]],
  constants: readonly Tensor[],
  define: (variables: readonly [Tensor, ...Tensor[]]) => Tensor,
): Tensor {
  const [y] = composite(name, [...variables, ...constants], () => [define(variables)], {
    vjp: ([g]) => {
      if (!g) return [];
      const [first, ...rest] = variables;
      // Nothing is differentiated beyond the inputs: the cotangent itself depends on them.
      const late = add(stopGradient(first), stopGradient(mul(slice(g, -1, 0, 1), 0)));
      const again = [late, ...rest] as const;
      const cotangents = pullback(define(again), g, again);
      return cotangents.map((cotangent) => cotangent ? () => cotangent : undefined);
    },
  });
  return y as Tensor; // one output
}
