import { assertAlmostEquals, assertEquals } from "@std/assert";
import { attention, attentionMask, blockedAttention, blockedKernels } from "../../../src/model/mod.ts";
import { cast, constant, grad, type Graph, input, mul, sum, type Tensor } from "../../../src/tensor/mod.ts";
import { assertGradient, load, numbers, runtime, type Spec, spread } from "../../tensor/finite_difference.ts";

const kernels = new Set(blockedKernels);

/** What a case attends. */
interface Sizes {
  readonly length: number;
  readonly block: number;
  readonly heads?: number;
  readonly groups?: number;
  readonly size?: number;
}

/** Positions and segments, a row each. */
type Layout = readonly (readonly [position: number, segment: number])[][];

const plain = (length: number): Layout =>
  Array.from({ length: 2 }, () => Array.from({ length }, (_, i) => [i, 1] as const));

/** The value of attention and the gradients by query, key and value, at spread numbers. */
async function results(
  { length, heads = 4, groups = 2, size = 6 }: Sizes,
  layout: Layout,
  attend: (query: Tensor, key: Tensor, value: Tensor, positions: Tensor, segments: Tensor) => Tensor,
): Promise<number[][]> {
  const shape = (of: number) => [layout.length, of, length, size];
  const traced = (name: string, of: number) => input(name, "float64", ["batch", of, "sequence", size]);
  const query = traced("query", heads), key = traced("key", groups), value = traced("value", groups);
  const weight = traced("weight", heads);
  const [positions, segments] = ["positions", "segments"].map((name) =>
    input(name, "int64", ["batch", "sequence"])
  ) as [Tensor, Tensor];
  const y = attend(query, key, value, positions, segments);
  const gradients = grad(sum(mul(y, weight)), [query, key, value]) as Tensor[];
  const graph: Graph = {
    name: "attention",
    inputs: [query, key, value, weight, positions, segments],
    outputs: Object.fromEntries([y, ...gradients].map((tensor, i) => [`y${i}`, tensor])),
    fused: kernels,
  };
  const session = await load(graph);
  const real = (of: number, seed: number) => {
    const spec: Spec = { shape: shape(of), dtype: "float64", low: -3, high: 3 };
    return runtime.upload("float64", shape(of), Float64Array.from(spread(spec, seed)));
  };
  const whole = (at: 0 | 1) =>
    runtime.upload(
      "int64",
      [layout.length, length],
      BigInt64Array.from(layout.flat(), (place) => BigInt(place[at])),
    );
  const outputs = await session.run({
    query: real(heads, 1),
    key: real(groups, 2),
    value: real(groups, 3),
    weight: real(heads, 4),
    positions: whole(0),
    segments: whole(1),
  });
  const values = [];
  for (const name of Object.keys(graph.outputs)) values.push(await numbers(outputs[name]));
  await session.dispose();
  return values;
}

/** Asserts that blocks give the value and the gradients of attention with a whole mask. */
async function assertBlocks(sizes: Sizes, layout: Layout): Promise<void> {
  const { block } = sizes;
  const actual = await results(
    sizes,
    layout,
    (q, k, v, positions, segments) => blockedAttention(q, k, v, { positions, segments }, { block }),
  );
  const expected = await results(
    sizes,
    layout,
    (q, k, v, positions, segments) => attention(q, k, v, cast(attentionMask(positions, segments), "float64")),
  );
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length));
  actual.forEach((values, which) =>
    values.forEach((value, i) => {
      // ONNX Runtime folds the scale 1/√d into the product as a float32.
      assertAlmostEquals(
        value,
        expected[which]?.[i] ?? NaN,
        1e-6,
        `${JSON.stringify(sizes)}: ${which}, ${i}`,
      );
    })
  );
}

Deno.test("blockedAttention() is attention(), values and gradients, at any length", async () => {
  for (const length of [1, 2, 3, 4, 5, 6, 7, 8, 13, 21]) {
    await assertBlocks({ length, block: 4 }, plain(length));
  }
  for (const block of [2, 3, 5, 64]) await assertBlocks({ length: 17, block }, plain(17));
});

Deno.test("blockedAttention() shares key heads and takes odd head sizes", async () => {
  for (const [heads, groups] of [[1, 1], [3, 1], [6, 2], [4, 4]] as const) {
    for (const size of [1, 3, 7, 14]) {
      await assertBlocks({ length: 11, block: 4, heads, groups, size }, plain(11));
    }
  }
});

Deno.test("blockedAttention() sees what attentionMask() shows: packed, padded and shared rows", async () => {
  const row = (...segments: number[]): Layout[number] => {
    const places: [number, number][] = [];
    for (const segment of segments) {
      const own = places.filter(([, other]) => other === segment || (other === -1 && segment !== -1)).length;
      places.push([own, segment]);
    }
    return places;
  };
  await assertBlocks({ length: 10, block: 3 }, [
    row(1, 1, 1, 2, 2, 2, 2, 3, 3, 3),
    row(1, 1, 1, 1, 1, 1, 0, 0, 0, 0),
    row(0, 0, 0, 0, 1, 1, 1, 1, 1, 1),
    row(-1, -1, -1, -1, 1, 1, 1, 2, 2, 0),
  ]);
});

Deno.test("blockedAttention()'s gradient is the central difference", async () => {
  const real = (...shape: (number | string)[]): Spec => ({ shape, dtype: "float64", low: -2, high: 2 });
  const key = real(2, 1, 5, 3);
  for (const fused of [kernels, new Set<string>()]) {
    await assertGradient(
      [real(2, 2, 5, 3), key, key],
      (query, key, value) => {
        const place = (of: (i: number) => number): Tensor =>
          constant("int64", [2, 5], BigInt64Array.from({ length: 10 }, (_, i) => BigInt(of(i % 5))));
        const visibility = { positions: place((i) => i), segments: place((i) => i < 2 ? 1 : 2) };
        return blockedAttention(query as Tensor, key as Tensor, value as Tensor, visibility, { block: 2 });
      },
      undefined,
      fused,
    );
  }
});
