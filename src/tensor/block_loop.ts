/**
 * Loops over blocks of a dimension, as kernels of composites: what a composite defines at once is computed block after
 * block, so that values between its inputs and outputs are as large as one block needs.
 *
 * @module
 */

import type { Dim, Shape } from "./dimension.ts";
import type { FusedKernel } from "./composite.ts";
import { input } from "./operations.ts";
import type { Tensor } from "./tensor.ts";

/** What a block's body is given. */
export interface Block {
  /** The first index of the block and one past its last, int64 `[1]` each. */
  readonly bounds: readonly [start: Tensor, end: Tensor];
  /** The states. */
  readonly states: readonly Tensor[];
}

/** A value that goes from block to block. */
export interface BlockState {
  /** Before the first block. */
  readonly initial: Tensor;
  /** Its sizes as the body reads it; a size that changes has a symbol of its own. */
  readonly shape: Shape;
}

/** How a dimension is walked. */
export interface BlockWalk {
  /** The dimension. */
  readonly over: Dim;
  /** The size of a block. */
  readonly size: number;
  /** Whether the last block comes first. Default false. */
  readonly descending?: boolean;
}

/** A stretch of a dimension: from its first index to one past its last. */
export interface BlockRange {
  /** The first index. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/** The symbols of sizes within the body: of the block itself, and of what lies before and behind its ends. */
export const blockDims = {
  /** The block: end − start. */
  block: "block",
  /** Up to the block: start. */
  before: "before",
  /** Up to its end. */
  seen: "seen",
  /** From its start on. */
  rest: "rest",
  /** From its end on. */
  after: "after",
} as const;

/** The sizes of a block's symbols. */
export function blockSizes(
  { start, end }: BlockRange,
  length: number,
): Readonly<Record<keyof typeof blockDims, number>> {
  return { block: end - start, before: start, seen: end, rest: length - start, after: length - end };
}

/**
 * The blocks of a dimension, ascending: equal ones, and a last one of half to one and a half times their size, so that none
 * is a few rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { blockRanges } from "./block_loop.ts";
 *
 * assertEquals(blockRanges(9, 4), [{ start: 0, end: 4 }, { start: 4, end: 9 }]);
 * assertEquals(blockRanges(10, 4).length, 3);
 * ```
 */
export function blockRanges(length: number, size: number): BlockRange[] {
  const count = Math.max(1, Math.floor((length + Math.floor(size / 2)) / size));
  return Array.from({ length: count }, (_, i) => ({
    start: i * size,
    end: i === count - 1 ? length : (i + 1) * size,
  }));
}

/**
 * Traces a loop over blocks as the kernel of a composite, whose outputs are the states after the last block.
 *
 * @param reads All tensors from outside that the body reads.
 * @param states What goes from block to block.
 * @param body Traces one block: the states behind it.
 */
export function blockLoop(
  { over, size, descending = false }: BlockWalk,
  reads: readonly Tensor[],
  states: readonly BlockState[],
  body: (block: Block) => readonly Tensor[],
): FusedKernel {
  if (!Number.isInteger(size) || size < 2) {
    throw new RangeError(`Cannot walk "${over}" in blocks of ${size}: expected a whole number of 2 or more`);
  }
  const index = (name: string): Tensor => input(name, "int64", [1]);
  const bounds = [index("start"), index("end")] as const;
  const before = states.map(({ initial, shape }, i) => input(`before_${i}`, initial.dtype, shape));
  const after = body({ bounds, states: before });
  return {
    domain: "",
    operator: "Loop",
    attributes: {},
    inputs: states.map(({ initial }) => initial),
    loop: { over, size, descending, bounds, before, after, reads },
  };
}
