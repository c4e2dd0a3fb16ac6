/**
 * Whether a provider computes in a precision: float16 is a feature that a WebGPU adapter has or has not, and bfloat16 has
 * kernels on CUDA only.
 *
 * @module
 */

import { cast, type DataType, input, matmul, toOnnx, transpose } from "../tensor/mod.ts";
import type { Runtime } from "./runtime.ts";

/** Runs a product in a precision; false if there is no kernel for it, or the result is wrong. */
export async function computesIn(runtime: Runtime, precision: DataType): Promise<boolean> {
  const size = 4, x = input("x", "float32", [size, size]), narrow = cast(x, precision);
  const product = cast(matmul(narrow, transpose(narrow)), "float32");
  const model = toOnnx({ name: precision, inputs: [x], outputs: { y: product } });
  using ones = runtime.upload("float32", [size, size], new Float32Array(size * size).fill(1));
  try {
    const session = await runtime.load(model, { quiet: true });
    try {
      const { y } = await session.run({ x: ones });
      return (await y?.download() as Float32Array).every((value) => value === size);
    } finally {
      await session.dispose();
    }
  } catch {
    return false;
  }
}
