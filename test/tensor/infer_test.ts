import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { assert, assertEquals } from "@std/assert";
import { ModelProtoSchema } from "onnx-buf";
import * as t from "../../src/tensor/mod.ts";
import type { DataType, Op, Tensor } from "../../src/tensor/mod.ts";
import { load, numbers, runtime, sizes, spreadTensor } from "./finite_difference.ts";
import { bound, opCases } from "./op_cases.ts";

/** An input that nothing reads, so that every symbol has an input to be read from. */
const carrier = t.input("sizes", "float64", ["batch", "sequence"]);

/** The model without the shapes that it declares for its outputs, so that ONNX Runtime has to infer them. */
function withoutOutputShapes(model: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  for (const output of proto.graph?.output ?? []) {
    if (output.type?.value.case === "tensorType") delete output.type.value.value.shape;
  }
  return toBinary(ModelProtoSchema, proto);
}

for (const [op, cases] of Object.entries(opCases)) {
  Deno.test(`emit() infers the signature of ${op} that ONNX Runtime infers and computes`, async () => {
    for (const { inputs: specs, trace } of cases) {
      const inputs = specs.map(({ dtype, shape }, i) => t.input(`x${i}`, dtype, shape));
      const y = trace(...inputs);
      const graph = { name: "case", inputs: [...inputs, carrier], outputs: { y } };
      const session = await runtime.load(withoutOutputShapes(t.toOnnx(graph)));
      const reported = session.outputShapes.y ?? [];
      assertEquals(reported.length, y.rank);
      // ONNX Runtime leaves a size nameless that it would have to compute.
      reported.forEach((dim, i) => assertEquals(dim, dim === "" ? "" : y.shape[i]));
      const feeds = Object.fromEntries(specs.map((spec, i) => [`x${i}`, spreadTensor(spec, i)]));
      const carried = spreadTensor({ shape: carrier.shape, dtype: "float64", low: 0, high: 1 }, 0);
      const result = (await session.run({ ...feeds, sizes: carried })).y;
      assert(result);
      assertEquals(
        [result.dtype, [...result.shape]],
        [y.dtype, sizes(y.shape)],
        `${op} of ${inputs.join(", ")}`,
      );
      await session.dispose();
    }
  });
}

const table = (dtype: DataType) => t.input("table", dtype, [4, 2]);
const matrix: readonly ((x: Tensor) => Tensor)[] = [
  (x) => t.reshape(x, [2, 4]),
  (x) => t.transpose(x),
  (x) => t.expand(x, [3, 4, 2]),
  (x) => t.slice(x, 0, 1, 2),
  (x) => t.pad(x, 1, 1, 1),
  (x) => t.concat([x, x], 0),
  (x) => t.gather(x, t.range(3)),
  (x) => t.gatherLast(x, t.constant("int64", [4, 1], new BigInt64Array(4))),
  ...(["float32", "float64", "int64", "int32", "bool"] as const).map((to) => (x: Tensor) => t.cast(x, to)),
];
const arithmetic: readonly ((x: Tensor) => Tensor)[] = [
  (x) => t.neg(x),
  (x) => t.add(x, 2),
  (x) => t.sub(x, 2),
  (x) => t.mul(x, 2),
  (x) => t.minimum(x, 2),
  (x) => t.maximum(x, 2),
  (x) => t.equal(x, 2),
  (x) => t.less(x, 2),
  (x) => t.lessOrEqual(x, 2),
  (x) => t.where(t.equal(x, 2), x, 3),
];
const analysis: readonly ((x: Tensor) => Tensor)[] = [
  t.exp,
  t.log,
  t.sqrt,
  t.sigmoid,
  t.tanh,
  t.sin,
  t.cos,
  t.softmax,
  t.cumulativeSum,
  (x) => t.div(x, 2),
  (x) => t.sum(x),
  (x) => t.max(x, [1]),
  (x) => t.argMax(x),
  (x) => t.matmul(x, t.transpose(x)),
];
const traces: { readonly [T in DataType]: readonly ((x: Tensor) => Tensor)[] } = {
  float32: [...matrix, ...arithmetic, ...analysis],
  float16: [...matrix, ...arithmetic, ...analysis],
  bfloat16: [], // the CPU has no kernels
  float64: [...matrix, ...arithmetic, ...analysis],
  int64: [...matrix, ...arithmetic],
  int32: [...matrix, ...arithmetic],
  bool: [...matrix, t.not, (x) => t.and(x, x)],
};

for (const [dtype, all] of Object.entries(traces) as [DataType, typeof matrix][]) {
  Deno.test(`emit() accepts ${dtype} only where ONNX Runtime has a kernel`, async () => {
    const x = table(dtype);
    for (const trace of all) {
      const y = trace(x);
      const session = await load({ name: "case", inputs: [x], outputs: { y } });
      const feed = spreadTensor({ shape: x.shape, dtype, low: 0, high: 2 }, 0);
      const { y: result } = await session.run({ table: feed });
      assertEquals([result?.dtype, result?.shape.length], [y.dtype, y.rank]);
      await session.dispose();
    }
  });
}

