/**
 * Small graphs around every primitive operation: broadcasting on either side, rank 0 to 5, symbolic sizes.
 *
 * @module
 */

import * as t from "../../src/tensor/mod.ts";
import type { Op, Shape, Tensor } from "../../src/tensor/mod.ts";
import type { Spec } from "./finite_difference.ts";

/** A graph around one operation. */
export interface OpCase {
  /** The graph's inputs. */
  readonly inputs: readonly Spec[];
  /** Traces the operation; its value is the graph's output. */
  readonly trace: (...inputs: Tensor[]) => Tensor;
}

const real = (...shape: Shape): Spec => ({ shape, dtype: "float64", low: -2, high: 2 });
const positive = (...shape: Shape): Spec => ({ shape, dtype: "float64", low: 0.5, high: 2 });
const index = (high: number, ...shape: Shape): Spec => ({ shape, dtype: "int64", low: 0, high });
const truth = (...shape: Shape): Spec => ({ shape, dtype: "bool", low: 0, high: 2 });

const ranks: readonly Shape[] = [[], [4], ["batch", 2], [2, 1, 3], ["batch", 2, 1, 2], [
  1,
  2,
  "sequence",
  1,
  2,
]];

const pairs: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[2, 3], [2, 3]],
  [[], ["batch", 2]],
  [["batch", 2], []],
  [["batch", 2], [2]],
  [[1], ["batch"]],
  [["batch", 1, 2], ["sequence", 1]],
  [[2, 1, 1], [1, "batch", 1]],
  [[1, 2, 1, 4, 1], [2, 1, "batch", 1, 1]],
];

function cases(shapes: readonly (readonly Spec[])[], trace: OpCase["trace"]): OpCase[] {
  return shapes.map((inputs) => ({ inputs, trace }));
}

function unary(trace: (x: Tensor) => Tensor, spec: (...shape: Shape) => Spec = real): OpCase[] {
  return cases(ranks.map((shape) => [spec(...shape)]), trace as OpCase["trace"]);
}

function binary(
  trace: (a: Tensor, b: Tensor) => Tensor,
  left: (...shape: Shape) => Spec = real,
  right: (...shape: Shape) => Spec = left,
): OpCase[] {
  return cases(pairs.map(([a, b]) => [left(...a), right(...b)]), trace as OpCase["trace"]);
}

/** An index as a loop computes it. */
export function bound(at: number): Tensor {
  return t.constant("int64", [1], BigInt64Array.of(BigInt(at)));
}

/** One shape, and an operation whose attributes belong to it. */
function one(shape: Shape, trace: (x: Tensor) => Tensor): OpCase {
  return { inputs: [real(...shape)], trace: trace as OpCase["trace"] };
}

