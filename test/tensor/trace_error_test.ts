import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as t from "../../src/tensor/mod.ts";
import { type DataType, type Op, type Shape, type Tensor, TraceError } from "../../src/tensor/mod.ts";

const of = (dtype: DataType) => (...shape: Shape): Tensor => t.input("x", dtype, shape);
const f = of("float32"), d = of("float64"), i = of("int64"), b = of("bool");

/** What is traced, and the inputs that the message has to show. */
type Rejected = readonly [trace: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]];
type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

const unary = (trace: Unary, ...inputs: Tensor[]): Rejected[] => inputs.map((x) => [trace as Rejected[0], x]);
const binary = (trace: Binary, ...inputs: [Tensor, Tensor][]): Rejected[] =>
  inputs.map((pair) => [trace as Rejected[0], ...pair]);

const unlike: [Tensor, Tensor][] = [[f(2, 3), f(4)], [f(2), d(2)], [f("batch"), f("sequence")], [b(2), b(2)]];

/** Each operation on what it cannot take; three take every input. */
const rejected: { readonly [K in Op]: readonly Rejected[] } = {
  Input: [[() => f(-1)], [() => f(0.5)]],
  Constant: [
    [() => t.constant("float32", [3], new Float32Array(2))],
    [() => t.scalar("int64", 0.5)],
    [() => t.scalar("int32", NaN)],
  ],
  StopGradient: [],
  Composite: [],
  Cast: [],
  Neg: unary(t.neg, b(2)),
  Exp: unary(t.exp, i(2), b(2)),
  Log: unary(t.log, i(2), b(2)),
  Sqrt: unary(t.sqrt, i(2), b(2)),
  Sigmoid: unary(t.sigmoid, i(2), b(2)),
  Tanh: unary(t.tanh, i(2), b(2)),
  Sin: unary(t.sin, i(2), b(2)),
  Cos: unary(t.cos, i(2), b(2)),
  Not: unary(t.not, f(2)),
  Add: binary(t.add, ...unlike),
  Sub: binary(t.sub, ...unlike),
  Mul: binary(t.mul, ...unlike),
  Div: binary(t.div, ...unlike, [i(2), i(2)]),
  Min: binary(t.minimum, ...unlike),
  Max: binary(t.maximum, ...unlike),
  Equal: binary(t.equal, ...unlike),
  Less: binary(t.less, ...unlike),
  LessOrEqual: binary(t.lessOrEqual, ...unlike),
  And: binary(t.and, [f(2), f(2)], [b(2), b(3)]),
  Where: [
    [t.where as Rejected[0], f(2), f(2), f(2)],
    [t.where as Rejected[0], b(2), f(2), d(2)],
    [t.where as Rejected[0], b(3), f(2), f(2)],
    [t.where as Rejected[0], b(2), b(2), b(2)],
  ],
  ReduceSum: [
    ...unary((x) => t.sum(x, [0]), i(2), f()),
    ...unary((x) => t.sum(x, [2]), f(2, 3)),
    ...unary((x) => t.sum(x, [0, -2]), f(2, 3)),
  ],
  ReduceMax: [...unary((x) => t.max(x, [0]), i(2), f()), ...unary((x) => t.max(x, [1, 1]), f(2, 3))],
  ArgMax: [...unary((x) => t.argMax(x), i(2), f()), ...unary((x) => t.argMax(x, 0.5), f(2))],
  Softmax: unary(t.softmax, i(2), f()),
  CumSum: unary(t.cumulativeSum, i(2), f()),
  MatMul: binary(
    t.matmul,
    [f(2, 3), f(4, 2)],
    [f(2, "batch"), f("sequence", 2)],
    [f(3), f(3, 2)],
    [f(2, 3), d(3, 2)],
    [i(2, 3), i(3, 2)],
    [f(2, 2, 3), f(4, 3, 2)],
  ),
  Reshape: [
    ...unary((x) => t.reshape(x, [4]), f(3), f("batch"), f(2, 3)),
    ...unary((x) => t.reshape(x, [-2, -3]), f(2, 3)),
    ...unary((x) => t.reshape(x, ["batch"]), f("sequence")),
    ...unary((x) => t.unsqueeze(x, [3]), f(2)),
  ],
  Transpose: [
    ...unary((x) => t.transpose(x, [0, 0]), f(2, 3)),
    ...unary((x) => t.transpose(x, []), t.transpose(f(2, 3))),
    ...unary((x) => t.transpose(x, [1, 1]), t.matmul(f(2, 3), f(3, 2))),
  ],
  Expand: unary((x) => t.expand(x, [2, 3]), f(2), f(2, 3, 1), f("batch")),
  Slice: [
    ...unary((x) => t.slice(x, 0, 1, 3), f(2), f("batch")),
    ...unary((x) => t.slice(x, 0, 1, 1), f(2)),
    ...unary((x) => t.slice(x, 0, -1, 1), f(2)),
    ...unary((x) => t.slice(x, 1, 0, 1), f(2)),
  ],
  Pad: [
    ...unary((x) => t.pad(x, 0, -1, 1), f(2)),
    ...unary((x) => t.pad(x, 0, 1, 1), f("batch")),
    ...unary((x) => t.pad(x, 1, 1, 1), f(2)),
  ],
  Concat: [
    [(...parts) => t.concat(parts, 1), f(2, 3), f(3, 3)],
    [(...parts) => t.concat(parts, 0), f(2), d(2)],
    [(...parts) => t.concat(parts, 0), f("batch"), f(2)],
    [(...parts) => t.concat(parts, 0), f(2, 3), f(2)],
    [(x) => t.concat([x, x] as Tensor[], 2), f(2)],
  ],
  Window: [
    [(x, start, end) => t.window(x as Tensor, 0, [start as Tensor, end as Tensor], "n"), f(2), i(1), f(1)],
    [(x, start, end) => t.window(x as Tensor, 0, [start as Tensor, end as Tensor], "n"), f(2), i(1), i(2)],
    ...unary((x) => t.window(x, 2, [i(1), i(1)], "n"), f(2, 3)),
  ],
  Join: [
    [(...parts) => t.join(parts as [Tensor], 1, "n"), f(2, 3), f(3, 3)],
    [(...parts) => t.join(parts as [Tensor], 0, "n"), f(2), d(2)],
    ...unary((x) => t.join([x, x], 1, "n"), f(2)),
  ],
  Gather: binary(t.gather, [f(2, 3), f(2)], [f(), i(2)]),
  GatherElements: binary(t.gatherLast, [f(2, 3), f(2, 1)], [f(2, 3), i(3, 1)], [f(2, "batch"), i(2, 1)]),
};

