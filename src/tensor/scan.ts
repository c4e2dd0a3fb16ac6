/**
 * A kernel that repeats a small graph: over the first axis of some tensors, with values that go from one repetition to the
 * next. What a graph repeats a hundred times it then holds once, and slices are read and written where they lie.
 *
 * @module
 */

import type { FusedKernel } from "./composite.ts";
import { input } from "./operations.ts";
import { type Tensor, TraceError } from "./tensor.ts";

/** What a repetition is given. */
export interface ScanStep {
  /** What the repetition before gave. */
  readonly states: readonly Tensor[];
  /** This repetition's slice of each tensor, without the first axis. */
  readonly slices: readonly Tensor[];
  /** What is the same in all of them. */
  readonly constants: readonly Tensor[];
}

/**
 * ONNX's Scan: its outputs are the last states, then one tensor for each output of the step with the repetitions along a new
 * first axis.
 *
 * @param given The first states, the tensors that are walked, and what the step reads besides.
 * @param step Traces one repetition: the next states and this repetition's outputs.
 *
 * @example The sums of the rows before each row
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { add, constant, input, scanKernel } from "./mod.ts";
 *
 * const x = input("x", "float32", [4, 3]), zero = constant("float32", [3], new Float32Array(3));
 * const fused = scanKernel({ states: [zero], slices: [x], constants: [] }, ({ states, slices }) => ({
 *   states: [add(states[0] ?? zero, slices[0] ?? zero)],
 *   outputs: [states[0] ?? zero],
 * }));
 * assertEquals(fused.operator, "Scan");
 * ```
 */
export function scanKernel(
  { states, slices, constants }: ScanStep,
  step: (given: ScanStep) => { readonly states: readonly Tensor[]; readonly outputs: readonly Tensor[] },
): FusedKernel {
  const [first] = slices, steps = first?.shape[0];
  if (typeof steps !== "number") {
    throw new TraceError("Scan", slices, "expected tensors to walk, with a fixed size on the first axis");
  }
  const before = states.map((state, i) => input(`before_${i}`, state.dtype, state.shape));
  const rows = slices.map(({ dtype, shape }, i) => input(`slice_${i}`, dtype, shape.slice(1)));
  const { states: after, outputs: results } = step({ states: before, slices: rows, constants });
  return {
    domain: "",
    operator: "Scan",
    attributes: { num_scan_inputs: { int: slices.length } },
    inputs: [...states, ...slices],
    loop: { steps, slices: rows, before, after, results, reads: constants },
  };
}
