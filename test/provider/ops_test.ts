import { assert, assertEquals } from "@std/assert";
import type { Runtime } from "../../src/runtime/mod.ts";
import { input, type Op, toOnnx } from "../../src/tensor/mod.ts";
import { array, numbers, sizes, type Spec, spread } from "../tensor/finite_difference.ts";
import { type OpCase, opCases } from "../tensor/op_cases.ts";
import { cpu, testEach } from "./providers.ts";

/** Cases whose graphs name float64 themselves. */
const fixed: ReadonlySet<Op> = new Set(["Constant", "StopGradient", "Cast"]);

/** What an operation computes on a provider. */
async function evaluate(runtime: Runtime, { inputs, trace }: OpCase, specs: readonly Spec[]): Promise<{
  values: number[];
  description: string;
}> {
  const tensors = inputs.map((_, i) => {
    const { dtype, shape } = specs[i] as Spec; // one for each input
    return input(`x${i}`, dtype, shape);
  });
  const y = trace(...tensors);
  // An input that carries the output's sizes, where no other does.
  const all = [...specs, { shape: y.shape, dtype: "float32", low: 0, high: 1 } as const];
  const carried = [...tensors, input(`x${specs.length}`, "float32", y.shape)];
  const session = await runtime.load(toOnnx({ name: "case", inputs: carried, outputs: { y } }));
  const feeds = Object.fromEntries(all.map((spec, i) => {
    return [`x${i}`, runtime.upload(spec.dtype, sizes(spec.shape), array(spec.dtype, spread(spec, i)))];
  }));
  const values = await numbers((await session.run(feeds)).y);
  for (const tensor of Object.values(feeds)) tensor.dispose();
  await session.dispose();
  return { values, description: `${y.dtype} of ${tensors.join(", ")}` };
}

testEach("every operation computes what the CPU computes", async (runtime) => {
  for (const op of Object.keys(opCases) as Op[]) {
    for (const each of opCases[op]) {
      const specs = each.inputs.map((spec): Spec =>
        spec.dtype === "float64" && !fixed.has(op) ? { ...spec, dtype: "float32" } : spec
      );
      const expected = await evaluate(cpu, each, specs), actual = await evaluate(runtime, each, specs);
      const scale = Math.max(1, ...expected.values.map(Math.abs)), name = `${op}: ${actual.description}`;
      assertEquals(actual.values.length, expected.values.length, name);
      expected.values.forEach((value, i) => {
        const error = Math.abs((actual.values[i] as number) - value) / scale;
        assert(error <= 4e-6, `${name}: element ${i} is ${actual.values[i]}, on the CPU ${value}`);
      });
    }
  }
}, ["cpu"]);