/** Each operation on x = [[1, −2, 4], [3, 0.5, −1]] and what ONNX's definition of it gives. */
const x = t.input("x", "float32", [2, 3]), flag = t.less(x, 1), even = t.scalar("bool", 1);
const values: { readonly [K in Exclude<Op, "Composite">]: readonly [Tensor, readonly number[]] } = {
  Input: [x, [1, -2, 4, 3, 0.5, -1]],
  Constant: [t.constant("float32", [2], Float32Array.of(5, 6)), [5, 6]],
  StopGradient: [t.stopGradient(t.neg(x)), [-1, 2, -4, -3, -0.5, 1]],
  Cast: [t.cast(x, "int64"), [1, -2, 4, 3, 0, -1]],
  Neg: [t.neg(x), [-1, 2, -4, -3, -0.5, 1]],
  Exp: [t.exp(x), [1, -2, 4, 3, 0.5, -1].map(Math.exp)],
  Log: [t.log(t.mul(x, x)), [1, 4, 16, 9, 0.25, 1].map(Math.log)],
  Sqrt: [t.sqrt(t.mul(x, x)), [1, 2, 4, 3, 0.5, 1]],
  Sigmoid: [t.sigmoid(x), [1, -2, 4, 3, 0.5, -1].map((v) => 1 / (1 + Math.exp(-v)))],
  Tanh: [t.tanh(x), [1, -2, 4, 3, 0.5, -1].map(Math.tanh)],
  Sin: [t.sin(x), [1, -2, 4, 3, 0.5, -1].map(Math.sin)],
  Cos: [t.cos(x), [1, -2, 4, 3, 0.5, -1].map(Math.cos)],
  Not: [t.not(flag), [1, 0, 1, 1, 0, 0]],
  Add: [t.add(x, t.sum(x, [0])), [5, -3.5, 7, 7, -1, 2]],
  Sub: [t.sub(1, x), [0, 3, -3, -2, 0.5, 2]],
  Mul: [t.mul(x, x), [1, 4, 16, 9, 0.25, 1]],
  Div: [t.div(x, 2), [0.5, -1, 2, 1.5, 0.25, -0.5]],
  Min: [t.minimum(x, 1), [1, -2, 1, 1, 0.5, -1]],
  Max: [t.maximum(x, 1), [1, 1, 4, 3, 1, 1]],
  Equal: [t.equal(x, 1), [1, 0, 0, 0, 0, 0]],
  Less: [flag, [0, 1, 0, 0, 1, 1]],
  LessOrEqual: [t.lessOrEqual(x, 1), [1, 1, 0, 0, 1, 1]],
  And: [t.and(flag, t.less(-1, x)), [0, 0, 0, 0, 1, 0]],
  Where: [t.where(t.and(flag, even), x, 9), [9, -2, 9, 9, 0.5, -1]],
  ReduceSum: [t.sum(x, [1]), [3, 2.5]],
  ReduceMax: [t.max(x, [0]), [3, 0.5, 4]],
  ArgMax: [t.argMax(t.minimum(x, 2), 0), [1, 1, 0]],
  Softmax: [t.softmax(t.slice(x, 1, 0, 2)), [
    1 / (1 + Math.exp(-3)),
    1 / (1 + Math.exp(3)),
    1 / (1 + Math.exp(-2.5)),
    1 / (1 + Math.exp(2.5)),
  ]],
  CumSum: [t.cumulativeSum(x), [1, -1, 3, 3, 3.5, 2.5]],
  MatMul: [t.matmul(x, t.transpose(x)), [21, -2, -2, 10.25]],
  Reshape: [t.reshape(x, [3, 2]), [1, -2, 4, 3, 0.5, -1]],
  Transpose: [t.transpose(x), [1, 3, -2, 0.5, 4, -1]],
  Expand: [t.expand(t.sum(x, [1], true), [2, 2]), [3, 3, 2.5, 2.5]],
  Slice: [t.slice(x, 1, 1, 3), [-2, 4, 0.5, -1]],
  Pad: [t.pad(x, 1, 1, 0), [0, 1, -2, 4, 0, 3, 0.5, -1]],
  Concat: [t.concat([x, t.neg(x)], 1), [1, -2, 4, -1, 2, -4, 3, 0.5, -1, -3, -0.5, 1]],
  // An end beyond the axis is its end.
  Window: [t.window(x, 1, [bound(1), bound(9)], "width"), [-2, 4, 0.5, -1]],
  Join: [t.join([x, t.neg(x)], 0, "rows"), [1, -2, 4, 3, 0.5, -1, -1, 2, -4, -3, -0.5, 1]],
  Gather: [t.gather(x, t.constant("int64", [2], BigInt64Array.of(1n, 1n))), [3, 0.5, -1, 3, 0.5, -1]],
  GatherElements: [t.gatherLast(x, t.constant("int64", [2, 1], BigInt64Array.of(2n, 0n))), [4, 3]],
};

Deno.test("toOnnx() lowers every operation to one with the expected values", async () => {
  const outputs = Object.fromEntries(Object.entries(values).map(([op, [tensor]]) => [op, tensor]));
  const session = await load({ name: "values", inputs: [x], outputs });
  const feed = runtime.upload("float32", [2, 3], Float32Array.of(1, -2, 4, 3, 0.5, -1));
  const results = await session.run({ x: feed });
  for (const [op, [, expected]] of Object.entries(values)) {
    const actual = await numbers(results[op]);
    assertEquals(actual.length, expected.length, op);
    actual.forEach((value, i) =>
      assert(
        Math.abs(value - (expected[i] as number)) < 1e-5 * Math.max(1, Math.abs(value)),
        `${op}: ${actual}`,
      )
    );
  }
});
