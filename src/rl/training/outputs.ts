/**
 * What runs of a learner's graphs leave behind.
 *
 * @module
 */

import type { DeviceTensors } from "../../runtime/mod.ts";

/** Reads an output that is one number, and frees it. */
export async function scalarOf(outputs: DeviceTensors, name: string): Promise<number> {
  using tensor = outputs[name];
  if (!tensor) throw new ReferenceError(`Cannot read the output "${name}": the graph has none`);
  return Number((await tensor.download())[0]);
}

/** Frees what one run needed, not when the garbage collector comes by. */
export function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
