import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import * as t from "../../src/tensor/mod.ts";
import type { CompositeOptions, Tensor } from "../../src/tensor/mod.ts";
import { assertGradient, load, numbers, runtime, type Spec } from "./finite_difference.ts";

const real = (...shape: t.Shape): Spec => ({ shape, dtype: "float64", low: -2, high: 2 });

Deno.test("grad() sums the cotangents of all uses", async () => {
  await assertGradient([real("batch", 2)], (x) => t.add(t.mul(x as Tensor, x as Tensor), t.exp(x as Tensor)));
  await assertGradient([real(2)], (x) => {
    let y = x as Tensor;
    for (let i = 0; i < 8; i++) y = t.sin(t.add(y, y));
    return y;
  });
});

Deno.test("grad() returns undefined for a tensor that the loss does not reach", () => {
  const x = t.input("x", "float32", [2]), y = t.input("y", "float32", [2]);
  const [byX, byY, byZ] = t.grad(t.sum(x), [x, y, t.mul(x, 2)]);
  assertEquals([byX?.shape, byY, byZ], [[2], undefined, undefined]);
});

Deno.test("grad() stops at stopGradient() and not beside it", () => {
  const x = t.input("x", "float32", [2]), stopped = t.stopGradient(t.exp(x));
  assertEquals(t.grad(t.sum(stopped), [x]), [undefined]);
  const [gradient] = t.grad(t.sum(t.mul(stopped, x)), [x]);
  const text = t.print({ name: "g", inputs: [x], outputs: { gradient: gradient as Tensor } });
  assert(!text.includes("Add"), text);
  assertEquals(t.grad(t.sum(stopped), [stopped])[0]?.shape, [2]);
});

Deno.test("grad() of the loss by itself is 1, and by an inner tensor its cotangent", () => {
  const x = t.input("x", "float32", [2]), inner = t.exp(x), loss = t.sum(inner);
  const [byLoss, byInner] = t.grad(loss, [loss, inner]);
  assertEquals([byLoss?.node.op, byInner?.shape], ["Constant", [2]]);
});

Deno.test("grad() of a gradient is the second derivative", async () => {
  await assertGradient([real("batch", 2)], (x) => {
    const [first] = t.grad(t.sum(t.mul(t.sin(x as Tensor), t.exp(x as Tensor))), [x as Tensor]);
    return first as Tensor;
  });
});

/** y = x gain / √(mean x² + ε) and the reciprocal of that root. */
function norm(x: Tensor, gain: Tensor, options: (x: Tensor, gain: Tensor) => CompositeOptions): Tensor[] {
  const width = x.shape.at(-1) as number; // fixed by the tests
  return t.composite("Norm", [x, gain], () => {
    const inverse = t.div(1, t.sqrt(t.add(t.div(t.sum(t.mul(x, x), [-1], true), width), 1e-5)));
    return [t.mul(t.mul(x, inverse), gain), inverse];
  }, options(x, gain));
}

const derivative: (x: Tensor, gain: Tensor) => CompositeOptions = (x, gain) => ({
  vjp: ([g, gInverse], [, inverse]) => {
    if (!g || gInverse || !inverse) return [];
    const normed = t.mul(x, inverse), scaled = t.mul(g, gain), width = x.shape.at(-1) as number;
    const shared = t.div(t.sum(t.mul(scaled, normed), [-1], true), width);
    return [
      () => t.mul(inverse, t.sub(scaled, t.mul(normed, shared))),
      () => t.unbroadcast(t.mul(g, normed), gain.shape),
    ];
  },
});

const kernel: (x: Tensor, gain: Tensor) => CompositeOptions = (x, gain) => ({
  fused: {
    domain: "",
    operator: "SimplifiedLayerNormalization",
    attributes: { axis: { int: -1 }, epsilon: { float: 1e-5 }, stash_type: { int: 1 } },
    inputs: [x, gain],
  },
});

Deno.test("grad() of a composite is the difference, by its definition and by a derivative of its own", async () => {
  for (const options of [() => ({}), derivative]) {
    const specs = [real("batch", 2, 4), real(4)];
    await assertGradient(specs, (x, gain) => norm(x as Tensor, gain as Tensor, options)[0] as Tensor);
  }
  // Both outputs, of which one is used twice.
  await assertGradient([real("batch", 4), real(4)], (x, gain) => {
    const [y, inverse] = norm(x as Tensor, gain as Tensor, () => ({})) as [Tensor, Tensor];
    return t.add(t.mul(y, inverse), y);
  });
});

