/**
 * Whether a provider computes in float16: on WebGPU that is a feature that an adapter has or has not.
 *
 * @module
 */

import { cast, input, matmul, toOnnx, transpose } from "../tensor/mod.ts";
import type { Runtime } from "./runtime.ts";

/** Runs a product in float16; false if it fails or comes out wrong. */
export async function computesInFloat16(runtime: Runtime): Promise<boolean> {
  const size = 4, x = input("x", "float32", [size, size]), half = cast(x, "float16");
  const product = cast(matmul(half, transpose(half)), "float32");
  const model = toOnnx({ name: "float16", inputs: [x], outputs: { y: product } });
  const session = await runtime.load(model, { quiet: true });
  using ones = runtime.upload("float32", [size, size], new Float32Array(size * size).fill(1));
  try {
    const { y } = await session.run({ x: ones });
    return (await y?.download() as Float32Array).every((value) => value === size);
  } catch {
    return false; // the kernel does not exist on this adapter
  } finally {
    await session.dispose();
  }
}
