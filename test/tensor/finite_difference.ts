/**
 * Running traced graphs on small made-up values, and their gradients against central differences.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { toBfloat16 } from "../../src/bfloat16.ts";
import { type DeviceTensor, openRuntime, type Session } from "../../src/runtime/mod.ts";
import {
  type ArrayTypes,
  cast,
  type DataType,
  grad,
  type Graph,
  input,
  mul,
  type Shape,
  splitDim,
  sum,
  type Tensor,
  toOnnx,
} from "../../src/tensor/mod.ts";

/** The sizes that symbols have in tests; all different, and different from the fixed sizes beside them. */
export const symbols: Readonly<Record<string, number>> = { batch: 3, sequence: 5 };

/** The runtime of the tests. */
export const runtime = openRuntime({ provider: "cpu", threads: 1 });

/** A graph input of a test case. */
export interface Spec {
  /** The sizes. */
  readonly shape: Shape;
  /** The element type. */
  readonly dtype: DataType;
  /** Values lie between low and high; integers below high. */
  readonly low: number;
  /** The upper end. */
  readonly high: number;
}

/** The sizes of a shape under {@linkcode symbols}. */
export function sizes(shape: Shape): number[] {
  const size = (dim: number | string): number => {
    const known = typeof dim === "number" ? dim : symbols[dim];
    if (known === undefined) throw new ReferenceError(`no size for ${dim}`);
    return known;
  };
  return shape.map((dim) => splitDim(dim).map(size).reduce((a, b) => a * b, 1));
}

/** The number of elements. */
export function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A host array of any element type from numbers. */
export function array(dtype: DataType, values: readonly number[]): ArrayTypes[DataType] {
  const make: { readonly [T in DataType]: () => ArrayTypes[T] } = {
    float32: () => Float32Array.from(values),
    float16: () => Float16Array.from(values),
    bfloat16: () => toBfloat16(Float32Array.from(values)),
    float64: () => Float64Array.from(values),
    int64: () => BigInt64Array.from(values.map(BigInt)),
    int32: () => Int32Array.from(values),
    bool: () => Uint8Array.from(values),
  };
  return make[dtype]();
}

/** Numbers without ties, spread by the golden ratio; the seed tells inputs apart. */
export function spread({ shape, dtype, low, high }: Spec, seed: number): number[] {
  return Array.from({ length: count(sizes(shape)) }, (_, i) => {
    const value = low + (high - low) * (((i + 1) * 0.6180339887498949 + seed * 0.3711) % 1);
    return dtype.startsWith("float") ? value : Math.floor(value);
  });
}

/** A tensor that holds {@linkcode spread} values. */
export function spreadTensor(spec: Spec, seed: number): DeviceTensor {
  return runtime.upload(spec.dtype, sizes(spec.shape), array(spec.dtype, spread(spec, seed)));
}

/** The elements of a tensor as numbers. */
export async function numbers(tensor: DeviceTensor | undefined): Promise<number[]> {
  assert(tensor, "the run lacks an output");
  return Array.from(await tensor.download(), Number);
}

/** Loads a graph. */
export function load(graph: Graph): Promise<Session> {
  return runtime.load(toOnnx(graph));
}

async function differences(
  session: Session,
  feeds: Readonly<Record<string, DeviceTensor>>,
  name: string,
  step: number,
): Promise<number[]> {
  const tensor = feeds[name];
  assert(tensor);
  const data = await tensor.download() as Float64Array;
  const loss = async (): Promise<number> =>
    Number((await numbers((await session.run(feeds, {}, ["loss"])).loss))[0]);
  const result: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number; // i is below the length
    data[i] = value + step;
    const above = await loss(), high = data[i] as number;
    data[i] = value - step;
    const below = await loss(), low = data[i] as number;
    data[i] = value;
    result.push((above - below) / (high - low));
  }
  return result;
}

/** How a gradient is compared. */
export interface Tolerance {
  /** The step of the differences. */
  readonly step: number;
  /** The largest error, relative to the gradient's largest element or 1. */
  readonly relative: number;
}

const float64Tolerance: Tolerance = { step: 1e-5, relative: 1e-6 };

/**
 * Asserts that the gradients of Σ weight · y by every floating-point input are the central differences, and that an
 * input without a gradient has differences of exactly zero.
 *
 * @param fused Names of composites that are computed by their kernels.
 */
export async function assertGradient(
  specs: readonly Spec[],
  trace: (...inputs: Tensor[]) => Tensor,
  { step, relative }: Tolerance = float64Tolerance,
  fused: ReadonlySet<string> = new Set(),
): Promise<void> {
  const inputs = specs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape));
  const y = trace(...inputs);
  const weight: Spec = { shape: y.shape, dtype: "float64", low: -2, high: 2 };
  const weights = input("weight", weight.dtype, weight.shape);
  const loss = sum(mul(cast(y, weight.dtype), weights));
  const wanted = inputs.filter((x) => x.dtype.startsWith("float"));
  const outputs: Record<string, Tensor> = { loss };
  grad(loss, wanted).forEach((gradient, i) => {
    if (gradient) outputs[`gradient of x${inputs.indexOf(wanted[i] as Tensor)}`] = gradient;
  });
  const session = await load({ name: "case", inputs: [...inputs, weights], outputs, fused });
  const feeds = Object.fromEntries([
    ...specs.map((spec, i) => [`x${i}`, spreadTensor(spec, i)]),
    ["weight", spreadTensor(weight, 100)],
  ]) as Record<string, DeviceTensor>;
  const results = await session.run(feeds);
  for (const [i, x] of inputs.entries()) {
    if (!wanted.includes(x)) continue;
    const result = results[`gradient of x${i}`];
    const expected = await differences(session, feeds, `x${i}`, step);
    if (result) assertEquals([result.dtype, [...result.shape]], [x.dtype, sizes(x.shape)]);
    const actual = result ? await numbers(result) : expected.map(() => 0);
    const bound = result ? relative * Math.max(1, ...expected.map(Math.abs)) : 0;
    expected.forEach((value, at) => {
      const error = Math.abs((actual[at] as number) - value);
      assert(
        error <= bound,
        `x${i}[${at}] of ${inputs.join(", ")}: gradient ${actual[at]}, difference ${value}`,
      );
    });
  }
  await session.dispose();
}
