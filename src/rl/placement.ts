/**
 * Parameters on the device, as graphs hold them: in blocks of rows where one tensor would be too large, with a 16-bit
 * copy where layers compute in it.
 *
 * @module
 */

import {
  type ParameterBlock,
  parameterBlocks,
  type ParameterLayout,
  parameterType,
  type StoredTensor,
  type TensorSource,
} from "../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime } from "../runtime/mod.ts";

/** A block's elements of a stored parameter. */
export function blockElements({ start, shape }: ParameterBlock, { data }: StoredTensor): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1), first = start * shape.slice(1).reduce((a, b) => a * b, 1);
  return (data as Float32Array).subarray(first, first + count);
}

/** A float16 copy of elements, where a graph reads a parameter so. */
export function uploadHalf(
  runtime: Runtime,
  { name, shape }: ParameterBlock,
  layout: ParameterLayout,
  elements: Float32Array,
): DeviceTensor<"float16"> | undefined {
  if (parameterType(name, shape, layout) !== "float16") return undefined;
  return runtime.upload("float16", shape, new Float16Array(elements));
}

/** Places parameters that are only read, one at a time. */
export async function placeParameters(
  runtime: Runtime,
  { entries, read }: TensorSource,
  layout: ParameterLayout,
): Promise<DeviceTensors> {
  const tensors: Record<string, DeviceTensor> = {};
  for (const [parameter, { shape }] of entries) {
    const stored = await read(parameter);
    for (const block of parameterBlocks(parameter, shape, layout)) {
      const elements = blockElements(block, stored);
      tensors[block.name] = uploadHalf(runtime, block, layout, elements) ??
        runtime.upload("float32", block.shape, elements);
    }
  }
  return tensors;
}
