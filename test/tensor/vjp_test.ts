import { assertEquals } from "@std/assert";
import * as t from "../../src/tensor/mod.ts";
import { unbroadcast } from "../../src/tensor/mod.ts";
import { assertGradient, load, numbers, runtime, type Tolerance } from "./finite_difference.ts";
import { opCases } from "./op_cases.ts";

/** Inputs of float32 leave the differences fewer digits. */
const float32Tolerance: Tolerance = { step: 1e-2, relative: 1e-2 };

for (const [op, cases] of Object.entries(opCases)) {
  Deno.test(`grad() of ${op} is the central difference`, async () => {
    for (const { inputs, trace } of cases) {
      const narrow = inputs.some(({ dtype }) => dtype === "float32");
      await assertGradient(inputs, trace, ...narrow ? [float32Tolerance] : []);
    }
  });
}

async function gradientOf(trace: (x: t.Tensor) => t.Tensor, values: readonly number[]): Promise<number[]> {
  const x = t.input("x", "float32", [values.length]);
  const [gradient] = t.grad(t.sum(trace(x)), [x]);
  const session = await load({ name: "case", inputs: [x], outputs: { gradient: gradient as t.Tensor } });
  const feed = runtime.upload("float32", [values.length], Float32Array.from(values));
  return numbers((await session.run({ x: feed })).gradient);
}

Deno.test("grad() of Min and Max shares the cotangent at a tie", async () => {
  assertEquals(await gradientOf((x) => t.minimum(x, 2), [1, 2, 3]), [1, 0.5, 0]);
  assertEquals(await gradientOf((x) => t.maximum(x, 2), [1, 2, 3]), [0, 0.5, 1]);
});

Deno.test("grad() of Min gives the side not chosen 0 when the cotangent is infinite", async () => {
  assertEquals(await gradientOf((x) => t.mul(t.minimum(x, 2), Infinity), [1, 3]), [Infinity, 0]);
});

Deno.test("grad() of ReduceMax shares the cotangent among ties", async () => {
  assertEquals(await gradientOf((x) => t.max(x), [1, 4, 4, 2]), [0, 0.5, 0.5, 0]);
});

Deno.test("grad() ends at integers and truth values", () => {
  const x = t.input("x", "float32", [3]);
  assertEquals(t.grad(t.sum(t.cast(t.cast(x, "int64"), "float32")), [x]), [undefined]);
  assertEquals(t.grad(t.sum(t.cast(t.less(x, 1), "float32")), [x]), [undefined]);
});

Deno.test("unbroadcast() sums over the axes that broadcasting added or stretched", () => {
  const g = t.input("g", "float32", ["batch", 4, "sequence", 2]);
  for (const shape of [[], [2], [1, 2], [4, 1, 1], ["batch", 1, "sequence", 2], g.shape]) {
    assertEquals(unbroadcast(g, shape).shape, shape);
  }
});