Deno.test("grad() gives a derivative's cotangents to the declared inputs by position when a kernel is present", async () => {
  const square = (x: Tensor, y: Tensor): Tensor[] =>
    t.composite("Product", [x, x, y], () => [t.mul(t.mul(x, x), y)], {
      fused: { domain: "", operator: "Mul", attributes: {}, inputs: [t.mul(x, x), y] },
      vjp: ([g]) =>
        g ? [() => t.mul(t.mul(g, x), y), () => t.mul(t.mul(g, x), y), () => t.mul(t.mul(g, x), x)] : [],
    });
  await assertGradient([real(3), real(3)], (x, y) => square(x as Tensor, y as Tensor)[0] as Tensor);
});

Deno.test("a fused kernel computes the definition, and its gradient graph the definition's gradient", async () => {
  const x = t.input("x", "float32", ["batch", 2, 8]), gain = t.input("gain", "float32", [8]);
  const [y] = norm(x, gain, (...inputs) => ({ ...derivative(...inputs), ...kernel(...inputs) }));
  const [byX, byGain] = t.grad(t.sum(t.sin(y as Tensor)), [x, gain]) as [Tensor, Tensor];
  const graph: t.Graph = { name: "norm", inputs: [x, gain], outputs: { y: y as Tensor, byX, byGain } };
  assert(t.print({ ...graph, fused: new Set(["Norm"]) }).includes("= Norm(x, gain)"));
  assert(!t.print(graph).includes("= Norm("));
  const random = new RandomStream("fused");
  const feeds = {
    x: runtime.upload("float32", [3, 2, 8], Float32Array.from({ length: 48 }, () => random.normal())),
    gain: runtime.upload("float32", [8], Float32Array.from({ length: 8 }, () => random.normal())),
  };
  const plain = await (await load(graph)).run(feeds);
  const fused = await (await load({ ...graph, fused: new Set(["Norm"]) })).run(feeds);
  for (const name of Object.keys(graph.outputs)) {
    const expected = await numbers(plain[name]);
    (await numbers(fused[name])).forEach((value, i) =>
      assertAlmostEquals(value, expected[i] as number, 2e-6)
    );
  }
});

Deno.test("grad() of Gather is exact and the same bits in every run under load when indices repeat", async () => {
  const rows = 600, width = 16, tokens = 512;
  const table = t.input("table", "float32", [rows, width]), ids = t.input("ids", "int64", ["tokens"]);
  const weights = t.input("weights", "float32", ["tokens", width]);
  const [gradient] = t.grad(t.sum(t.mul(t.gather(table, ids), weights)), [table]) as [Tensor];
  const threaded = openRuntime({ provider: "cpu", threads: 2 });
  const session = await threaded.load(
    t.toOnnx({ name: "gather", inputs: [table, ids, weights], outputs: { gradient } }),
  );
  const random = new RandomStream("gather");
  const index = Array.from(
    { length: tokens },
    () => random.integer(0, 3) ? random.integer(0, 7) : random.integer(0, rows - 1),
  );
  const run = async (values: Float32Array): Promise<Float32Array> => {
    const { gradient } = await session.run({
      table: threaded.upload("float32", [rows, width], new Float32Array(rows * width)),
      ids: threaded.upload("int64", [tokens], BigInt64Array.from(index, BigInt)),
      weights: threaded.upload("float32", [tokens, width], values),
    });
    return Float32Array.from(await numbers(gradient));
  };
  // Sums of small whole numbers have no rounding error in any order.
  const whole = Float32Array.from({ length: tokens * width }, () => random.integer(-9, 9));
  const exact = new Float32Array(rows * width);
  whole.forEach((value, i) => {
    const at = (index[Math.floor(i / width)] as number) * width + i % width;
    exact[at] = (exact[at] as number) + value;
  });
  const fractions = Float32Array.from({ length: tokens * width }, () => random.normal());
  const load = Array.from(
    { length: 2 },
    () => new Worker("data:text/javascript,for(;;){}", { type: "module" }),
  );
  try {
    const first = await run(fractions);
    for (let i = 0; i < 50; i++) {
      assertEquals(await run(whole), exact);
      assertEquals(new Uint8Array((await run(fractions)).buffer), new Uint8Array(first.buffer));
    }
  } finally {
    load.forEach((worker) => worker.terminate());
  }
});
