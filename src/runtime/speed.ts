/**
 * How fast this machine multiplies matrices: what every other speed is compared with.
 *
 * @module
 */

import { input, matmul, toOnnx } from "../tensor/mod.ts";
import type { Runtime } from "./runtime.ts";

/** Rows and columns of the measured product. */
const SIZE = 1024;

/** The fastest of several runs, in seconds: noise only adds. One more run before them is not counted. */
export async function fastestSeconds(run: () => Promise<unknown>, repeats: number): Promise<number> {
  await run();
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** Floating-point operations a second of a float32 product of 1024 × 1024 matrices. */
export async function matrixProductSpeed(runtime: Runtime, repeats = 7): Promise<number> {
  const a = input("a", "float32", [SIZE, SIZE]), b = input("b", "float32", [SIZE, SIZE]);
  const session = await runtime.load(
    toOnnx({ name: "product", inputs: [a, b], outputs: { c: matmul(a, b) } }),
  );
  const tensor = runtime.upload("float32", [SIZE, SIZE], new Float32Array(SIZE ** 2).fill(0.5));
  const seconds = await fastestSeconds(() => session.run({ a: tensor, b: tensor }), repeats);
  await session.dispose();
  return 2 * SIZE ** 3 / seconds;
}
