import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as golden from "../../src/conformance/rl.ts";
import type { Rows } from "../../src/rl/masked.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { type Graph, type Tensor, toOnnx } from "../../src/tensor/mod.ts";

const runtime = openRuntime({ provider: "cpu", threads: 1 });

/** Computes a float64 graph on the CPU. */
export async function evaluateGraph(
  graph: Graph,
  feeds: Readonly<Record<string, golden.GraphFeed>>,
): Promise<Record<string, Float64Array>> {
  const session = await runtime.load(toOnnx(graph));
  const inputs = Object.entries(feeds).map(([name, { shape, data }]) =>
    [name, runtime.upload("float64", shape, data)] as const
  );
  const outputs = await session.run(Object.fromEntries(inputs));
  const elements = Object.entries(outputs).map(async ([name, tensor]) =>
    [name, Float64Array.from(await tensor.download() as Float64Array)] as const
  );
  const values = Object.fromEntries(await Promise.all(elements));
  await session.dispose();
  return values;
}

/** Computes a traced loss and its gradient on the CPU. */
export function computeLoss<K extends string>(
  matrices: Readonly<Record<K, Rows>>,
  variable: NoInfer<K>,
  trace: (tensors: Readonly<Record<K, Tensor>>) => { loss: Tensor } & Record<string, Tensor>,
): Promise<Record<string, Float64Array>> {
  return golden.computeLoss(evaluateGraph, matrices, variable, trace);
}

/** Asserts that two lists agree up to a relative error, absolute below 1. */
export function assertClose(
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  tolerance = 1e-12,
): void {
  assertEquals(actual?.length, expected.length);
  Array.from(expected).forEach((value, i) =>
    assertAlmostEquals(actual?.[i] ?? NaN, value, tolerance * Math.max(1, Math.abs(value)))
  );
}