for (const [op, all] of Object.entries(rejected)) {
  Deno.test(`emit() throws TraceError when ${op} cannot take its inputs`, () => {
    for (const [trace, ...inputs] of all) {
      const given = `${op}(${inputs.join(", ")}`;
      const error = assertThrows(
        () => t.scope("model", () => t.scope("layer", () => trace(...inputs))),
        TraceError,
        `Cannot trace ${given}`,
      );
      assertMatch(error.message, /^[^\n]+ \(traced in model\/layer at trace_error_test\.ts:\d+\)$/);
    }
  });
}

Deno.test("emit() names the traced file when a derivative cannot be traced", () => {
  const x = f(2);
  const [y] = t.composite("Wrong", [x], () => [t.neg(x)], {
    vjp: ([g]) => [() => t.reshape(g as Tensor, [3])],
  });
  const error = assertThrows(() => t.scope("outer", () => t.grad(t.sum(y as Tensor), [x])), TraceError);
  assertMatch(error.message, /^Cannot trace Reshape\(float32\[2\]\): .+ at trace_error_test\.ts:\d+\)$/);
});

Deno.test("grad() throws TraceError when the loss is no floating-point scalar or a derivative has another shape", () => {
  const x = f(2);
  assertThrows(() => t.grad(x, [x]), TraceError, "Cannot trace grad(float32[2])");
  assertThrows(() => t.grad(t.scalar("int64", 1), [x]), TraceError, "Cannot trace grad(int64[])");
  const [y] = t.composite("Wrong", [x], () => [t.neg(x)], { vjp: ([g]) => [() => t.sum(g as Tensor)] });
  assertThrows(() => t.grad(t.sum(y as Tensor), [x]), TraceError, "the cotangent is float32[]");
});

Deno.test("grad() throws TraceError when rows are gathered from a table of unknown size", () => {
  const table = f("batch", 3), rows = t.gather(table, i(2));
  assertEquals(rows.shape, [2, 3]);
  assertThrows(() => t.grad(t.sum(rows), [table]), TraceError, "a table with a fixed number of rows");
});

Deno.test("scope() closes when tracing throws", () => {
  assertThrows(() => t.scope("inner", () => t.neg(b(2))));
  assertEquals(t.currentScope(), "");
  assert(!assertThrows(() => t.neg(b(2)), TraceError).message.includes("inner"));
});

Deno.test("an operation of two numbers throws TypeError", () => {
  assertThrows(() => t.add(1, 2), TypeError, "expected a tensor");
  assertThrows(() => t.concat([], 0), TypeError, "at least one");
});
