/**
 * The factor that keeps float16 gradients within their range: the loss is multiplied by it, the gradient divided by it
 * again in float32. It is a power of two, so that neither rounds (Micikevicius et al., "Mixed precision training", 2018).
 *
 * @module
 */

import type { StoredTensor } from "../../model/mod.ts";

/** Where it starts: the gradient of a token's loss is about 1 over the tokens of a batch. */
const START = 2 ** 16;

/** After how many updates without an overflow it is doubled. */
const PATIENCE = 400;

/** The loss's scale: halved after an update whose gradient overflowed, doubled after many that did not. */
export class LossScale {
  #value: number;
  #calm: number;

  /** Starts anew, or from what {@linkcode LossScale.stored} gave. */
  constructor(stored?: StoredTensor) {
    const [value = START, calm = 0] = Array.from(stored?.data ?? [], Number);
    this.#value = value;
    this.#calm = calm;
  }

  /** The factor. */
  get value(): number {
    return this.#value;
  }

  /** Takes notice of an update. */
  note(overflowed: boolean): void {
    this.#calm = overflowed ? 0 : this.#calm + 1;
    if (overflowed) this.#value = Math.max(1, this.#value / 2);
    if (this.#calm < PATIENCE) return;
    this.#value *= 2;
    this.#calm = 0;
  }

  /** All that it is continued from. */
  get stored(): StoredTensor {
    return { dtype: "float32", shape: [2], data: Float32Array.of(this.#value, this.#calm) };
  }
}
