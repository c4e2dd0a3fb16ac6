/**
 * Gradients of several shards, added in their accumulators.
 *
 * @module
 */

import { addTo } from "../../../collective/mod.ts";
import type { DeviceTensor } from "../../../runtime/mod.ts";

/** The sum of what accumulators held at several times, as a binary tree over neighbours; at most log₂ of them wait. */
export class TreeOfAccumulators {
  readonly #waiting: { readonly leaves: number; readonly parts: readonly Float32Array[] }[] = [];

  /**
   * Adds to accumulators what is next to them in the tree.
   *
   * @param last Is it the last leaf? Then they hold the sum of all; else what they hold is kept.
   */
  async add(accumulators: readonly DeviceTensor<"float32">[], last: boolean): Promise<void> {
    let leaves = 1;
    for (let left = this.#waiting.at(-1); left?.leaves === leaves; left = this.#waiting.at(-1)) {
      const { parts } = left;
      await changed(accumulators, (own, i) => addTo(own, parts[i] as Float32Array)); // one for each accumulator
      this.#waiting.pop();
      leaves *= 2;
    }
    if (last) return;
    const parts = await Promise.all(accumulators.map(async (tensor) => (await tensor.download()).slice()));
    this.#waiting.push({ leaves, parts });
  }
}

/** Changes the elements of tensors on the host, one tensor at a time. */
export async function changed(
  tensors: readonly DeviceTensor<"float32">[],
  change: (own: Float32Array, i: number) => void,
): Promise<void> {
  for (const [i, tensor] of tensors.entries()) {
    const own = await tensor.download();
    change(own, i);
    await tensor.write(own);
  }
}
