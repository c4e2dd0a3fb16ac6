/**
 * Parameters and KV caches on the device, as graphs hold them: in blocks of rows where one tensor would be too large,
 * rounded where layers compute in 16 bits.
 *
 * @module
 */

import { toBfloat16 } from "../bfloat16.ts";
import {
  type ModelConfig,
  type ParameterBlock,
  parameterBlocks,
  type ParameterLayout,
  parameterType,
  type Precision,
  rotaryFrequencies,
  type StoredTensor,
  type TensorSource,
} from "../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime } from "../runtime/mod.ts";

/** A block's elements of a stored parameter. */
export function blockElements({ start, shape }: ParameterBlock, { data }: StoredTensor): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1), first = start * shape.slice(1).reduce((a, b) => a * b, 1);
  return (data as Float32Array).subarray(first, first + count);
}

/** Places elements in a precision, rounded to nearest. */
export function uploadRounded(
  runtime: Runtime,
  precision: Precision,
  shape: readonly number[],
  elements: Float32Array,
): DeviceTensor {
  const upload: Readonly<Record<Precision, () => DeviceTensor>> = {
    float32: () => runtime.upload("float32", shape, elements),
    float16: () => runtime.upload("float16", shape, new Float16Array(elements)),
    bfloat16: () => runtime.upload("bfloat16", shape, toBfloat16(elements)),
  };
  return upload[precision]();
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
      const precision = parameterType(block.name, block.shape, layout);
      tensors[block.name] = uploadRounded(runtime, precision, block.shape, blockElements(block, stored));
    }
  }
  return tensors;
}

/** Places cosines and sines of the rotary angles at all positions, `[slots, headDimension / 2]` each. */
export function rotaryTables(
  runtime: Runtime,
  config: ModelConfig,
  slots: number,
): { readonly cosines: DeviceTensor; readonly sines: DeviceTensor } {
  const speeds = rotaryFrequencies(config).map(Math.fround), shape = [slots, speeds.length];
  const table = (of: (angle: number) => number): DeviceTensor =>
    runtime.upload(
      "float32",
      shape,
      Float32Array.from(
        { length: slots * speeds.length },
        // The angle is rounded as graphs that compute it themselves round it.
        (_, i) => of(Math.fround(Math.floor(i / speeds.length) * (speeds[i % speeds.length] ?? 0))),
      ),
    );
  return { cosines: table(Math.cos), sines: table(Math.sin) };
}

/** Places empty KV caches of all layers, `[rows, keyValueHeads, slots, headDimension]` each, by name. */
export function cacheTensors(
  runtime: Runtime,
  { layers, keyValueHeads, headDimension }: ModelConfig,
  precision: Precision,
  names: readonly ((layer: number) => string)[],
  rows: number,
  slots: number,
): Record<string, DeviceTensor> {
  const shape = [rows, keyValueHeads, slots, headDimension], count = shape.reduce((a, b) => a * b, 1);
  const all = Array.from({ length: layers }, (_, i) => names.map((name) => name(i + 1))).flat();
  return Object.fromEntries(
    all.map((name) => [name, uploadRounded(runtime, precision, shape, new Float32Array(count))]),
  );
}
