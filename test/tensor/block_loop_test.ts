import { assertEquals, assertThrows } from "@std/assert";
import * as t from "../../src/tensor/mod.ts";
import { blockDims, type Tensor } from "../../src/tensor/mod.ts";
import { load, numbers, runtime } from "./finite_difference.ts";

const { after, rest, block } = blockDims;
const x = t.input("x", "float32", ["length", 2]);

/** The rows of x with the sums of its blocks, as a composite that a loop computes; both carry the number of the block. */
function blockSums(size: number, descending: boolean): t.Graph {
  const nothing = t.expand(t.scalar("float32", 0), [0, 2]), zero = t.scalar("float32", 0);
  const fused = t.blockLoop(
    { over: "length", size, descending },
    [x],
    [{ initial: nothing, shape: [after, 2] }, { initial: zero, shape: [] }],
    ({ bounds, states: [sums, count] }) => {
      const rows = t.window(x, 0, bounds, block), next = t.add(count as Tensor, 1);
      const marked = t.concat([t.sum(rows, [0, 1], true), t.reshape(next, [1, 1])], 1);
      return [t.join([sums as Tensor, marked], 0, rest), next];
    },
  );
  const define = (): Tensor[] => [x, zero];
  const [sums, count] = t.composite("BlockSums", [x], define, { fused }) as [Tensor, Tensor];
  return { name: "loop", inputs: [x], outputs: { sums, count }, fused: new Set(["BlockSums"]) };
}

async function blocks(length: number, size: number, descending: boolean): Promise<number[][]> {
  const session = await load(blockSums(size, descending));
  // Row i holds i and 1: a block's sum is that of its indices and their number.
  const data = Float32Array.from({ length: 2 * length }, (_, i) => i % 2 === 0 ? i / 2 : 1);
  const { sums, count } = await session.run({ x: runtime.upload("float32", [length, 2], data) });
  const values = await numbers(sums), [last] = await numbers(count);
  await session.dispose();
  const pairs = Array.from({ length: values.length / 2 }, (_, i) => values.slice(2 * i, 2 * i + 2));
  assertEquals(pairs.map(([, number]) => number), pairs.map((_, i) => i + 1));
  assertEquals(last, pairs.length);
  return pairs;
}

Deno.test("blockLoop() walks the blocks that blockRanges() names, forwards and backwards", async () => {
  for (const size of [2, 3, 4]) {
    for (const length of [1, 2, 3, 4, 5, 6, 9, 13]) {
      const ranges = t.blockRanges(length, size);
      const sums = ranges.map(({ start, end }) => (end - start) * (start + end - 1) / 2 + end - start);
      assertEquals((await blocks(length, size, false)).map(([sum]) => sum), sums, `${length} by ${size}`);
      assertEquals((await blocks(length, size, true)).map(([sum]) => sum), sums.toReversed());
    }
  }
});

Deno.test("blockRanges() covers every index once, in blocks of half to one and a half times the size", () => {
  for (let length = 1; length < 60; length++) {
    for (const size of [2, 3, 8, 17]) {
      const ranges = t.blockRanges(length, size);
      let next = 0;
      for (const { start, end } of ranges) {
        assertEquals(start, next);
        next = end;
        if (ranges.length > 1) assertEquals(end - start >= size / 2 && end - start < 1.5 * size, true);
      }
      assertEquals(next, length);
    }
  }
});

Deno.test("blockLoop() refuses blocks of less than two, and what its body reads without saying so", () => {
  for (const size of [0, 1, 2.5]) assertThrows(() => blockSums(size, false), RangeError, "2 or more");
  const y = t.input("y", "float32", [2]);
  const fused = t.blockLoop(
    { over: "length", size: 2 },
    [],
    [{ initial: t.scalar("float32", 0), shape: [] }],
    ({ states: [state] }) => [t.add(state as Tensor, t.sum(y))],
  );
  const [sum] = t.composite("Secret", [x], () => [t.scalar("float32", 0)], { fused });
  const graph = {
    name: "secret",
    inputs: [x, y],
    outputs: { sum: sum as Tensor },
    fused: new Set(["Secret"]),
  };
  assertThrows(() => t.toOnnx(graph), ReferenceError, 'undeclared input "y"');
});

Deno.test("grad() of a loop without a derivative of its own is that of its definition, never of its body", () => {
  const [sums] = t.composite("BlockSums", [x], () => [t.mul(x, x)]);
  assertEquals(t.grad(t.sum(sums as Tensor), [x])[0]?.shape, x.shape);
  const bounds = [
    t.constant("int64", [1], BigInt64Array.of(0n)),
    t.constant("int64", [1], BigInt64Array.of(1n)),
  ];
  assertThrows(
    () => t.grad(t.sum(t.window(x, 0, bounds as [Tensor, Tensor], block)), [x]),
    t.TraceError,
    "a derivative of its own",
  );
});

Deno.test("graphCost() counts what all blocks compute, and the memory of the largest one", () => {
  const query = t.input("q", "float32", ["length", 4]);
  const nothing = t.expand(t.scalar("float32", 0), [0, 4]);
  const fused = t.blockLoop(
    { over: "length", size: 8, descending: true },
    [query],
    [{ initial: nothing, shape: [after, 4] }],
    ({ bounds: [start, end], states: [done] }) => {
      const rows = t.window(query, 0, [start, end], block);
      const seen = t.window(query, 0, [t.constant("int64", [1], BigInt64Array.of(0n)), end], blockDims.seen);
      const scores = t.softmax(t.matmul(rows, t.transpose(seen)));
      return [t.join([t.matmul(scores, seen), done as Tensor], 0, rest)];
    },
  );
  const [y] = t.composite("Causal", [query], () => [query], { fused });
  const cost = t.graphCost({
    name: "causal",
    inputs: [query],
    outputs: { y: y as Tensor },
    fused: new Set(["Causal"]),
  });
  const at = (length: number) => cost({ length });
  // Three blocks of 8 rows see 8, 16 and 24 keys: two products of 4 numbers each.
  assertEquals(at(24).productOperations, 2 * 2 * 4 * 8 * (8 + 16 + 24));
  // The last block: its rows, the keys that it sees, their scores, the products, and the states before and after.
  const bytes = (length: number): number => 4 * (8 * length + 4 * length + 2 * 8 * 4);
  for (const length of [24, 240]) {
    const { peakBytes, kernels } = at(length);
    assertEquals(kernels, 1);
    assertEquals(peakBytes <= 1.1 * bytes(length) && peakBytes >= 4 * 8 * length, true, `${peakBytes}`);
  }
});
