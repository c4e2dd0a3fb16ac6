/**
 * An optimizer step with another runtime than the one that computes gradients: float32 parameters and moments lie in this
 * process's memory and the device holds only what its graphs compute with.
 *
 * @module
 */

import { type DeviceTensor, emptyElements, type Runtime } from "../../runtime/mod.ts";

/** What crosses for one step: gradients there, and the new parameters back. */
export class Apart {
  readonly #home: Runtime;
  readonly #back: { readonly to: DeviceTensor; readonly from: DeviceTensor; readonly ours: boolean }[] = [];
  readonly #gradients: DeviceTensor[] = [];

  /** @param home Where the optimizer runs. */
  constructor(home: Runtime) {
    this.#home = home;
  }

  /** A gradient where the optimizer reads it. */
  async gradient(own: DeviceTensor<"float32">): Promise<DeviceTensor<"float32">> {
    const copy = this.#home.stage("float32", own.shape, await own.download());
    this.#gradients.push(copy);
    return copy;
  }

  /** Where the optimizer writes a rounded parameter, which then goes to its place on the device. */
  landing(to: DeviceTensor): DeviceTensor {
    const from = this.#home.stage(to.dtype, to.shape, emptyElements(to.dtype, to.shape));
    this.#back.push({ to, from, ours: true });
    return from;
  }

  /** Lets a parameter on the device follow the one that the optimizer moves. */
  follow(to: DeviceTensor, from: DeviceTensor): void {
    this.#back.push({ to, from, ours: false });
  }

  /** After the step: takes the new parameters to the device and frees what the step needed. */
  async publish(): Promise<void> {
    for (const { to, from, ours } of this.#back) {
      await to.write(await from.download());
      if (ours) from.discard();
    }
    for (const gradient of this.#gradients) gradient.dispose();
  }
}
