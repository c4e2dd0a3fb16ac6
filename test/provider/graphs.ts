/**
 * Running whole graphs on two providers with the same numbers.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import type { DeviceTensor, Runtime } from "../../src/runtime/mod.ts";
import { type ArrayTypes, type DataType, type Graph, inputName, toOnnx } from "../../src/tensor/mod.ts";

/** Elements with their shape. */
export interface Values {
  /** The element type. */
  readonly dtype: DataType;
  /** The sizes. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly data: ArrayTypes[DataType];
}

/** Elements by input name. */
export type NamedValues = Readonly<Record<string, Values>>;

/** int64 elements. */
export const int64 = (shape: readonly number[], values: readonly number[]): Values => {
  return { dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) };
};
/** int32 elements. */
export const int32 = (values: readonly number[], shape: readonly number[] = [values.length]): Values => {
  return { dtype: "int32", shape, data: Int32Array.from(values) };
};
/** float32 elements. */
export const float32 = (shape: readonly number[], data: ArrayLike<number>): Values => {
  return { dtype: "float32", shape, data: Float32Array.from(data) };
};

/** All inputs of a graph: those given, and normal numbers for the others. */
export function fill(graph: Graph, given: NamedValues, size: Readonly<Record<string, number>>): NamedValues {
  const random = new RandomStream("graph", graph.name);
  return Object.fromEntries(graph.inputs.map((tensor) => {
    const name = inputName(tensor), known = given[name];
    if (known) return [name, known];
    assertEquals<DataType>(tensor.dtype, "float32", name);
    const shape = tensor.shape.map((dim) => typeof dim === "number" ? dim : size[dim] ?? NaN);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
    return [name, float32(shape, data)];
  }));
}

/** Runs a graph on a provider with every input on the device. */
export function runGraph(
  runtime: Runtime,
  graph: Graph,
  values: NamedValues,
): Promise<Record<string, number[]>> {
  return runModel(runtime, toOnnx(graph), values);
}

/** Runs the bytes of a graph on a provider with every input on the device. */
export async function runModel(
  runtime: Runtime,
  model: Uint8Array,
  values: NamedValues,
): Promise<Record<string, number[]>> {
  const session = await runtime.load(model);
  const feeds = Object.fromEntries(
    Object.entries(values).map(([name, { dtype, shape, data }]): [string, DeviceTensor] => {
      return [name, runtime.upload(dtype, shape, data.slice() as typeof data)];
    }),
  );
  const results: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(await session.run(feeds))) {
    results[name] = Array.from(await tensor.download(), Number);
  }
  for (const tensor of Object.values(feeds)) tensor.dispose();
  await session.dispose();
  return results;
}

/** Asserts that outputs are equal to a share of each one's largest value; `seen` leaves elements out. */
export function assertClose(
  actual: Readonly<Record<string, readonly number[]>>,
  expected: Readonly<Record<string, readonly number[]>>,
  relative: number,
  seen: (name: string, index: number) => boolean = () => true,
): void {
  assertEquals(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const kept = values.map((value, i) => [value, actual[name]?.[i] ?? NaN] as const).filter((_, i) =>
      seen(name, i)
    );
    const scale = Math.max(1e-6, ...kept.map(([value]) => Math.abs(value)));
    const worst = kept.reduce((most, [a, b]) => {
      const error = Math.abs(a - b) / scale;
      return error <= most ? most : error;
    }, 0);
    assert(!Number.isNaN(worst), `${name} is not a number`);
    assertLess(worst, relative, `${name}: ${worst}`);
  }
}
