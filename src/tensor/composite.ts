/**
 * Composite operations: named groups of primitives. The definition in primitives is what is differentiated and what
 * tests trust; a fused kernel may stand in for it where a graph is lowered with that kernel allowed.
 *
 * @module
 */

import type { CompositeOf, CompositeVjpOf, FusedKernelOf } from "./op.ts";
import { currentScope, type Node, scope, Tensor } from "./tensor.ts";

/** An ONNX node that computes a composite in one kernel. */
export type FusedKernel = FusedKernelOf<Tensor>;

/** The derivative of a composite: cotangents of its outputs in, thunks of cotangents of its inputs out. */
export type CompositeVjp = CompositeVjpOf<Tensor>;

/** What a composite node carries. */
export type Composite = CompositeOf<Tensor>;

/** How a composite may be computed and differentiated other than by its definition. */
export interface CompositeOptions {
  /** A fused kernel. */
  readonly fused?: FusedKernel;
  /** A derivative. */
  readonly vjp?: CompositeVjp;
}

/**
 * Traces a composite.
 *
 * @param name The name by which lowering is told to use the fused kernel.
 * @param inputs All tensors that the definition reads.
 * @param define Builds the outputs from primitives.
 */
export function composite(
  name: string,
  inputs: readonly Tensor[],
  define: () => readonly Tensor[],
  options: CompositeOptions = {},
): Tensor[] {
  const definition = scope(name, define);
  const node: Node<"Composite"> = {
    op: "Composite",
    inputs: options.fused
      // A derivative of its own answers the declared inputs by position: they stay as they are.
      ? [
        ...inputs,
        ...[...options.fused.inputs, ...options.fused.loop?.reads ?? []].filter((t) => t !== undefined)
          .filter((t) => !inputs.includes(t)),
      ]
      : inputs,
    attributes: { name, definition, fused: options.fused, vjp: options.vjp },
    scope: currentScope(),
    signatures: definition.map(({ shape, dtype }) => ({ shape, dtype })),
  };
  return definition.map((_, index) => new Tensor(node, index));
}
