/**
 * A graph that needs much memory for a moment, for tests.
 *
 * @module
 */

import { openRuntime } from "../../src/runtime/mod.ts";
import * as t from "../../src/tensor/mod.ts";

/** How many times as large as an input a value is. */
export const WIDTH = 4096;

/** A graph whose intermediate values are WIDTH times as large as its inputs. */
export async function wide(): Promise<(rows: number) => Promise<void>> {
  const x = t.input("x", "float32", ["rows"]), w = t.input("w", "float32", [WIDTH]);
  const outer = t.mul(t.unsqueeze(x, [1]), t.unsqueeze(w, [0]));
  const y = t.sum(t.exp(t.sub(outer, t.max(outer, [1], true))), [1]);
  const runtime = openRuntime({ provider: "cpu", threads: 1 });
  const session = await runtime.load(t.toOnnx({ name: "wide", inputs: [x, w], outputs: { y } }));
  const weights = runtime.upload("float32", [WIDTH], new Float32Array(WIDTH).fill(0.1));
  return async (rows) => {
    using ones = runtime.upload("float32", [rows], new Float32Array(rows).fill(1));
    const { y } = await session.run({ x: ones, w: weights });
    y?.dispose();
  };
}
