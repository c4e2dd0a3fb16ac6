import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  attention,
  attentionMask,
  joinHeads,
  linear,
  rmsNorm,
  rotary,
  rotate,
  splitHeads,
  swiGlu,
} from "../../../src/model/mod.ts";
import { cast, input, type Shape, type Tensor } from "../../../src/tensor/mod.ts";
import {
  assertGradient,
  load,
  numbers,
  runtime,
  sizes,
  type Spec,
  spread,
  spreadTensor,
} from "../../tensor/finite_difference.ts";

const real = (...shape: Shape): Spec => ({ shape, dtype: "float64", low: -2, high: 2 });
const whole = (low: number, high: number, ...shape: Shape): Spec => ({ shape, dtype: "int64", low, high });

/** The value of a layer on spread inputs, and those inputs as numbers. */
async function compute(
  specs: readonly Spec[],
  layer: (...inputs: Tensor[]) => Tensor,
): Promise<{ actual: number[]; inputs: number[][] }> {
  const tensors = specs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape));
  const session = await load({ name: "layer", inputs: tensors, outputs: { y: layer(...tensors) } });
  const feeds = Object.fromEntries(specs.map((spec, i) => [`x${i}`, spreadTensor(spec, i)]));
  const actual = await numbers((await session.run(feeds)).y);
  await session.dispose();
  return { actual, inputs: specs.map(spread) };
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance = 1e-12): void {
  assertEquals(actual.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(actual[i] ?? NaN, value, tolerance));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The dot product of two stretches of lists. */
function dot(a: readonly number[], from: number, b: readonly number[], start: number, count: number): number {
  return range(count).reduce((total, i) => total + (a[from + i] ?? NaN) * (b[start + i] ?? NaN), 0);
}

Deno.test("linear() is x times the transposed weight plus the bias", async () => {
  const specs = [real("batch", 2, 3), real(4, 3), real(4)];
  const layer = (x?: Tensor, weight?: Tensor, bias?: Tensor): Tensor =>
    linear(x as Tensor, weight as Tensor, bias);
  const { actual, inputs: [x = [], weight = [], bias = []] } = await compute(specs, layer);
  assertNear(
    actual,
    range(24).map((i) => dot(x, 3 * (i >> 2), weight, 3 * (i & 3), 3) + (bias[i & 3] ?? NaN)),
  );
  await assertGradient(specs, layer);
});

Deno.test("rmsNorm() divides by the root mean square, and its own derivative is the difference", async () => {
  const specs = [real("batch", 2, 6), real(6)], epsilon = 0.1;
  const layer = (x?: Tensor, gain?: Tensor): Tensor => rmsNorm(x as Tensor, gain as Tensor, epsilon);
  const { actual, inputs: [x = [], gain = []] } = await compute(specs, layer);
  assertNear(
    actual,
    x.map((value, i) => {
      const row = i - i % 6;
      return value * (gain[i % 6] ?? NaN) / Math.sqrt(dot(x, row, x, row, 6) / 6 + epsilon);
    }),
  );
  await assertGradient(specs, layer);
});

Deno.test("rotate() turns each pair by position times frequency, and its own derivative is the difference", async () => {
  const frequencies = [1, 0.25], heads = 2, size = 4;
  const specs = [
    real("batch", heads, "sequence", size),
    real("batch", "sequence", 2),
    real("batch", "sequence", 2),
  ];
  const { actual, inputs: [x = [], c = [], s = []] } = await compute(
    specs,
    (x, cos, sin) => rotate(x as Tensor, { cos: cos as Tensor, sin: sin as Tensor }),
  );
  assertNear(
    actual,
    x.map((value, i) => {
      const pair = i % 2, position = Math.floor(i / size) % 5, batch = Math.floor(i / (size * 5 * heads));
      const angle = (batch * 5 + position) * 2 + pair;
      const [cos = NaN, sin = NaN] = [c[angle], s[angle]], upper = i % size >= 2;
      return upper ? value * cos + (x[i - 2] ?? NaN) * sin : value * cos - (x[i + 2] ?? NaN) * sin;
    }),
  );
  // The angles are not trained: only x has a derivative.
  await assertGradient([specs[0] as Spec, whole(0, 9, "batch", "sequence")], (x, positions) => {
    const { cos, sin } = rotary(positions as Tensor, frequencies);
    return rotate(x as Tensor, { cos: cast(cos, "float64"), sin: cast(sin, "float64") });
  });
});

Deno.test("rotary() gives cosine and sine of position times frequency", async () => {
  const frequencies = [1, 0.25, 0.001], specs = [whole(0, 200, "batch", "sequence")];
  for (const [name, f] of [["cos", Math.cos], ["sin", Math.sin]] as const) {
    const { actual, inputs: [positions = []] } = await compute(
      specs,
      (x) => rotary(x as Tensor, frequencies)[name],
    );
    assertNear(actual, positions.flatMap((p) => frequencies.map((speed) => f(p * speed))), 1e-5);
  }
});

Deno.test("swiGlu() is gate times its sigmoid times up", async () => {
  // In float32: ONNX Runtime fuses the sigmoid product into an operation that it has for no other type.
  const spec: Spec = { ...real("batch", 4), dtype: "float32" }, specs = [spec, spec];
  const layer = (gate?: Tensor, up?: Tensor): Tensor => swiGlu(gate as Tensor, up as Tensor);
  const { actual, inputs: [gate = [], up = []] } = await compute(specs, layer);
  assertNear(actual, gate.map((g, i) => g / (1 + Math.exp(-g)) * (up[i] ?? NaN)), 1e-6);
  await assertGradient(specs, layer, { step: 1e-2, relative: 1e-3 });
});

Deno.test("splitHeads() puts heads before positions, at one position too, and joinHeads() undoes it", async () => {
  for (const sequence of ["sequence", 1] as const) {
    const specs = [real("batch", sequence, 6)], [, length = 0] = sizes([3, sequence, 6]);
    const { actual, inputs: [x = []] } = await compute(specs, (x) => splitHeads(x as Tensor, 3));
    assertEquals(
      actual,
      range(x.length).map((i) => {
        const at = i % 2, position = (i >> 1) % length, head = Math.floor(i / (2 * length)) % 3;
        return x[(Math.floor(i / (6 * length)) * length + position) * 6 + head * 2 + at];
      }),
    );
    const back = await compute(specs, (x) => joinHeads(splitHeads(x as Tensor, 3)));
    assertEquals(back.actual, x);
  }
});

Deno.test("attentionMask() shows earlier positions of the same segment, itself included", async () => {
  const positions = [0, 1, 0, 1, 2], segments = [1, 1, 2, 2, 0];
  const p = input("p", "int64", [1, 5]), s = input("s", "int64", [1, 5]);
  const session = await load({ name: "mask", inputs: [p, s], outputs: { y: attentionMask(p, s) } });
  const feed = (values: readonly number[]) =>
    runtime.upload("int64", [1, 5], BigInt64Array.from(values, BigInt));
  const { y } = await session.run({ p: feed(positions), s: feed(segments) });
  assertEquals(
    (await numbers(y)).map((value) => value === 0),
    [
      [1, 0, 0, 0, 0],
      [1, 1, 0, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 1, 1, 0],
      [0, 0, 0, 0, 1],
    ].flat().map(Boolean),
  );
  await session.dispose();
});

Deno.test("attention() is the softmax-weighted mean of values, with shared key heads", async () => {
  for (const groups of [1, 2, 4]) {
    const heads = 4, size = 3, length = 5;
    const key = real("batch", groups, "sequence", size);
    const specs = [
      real("batch", heads, "sequence", size),
      key,
      key,
      real("batch", 1, "sequence", "sequence"),
    ];
    const layer = (q?: Tensor, k?: Tensor, v?: Tensor, mask?: Tensor): Tensor =>
      attention(q as Tensor, k as Tensor, v as Tensor, mask as Tensor);
    const { actual, inputs: [q = [], k = [], v = [], mask = []] } = await compute(specs, layer);
    const expected = range(3 * heads * length * size).map((i) => {
      const at = i % size, row = Math.floor(i / size), position = row % length;
      const head = Math.floor(row / length) % heads, batch = Math.floor(row / (length * heads));
      const block = (batch * groups + Math.floor(head / (heads / groups))) * length;
      const weights = range(length).map((other) => {
        const shift = mask[(batch * length + position) * length + other] ?? NaN;
        return Math.exp(dot(q, row * size, k, (block + other) * size, size) / Math.sqrt(size) + shift);
      });
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.reduce((sum, w, other) => sum + w / total * (v[(block + other) * size + at] ?? NaN), 0);
    });
    // ONNX Runtime folds the scale 1/√d into the product as a float32.
    assertNear(actual, expected, 1e-7);
    await assertGradient(specs, layer);
  }
});