/** The cases; the type makes an operation without one a compile error. */
export const opCases: { readonly [K in Op]: readonly OpCase[] } = {
  Input: unary((x) => x),
  Constant: unary((x) => t.add(x, t.constant("float64", [1], Float64Array.of(3)))),
  StopGradient: unary((x) => t.mul(t.stopGradient(t.constant("float64", [], Float64Array.of(3))), x)),
  Composite: unary((x) => t.composite("Square", [x], () => [t.mul(x, x)])[0] as Tensor),
  Cast: [
    ...unary((x) => t.cast(x, "float64"), (...shape) => ({ ...real(...shape), dtype: "float32" })),
    ...unary((x) => t.cast(x, "int64")),
  ],
  Neg: unary(t.neg),
  Exp: unary(t.exp),
  Log: unary(t.log, positive),
  Sqrt: unary(t.sqrt, positive),
  Sigmoid: unary(t.sigmoid),
  Tanh: unary(t.tanh),
  Sin: unary(t.sin),
  Cos: unary(t.cos),
  Not: unary(t.not, truth),
  Add: binary(t.add),
  Sub: binary(t.sub),
  Mul: binary(t.mul),
  Div: binary(t.div, real, positive),
  Min: binary(t.minimum),
  Max: binary(t.maximum),
  Equal: binary(t.equal),
  Less: binary(t.less),
  LessOrEqual: binary(t.lessOrEqual),
  And: binary(t.and, truth),
  Where: [
    ...cases([
      [truth(), real(), real()],
      [truth("batch", 4), real("batch", 4), real("batch", 4)],
      [truth("batch", 1), real(4), real(1, 1)],
      [truth(4), real("batch", 1), real()],
      [truth(1, 2, 1, 3, 1), real(2, 1, "batch", 1, 1), real(3, 4)],
    ], (c, a, b) => t.where(c as Tensor, a as Tensor, b as Tensor)),
  ],
  ReduceSum: [
    ...unary((x) => t.sum(x)),
    one(["batch", 2], (x) => t.sum(x, [0])),
    one([2, "batch", 4], (x) => t.sum(x, [1], true)),
    one([2, "batch", 1, "sequence", 2], (x) => t.sum(x, [-2, 0])),
  ],
  ReduceMax: [
    ...unary((x) => t.max(x)),
    one(["batch", 2], (x) => t.max(x, [0])),
    one([2, "batch", 4], (x) => t.max(x, [1], true)),
    one([2, "batch", 1, "sequence", 2], (x) => t.max(x, [-2, 0])),
  ],
  ArgMax: [one([4], t.argMax), one(["batch", 4], (x) => t.argMax(x, 0)), one([2, "batch", 4], t.argMax)],
  Softmax: cases(ranks.slice(1).map((shape) => [real(...shape)]), (x) => t.softmax(x as Tensor)),
  CumSum: cases(ranks.slice(1).map((shape) => [real(...shape)]), (x) => t.cumulativeSum(x as Tensor)),
  MatMul: cases([
    [real(2, 4), real(4, 3)],
    [real("batch", 4), real(4, 2)],
    [real(4, "batch"), real("batch", 2)],
    [real("batch", "sequence", 4), real(4, 2)],
    [real(1, 2, 4), real("batch", 4, 2)],
    [real(2, 4), real("batch", 4, 2)],
    [real("batch", 1, 2, 4), real(3, 4, 2)],
    [real(2, 1, 2, 2, 3), real(3, 1, 3, 2)],
  ], (a, b) => t.matmul(a as Tensor, b as Tensor)),
  Reshape: [
    one([], (x) => t.reshape(x, [1, 1])),
    one([1, 1], (x) => t.reshape(x, [])),
    one(["batch", 4], (x) => t.reshape(x, ["batch", 2, 2])),
    one(["batch", "sequence", 2], t.flatten),
    one(["batch", "sequence", 2], (x) => t.reshape(x, ["sequence", "batch", 2])),
    one(["batch", 4, "sequence"], (x) => t.reshape(x, [2, "2*sequence", "batch"])),
    one([2, "batch", 1, 2], (x) => t.unsqueeze(x, [-1])),
  ],
  Transpose: [
    ...unary((x) => t.transpose(x)),
    one(["batch", 2, 4], (x) => t.transpose(x, [1, 2, 0])),
    one(["batch", 2, 4], (x) => t.transpose(t.transpose(x, [1, 2, 0]), [2, 0, 1])),
    one([1, 2, "batch", 4, 1], (x) => t.transpose(x, [3, 0, 4, 2, 1])),
    {
      inputs: [real("batch", 2), real(2, 4)],
      trace: (a, b) => t.transpose(t.matmul(a as Tensor, b as Tensor)),
    },
  ],
  Expand: [
    one([], (x) => t.expand(x, [2, 2])),
    one([1, 4], (x) => t.expand(x, ["batch", 4])),
    one([2, 1], (x) => t.expand(x, ["sequence", 2, "batch"])),
    one([1, 2, 1, 2, 1], (x) => t.expand(x, ["batch", 2, 2, 2, "sequence"])),
  ],
  Slice: [
    one([4], (x) => t.slice(x, 0, 1, 3)),
    one(["batch", 4], (x) => t.slice(x, -1, 0, 1)),
    one([2, 4, "batch", 1, 2], (x) => t.slice(x, 1, 2, 4)),
  ],
  Pad: [
    one([4], (x) => t.pad(x, 0, 1, 2)),
    one(["batch", 4], (x) => t.pad(x, -1, 0, 1)),
    one([2, 4, "batch", 1, 2], (x) => t.pad(x, 1, 2, 0)),
  ],
  Concat: cases([
    [real("batch", 2), real("batch", 1), real("batch", 4)],
    [real("batch", 1, 2, 1, 2), real("batch", 1, 2, 1, 2)],
  ], (...parts) => t.concat(parts, -1)),
  // Within loops only, which have derivatives of their own: numbers without one.
  Window: cases([
    [index(9, "sequence", "batch")],
    [index(9, "sequence", 1, 2)],
  ], (x) => t.cast(t.window(x as Tensor, 0, [bound(0), bound(9)], "sequence"), "float64")),
  Join: cases([
    [index(9, 2, "batch"), index(9, 2, 2)],
    [index(9, "batch"), index(9, 1), index(9, 1)],
  ], (...parts) => t.cast(t.join(parts as [Tensor], -1, "sequence"), "float64")),
  Gather: cases([
    [real(4), index(4, 2)],
    [real(4, 2), index(4)],
    [real(4, 2), index(4, "batch", "sequence")],
    [real(1, 2), index(1, "batch")],
    [real(7, 2, "batch"), index(7, 3, 4)],
  ], (table, rows) => t.gather(table as Tensor, rows as Tensor)),
  GatherElements: cases([
    [real(4), index(4, 1)],
    [real("batch", 4), index(4, "batch", 1)],
    [real(2, "batch", 1, 2, 4), index(4, 2, "batch", 1, 2, 1)],
  ], (x, indices) => t.gatherLast(x as Tensor, indices as Tensor)),
};
