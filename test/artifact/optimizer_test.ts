import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import {
  firstMomentName,
  gradientName,
  optimizerGraph,
  outputName,
  secondMomentName,
} from "../../src/artifact/mod.ts";
import { plainLayout } from "../../src/model/mod.ts";
import { type DeviceTensor, openRuntime } from "../../src/runtime/mod.ts";
import { graphCost, print, toOnnx } from "../../src/tensor/mod.ts";

const settings = { betas: [0.9, 0.99], epsilon: 1e-6, weightDecay: 0.1, maxGradientNorm: 0.5 } as const;

/** Two shapes that are walked in blocks, one of them twice; one too large for a stack; three of one small shape. */
const shapes = new Map<string, readonly number[]>([
  ["table", [1024, 300]],
  ["wide", [3, 2 ** 17]],
  ["middle", [131, 97]],
  ...["gain.0", "gain.1", "gain.2"].map((name) => [name, [33]] as const),
  // Together more than a block.
  ...Array.from({ length: 36 }, (_, i) => [`long.${i}`, [4096]] as const),
]);

/** What learning rates are multiplied by: of one that is walked, and of one in a stack. */
const factors = new Map([["wide", 0.5], ["gain.1", 3]]);

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const wave = (length: number, seed: number, scale: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => scale * Math.sin(1.7 * i + seed));

/** Takes a step from made-up values; the counters differ from parameter to parameter. */
async function step(threads: number, onHost: boolean) {
  const runtime = openRuntime({ provider: "cpu", threads }), layout = { ...plainLayout, onHost };
  const graph = optimizerGraph(shapes, settings, "optimizer_model", layout, factors);
  const session = await runtime.load(toOnnx(graph));
  const state: Record<string, DeviceTensor> = {}, gradients: Record<string, DeviceTensor> = {};
  [...shapes.keys()].forEach((name, i) => {
    const shape = session.outputShapes[outputName(name)] as number[];
    const place = (data: Float32Array<ArrayBuffer>): DeviceTensor => runtime.upload("float32", shape, data);
    const made = (scale: number): Float32Array<ArrayBuffer> => Float32Array.from(wave(size(shape), i, scale));
    state[name] = place(made(1));
    state[firstMomentName(name)] = place(made(0.01));
    state[secondMomentName(name)] = place(made(0.02).map((x) => x * x));
    gradients[gradientName(name)] = place(made(0.003));
  });
  const counters = BigInt64Array.from(shapes.keys(), (_, i) => BigInt(i + 2));
  const targets = Object.fromEntries(Object.entries(state).map(([name, x]) => [outputName(name), x]));
  const outputs = await session.run({
    ...state,
    ...gradients,
    learning_rate: runtime.upload("float32", [], Float32Array.of(0.01)),
    step: runtime.upload("int64", [shapes.size], counters),
  }, targets);
  const norm = async (name: string) => Number((await outputs[name]?.download())?.[0]);
  const norms = [await norm("gradient_norm"), await norm("update_norm")] as const;
  const after = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(state)) {
    after.set(name, await tensor.download() as Float32Array);
  }
  const sizes = ["table", "wide"].map((name) => session.outputShapes[outputName(name)]);
  await session.dispose();
  return { norms, after, text: print(graph), sizes };
}

/** The same step in float64, from the algorithm as it is written. */
function reference() {
  const { betas: [beta1, beta2], epsilon, weightDecay, maxGradientNorm } = settings;
  const names = [...shapes.keys()];
  const before = names.map((name, i) => {
    const of = (scale: number): number[] => [...wave(size(shapes.get(name) ?? []), i, scale)];
    const second = Float32Array.from(wave(size(shapes.get(name) ?? []), i, 0.02), (x) => x * x);
    return { name, value: of(1), first: of(0.01), second: [...second], gradient: of(0.003) };
  });
  const gradientNorm = Math.sqrt(
    before.flatMap(({ gradient }) => gradient).reduce((sum, g) => sum + g * g, 0),
  );
  const scale = Math.min(1, maxGradientNorm / (gradientNorm + 1e-6));
  const after = new Map<string, number[]>();
  let moved = 0;
  before.forEach(({ name, value, first, second, gradient }, i) => {
    const values: number[] = [], firsts: number[] = [], seconds: number[] = [], t = i + 2;
    gradient.forEach((raw, at) => {
      const g = raw * scale;
      const m = beta1 * (first[at] ?? NaN) + (1 - beta1) * g,
        v = beta2 * (second[at] ?? NaN) + (1 - beta2) * g * g;
      const direction = m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
      const change = -0.01 * (factors.get(name) ?? 1) * (direction + weightDecay * (value[at] ?? NaN));
      moved += change * change;
      values.push((value[at] ?? NaN) + change);
      firsts.push(m);
      seconds.push(v);
    });
    after.set(name, values).set(firstMomentName(name), firsts).set(secondMomentName(name), seconds);
  });
  return { norms: [gradientNorm, Math.sqrt(moved)] as const, after };
}

Deno.test("optimizerGraph() takes AdamW's step, in blocks on the CPU and at once elsewhere, small ones stacked", async () => {
  const expected = reference();
  assertEquals(expected.norms[0] > settings.maxGradientNorm, true, "the gradient is clipped");
  for (const onHost of [true, false]) {
    const { norms, after, text, sizes } = await step(1, onHost);
    assertEquals(
      text.match(/InBlocks\(/g)?.length ?? 0,
      onHost ? 5 : 0,
      "the norm and the update of two, and the norm of a stack",
    );
    // What is walked comes and goes as rows of blocks: a reshaped output would be copied.
    assertEquals(sizes, onHost ? [[3, 102_400], [3, 131_072]] : [[1024, 300], [3, 131_072]]);
    norms.forEach((norm, i) => assertAlmostEquals(norm / (expected.norms[i] ?? NaN), 1, 1e-5));
    assertEquals([...after.keys()].sort(), [...expected.after.keys()].sort());
    for (const [name, values] of after) {
      const wanted = expected.after.get(name) ?? [];
      const worst = values.reduce((most, x, i) => Math.max(most, Math.abs(x - (wanted[i] ?? NaN))), 0);
      assertLess(worst, 1e-6, `${name}, ${onHost}`);
    }
  }
});

Deno.test("optimizerGraph() gives the same bytes on one thread and on several", async () => {
  const [one, two] = [await step(1, true), await step(2, true)];
  assertEquals(two.norms, one.norms);
  for (const [name, values] of one.after) {
    assertEquals(two.after.get(name)?.every((x, i) => x === values[i]), true, name);
  }
});

Deno.test("optimizerGraph() has kernels for each large parameter and for each small shape, not for each parameter", () => {
  const many = (count: number): number => {
    const gains = Array.from({ length: count }, (_, i) => [`gain.${i}`, [64]] as const);
    return graphCost(optimizerGraph(new Map(gains), settings))({}).kernels;
  };
  // Three slices and no more: new value and moments.
  assertEquals(many(20) - many(10), 30);
});
