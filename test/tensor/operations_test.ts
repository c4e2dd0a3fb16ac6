import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as t from "../../src/tensor/mod.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { load, numbers, spread, spreadTensor } from "./finite_difference.ts";

const x = t.input("x", "float64", ["batch", 2, 4]);

Deno.test("transpose() of a transpose is one by the composed permutation, or none where they cancel", async () => {
  const twice = t.transpose(t.transpose(x, [1, 2, 0]), [1, 2, 0]);
  assertStrictEquals(t.transpose(t.transpose(x, [1, 2, 0]), [2, 0, 1]), x);
  assertEquals(twice.shape, [4, "batch", 2]);
  const session = await load({ name: "g", inputs: [x], outputs: { twice } });
  const spec = { shape: x.shape, dtype: "float64", low: 0, high: 1 } as const;
  const values = spread(spec, 0);
  const expected = Array.from({ length: 24 }, (_, at) => {
    const column = Math.floor(at / 6), batch = Math.floor(at / 2) % 3, row = at % 2;
    return values[batch * 8 + row * 4 + column];
  });
  assertEquals(await numbers((await session.run({ x: spreadTensor(spec, 0) })).twice), expected as number[]);
});

Deno.test("transpose() of a product whose left factor is transposed is the product of the others' transposes", () => {
  const a = t.input("a", "float32", [4, "tokens"]), b = t.input("b", "float32", [4, 2]);
  const product = t.transpose(t.matmul(t.transpose(a), b));
  assertEquals([product.node.op, product.shape], ["MatMul", [2, "tokens"]]);
  const plain = t.transpose(t.matmul(t.input("c", "float32", ["tokens", 4]), b));
  assertEquals([plain.node.op, plain.shape], ["Transpose", [2, "tokens"]]);
});

Deno.test("an operation that changes nothing returns its input", () => {
  const same: readonly Tensor[] = [
    t.reshape(x, x.shape),
    t.expand(x, x.shape),
    t.cast(x, x.dtype),
    t.slice(x, -1, 0, 4),
    t.pad(x, 1, 0, 0),
    t.concat([x], 0),
    t.sum(x, []),
    t.max(x, []),
  ];
  same.forEach((y) => assertStrictEquals(y, x));
});

Deno.test("unsqueeze() inserts at places of the result, negative ones from its end", () => {
  assertEquals(t.unsqueeze(x, [0, 2]).shape, [1, "batch", 1, 2, 4]);
  assertEquals(t.unsqueeze(x, [2, 0]).shape, [1, "batch", 1, 2, 4]);
  assertEquals(t.unsqueeze(x, [-1]).shape, ["batch", 2, 4, 1]);
  assertEquals(t.unsqueeze(x, [-1, 0]).shape, [1, "batch", 2, 4, 1]);
});

Deno.test("flatten() merges all axes but the last ones", () => {
  assertEquals(t.flatten(x).shape, ["2*batch", 4]);
  assertEquals(t.flatten(x, 2).shape, ["batch", 2, 4]);
  assertEquals(t.flatten(x, 0).shape, ["8*batch"]);
  assertEquals(t.flatten(t.scalar("float32", 1)).shape, [1]);
});

Deno.test("grad() of a matrix that all batches share is one product, with no copy of the matrix per batch", () => {
  const a = t.input("a", "float32", ["batch", "sequence", 4]), w = t.input("w", "float32", [4, 2]);
  const [gradient] = t.grad(t.sum(t.matmul(a, w)), [w]) as [Tensor];
  const text = t.print({ name: "g", inputs: [a, w], outputs: { gradient } });
  assert(!text.includes("[batch, 4, 2]"), text);
  // The factor is turned in memory, once: a Reshape stands between the Transpose and the product.
  const before = (tensor: Tensor | undefined): string | undefined => tensor?.node.inputs[0]?.node.op;
  const [product] = gradient.node.inputs;
  assertEquals([gradient.node.op, product?.node.op, before(product)], ["Transpose", "MatMul", "Reshape"]);
});
