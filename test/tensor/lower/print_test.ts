import { assertEquals } from "@std/assert";
import * as t from "../../../src/tensor/mod.ts";
import type { Tensor } from "../../../src/tensor/mod.ts";

Deno.test("print() shows inputs, scopes, attributes, constants and outputs", () => {
  const x = t.input("x", "float32", ["batch", 8]), w = t.input("w", "float32", [8, 2]);
  const y = t.scope("head", () => t.softmax(t.matmul(x, t.transpose(t.reshape(w, [2, 8])))));
  const [gradient] = t.grad(t.sum(t.mul(y, t.scalar("float32", 0.5))), [w]) as [Tensor];
  const graph = { name: "model", inputs: [x, w], outputs: { y, again: y, w, gradient } };
  assertEquals(
    t.print(graph),
    `model(x: float32[batch, 8], w: float32[8, 2])
  head/Reshape: float32[2, 8] = Reshape(w) {shape=[2, 8]}
  head/Transpose: float32[8, 2] = Transpose(head/Reshape) {permutation=[1, 0]}
  head/MatMul: float32[batch, 2] = MatMul(x, head/Transpose)
  y: float32[batch, 2] = Softmax(head/MatMul)
  Constant: float32[] = Constant() {dtype=float32, shape=[], data=1}
  grad/Reshape: float32[1, 1] = Reshape(Constant) {shape=[1, 1]}
  grad/Expand: float32[batch, 2] = Expand(grad/Reshape) {shape=[batch, 2]}
  Constant_1: float32[] = Constant() {dtype=float32, shape=[], data=0.5}
  grad/Mul: float32[batch, 2] = Mul(grad/Expand, Constant_1)
  head/grad/Mul: float32[batch, 2] = Mul(grad/Mul, y)
  head/grad/ReduceSum: float32[batch, 1] = ReduceSum(head/grad/Mul) {axes=[1], keepDims=true}
  head/grad/Sub: float32[batch, 2] = Sub(grad/Mul, head/grad/ReduceSum)
  head/grad/Mul_1: float32[batch, 2] = Mul(y, head/grad/Sub)
  head/grad/Reshape: float32[1, batch, 2] = Reshape(head/grad/Mul_1) {shape=[1, batch, 2]}
  head/grad/Transpose: float32[2, 1, batch] = Transpose(head/grad/Reshape) {permutation=[2, 0, 1]}
  head/grad/Reshape_1: float32[2, batch] = Reshape(head/grad/Transpose) {shape=[2, batch]}
  head/grad/MatMul: float32[2, 8] = MatMul(head/grad/Reshape_1, x)
  gradient: float32[8, 2] = Reshape(head/grad/MatMul) {shape=[8, 2]}
  return y, again=y, w, gradient`,
  );
});

Deno.test("print() cuts long constants and shows a fused composite as one node", () => {
  const x = t.input("x", "float32", [8]);
  const [y] = t.composite(
    "Shift",
    [x],
    () => [t.add(x, t.constant("float32", [8], new Float32Array(8).fill(2)))],
    {
      fused: { domain: "", operator: "Identity", attributes: {}, inputs: [x, undefined] },
    },
  );
  const graph = { name: "g", inputs: [x], outputs: { y: y as Tensor } };
  assertEquals(
    t.print(graph),
    `g(x: float32[8])
  Shift/Constant: float32[8] = Constant() {dtype=float32, shape=[8], data=2 2 2 2 2 2 …}
  y: float32[8] = Add(x, Shift/Constant)
  return y`,
  );
  assertEquals(
    t.print({ ...graph, fused: new Set(["Shift"]) }),
    "g(x: float32[8])\n  y: float32[8] = Shift(x, _)\n  return y",
  );
});
