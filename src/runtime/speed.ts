/**
 * How fast this machine multiplies matrices: what every other speed is compared with.
 *
 * @module
 */

import { input, matmul, toOnnx } from "../tensor/mod.ts";
import type { Runtime } from "./runtime.ts";

/** Rows and columns of the measured product. */
const SIZE = 1024;

/** Runs that are not counted: they touch memory first, and wake what sleeps. */
const WARM = 3;

/** How long a slow device is measured at most, in seconds. */
const LONGEST = 2;

/** The middle of numbers; between the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** How long something takes, in seconds. */
export async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** A float32 product of 1024 × 1024 matrices, ready to run. */
export interface MatrixProduct {
  /** Floating-point operations of a run. */
  readonly operations: number;
  /** Multiplies once, into a place that is always the same. */
  run(): Promise<void>;
  /** Frees session and matrices. */
  dispose(): Promise<void>;
}

/** Loads the product. A fresh place for the result would be cleared by the system at each run, and a copy made of it. */
export async function openMatrixProduct(runtime: Runtime): Promise<MatrixProduct> {
  const a = input("a", "float32", [SIZE, SIZE]), b = input("b", "float32", [SIZE, SIZE]);
  const session = await runtime.load(
    toOnnx({ name: "product", inputs: [a, b], outputs: { c: matmul(a, b) } }),
  );
  const matrix = (value: number) =>
    runtime.upload("float32", [SIZE, SIZE], new Float32Array(SIZE ** 2).fill(value));
  const factor = matrix(0.5), result = matrix(0);
  return {
    operations: 2 * SIZE ** 3,
    run: async () => void await session.run({ a: factor, b: factor }, { c: result }),
    dispose: async () => {
      factor.dispose();
      result.dispose();
      await session.dispose();
    },
  };
}

/** Floating-point operations a second of a float32 product of 1024 × 1024 matrices: the median of warmed runs. */
export async function matrixProductSpeed(runtime: Runtime, repeats = 31): Promise<number> {
  const product = await openMatrixProduct(runtime), times: number[] = [], start = performance.now();
  const late = (): boolean => performance.now() - start > 1000 * LONGEST;
  for (let i = 0; i < WARM && !late(); i++) await product.run();
  do times.push(await secondsOf(product.run)); while (times.length < repeats && !late());
  await product.dispose();
  return product.operations / median(times);
}
