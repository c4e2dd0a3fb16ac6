/**
 * Derivatives: for each primitive, how the cotangent g of its output gives the cotangents of its inputs. Rules are
 * closed over the same primitives, so derivatives are graphs like any other.
 *
 * @module
 */

import { addRows } from "./add_rows.ts";
import { type Dim, normalizeAxis, type Shape } from "./dimension.ts";
import type { Attributes, Op } from "./op.ts";
import * as t from "./operations.ts";
import { isFloat } from "./dtype.ts";
import { sharedFactor } from "./shared_factor.ts";
import { type Node, type Tensor, TraceError } from "./tensor.ts";

/** Thunks of the inputs' cotangents; `undefined` where an input has no derivative. */
export type Cotangents = readonly ((() => Tensor) | undefined)[];

/** The rule of one operation: cotangent g of the output y of a node. */
export type Vjp<K extends Op> = (g: Tensor, y: Tensor, node: Node<K>) => Cotangents;

/** The inputs of a node by position; primitives are traced with all of them present. */
function at(node: Node<Op>, index: number): Tensor {
  const tensor = node.inputs[index];
  if (!tensor) throw new RangeError(`internal: ${node.op} lacks input ${index}`);
  return tensor;
}

/** Sums a cotangent over the axes along which its input was broadcast. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  const extra = g.rank - shape.length;
  const axes = g.shape.flatMap((dim, i) => i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : []);
  return t.reshape(t.sum(g, axes, true), shape);
}

/** A rule for y = f(x): the cotangent is g times a factor made from x and y. */
function elementwise(factor: (g: Tensor, y: Tensor, x: Tensor) => Tensor): Vjp<Op> {
  return (g, y, node) => [() => factor(g, y, at(node, 0))];
}

/** A rule for a broadcasting y = f(a, b). */
function pair(
  left: (g: Tensor, y: Tensor, a: Tensor, b: Tensor) => Tensor,
  right: (g: Tensor, y: Tensor, a: Tensor, b: Tensor) => Tensor,
): Vjp<Op> {
  return (g, y, node) => {
    const a = at(node, 0), b = at(node, 1);
    return [() => unbroadcast(left(g, y, a, b), a.shape), () => unbroadcast(right(g, y, a, b), b.shape)];
  };
}

/** Operations without inputs, or whose output is no real number. */
const none: Vjp<Op> = () => [];

/** Operations within loops, which have derivatives of their own. */
const withoutDerivative: Vjp<Op> = (_g, _y, node) => {
  throw new TraceError(node.op, node.inputs, "expected a loop with a derivative of its own around it");
};

/** The cotangent of a smaller or larger of two: to the chosen side, half each at a tie. */
function chosen(isLeft: (a: Tensor, b: Tensor) => Tensor): Vjp<Op> {
  const share = (g: Tensor, x: Tensor, y: Tensor): Tensor =>
    t.where(t.equal(x, y), t.mul(g, 0.5), t.where(isLeft(x, y), g, 0));
  return pair((g, _y, a, b) => share(g, a, b), (g, _y, a, b) => share(g, b, a));
}

/** The shape of a reduction's input with the reduced axes at size 1. */
function keptShape({ axes }: Attributes<Tensor>["ReduceSum"], x: Tensor): Dim[] {
  return x.shape.map((dim, i) => axes.includes(i) ? 1 : dim);
}

/** The rules. */
export const vjps: { readonly [K in Op]: Vjp<K> } = {
  Input: none,
  Constant: none,
  StopGradient: none,
  Composite: () => {
    throw new TypeError("internal: composites are differentiated by grad()");
  },
  // Integers and truth values have no derivative.
  Cast: (g, _y, node) => {
    const { dtype } = at(node, 0);
    return isFloat(dtype) ? [() => t.cast(g, dtype)] : [];
  },
  // d(−x) = −dx
  Neg: elementwise((g) => t.neg(g)),
  // d(eˣ) = eˣ dx
  Exp: elementwise((g, y) => t.mul(g, y)),
  // d(ln x) = dx / x
  Log: elementwise((g, _y, x) => t.div(g, x)),
  // d(√x) = dx / (2√x)
  Sqrt: elementwise((g, y) => t.div(t.mul(g, 0.5), y)),
  // dσ = σ(1 − σ) dx
  Sigmoid: elementwise((g, y) => t.mul(g, t.mul(y, t.sub(1, y)))),
  // d(tanh x) = (1 − tanh²x) dx
  Tanh: elementwise((g, y) => t.mul(g, t.sub(1, t.mul(y, y)))),
  // d(sin x) = cos x dx
  Sin: elementwise((g, _y, x) => t.mul(g, t.cos(x))),
  // d(cos x) = −sin x dx
  Cos: elementwise((g, _y, x) => t.neg(t.mul(g, t.sin(x)))),
  Not: none,
  Add: pair((g) => g, (g) => g),
  Sub: pair((g) => g, (g) => t.neg(g)),
  Mul: pair((g, _y, _a, b) => t.mul(g, b), (g, _y, a) => t.mul(g, a)),
  // d(a/b) = da/b − (a/b) db/b
  Div: pair((g, _y, _a, b) => t.div(g, b), (g, y, _a, b) => t.neg(t.div(t.mul(g, y), b))),
  Min: chosen((a, b) => t.less(a, b)),
  Max: chosen((a, b) => t.less(b, a)),
  Equal: none,
  Less: none,
  LessOrEqual: none,
  And: none,
  Where: (g, _y, node) => {
    const condition = at(node, 0), zero = t.scalar(g.dtype, 0);
    return [
      undefined,
      () => unbroadcast(t.where(condition, g, zero), at(node, 1).shape),
      () => unbroadcast(t.where(condition, zero, g), at(node, 2).shape),
    ];
  },
  ReduceSum: (g, _y, node) => {
    const x = at(node, 0);
    return [() => t.expand(t.reshape(g, keptShape(node.attributes, x)), x.shape)];
  },
  // The cotangent goes to the maximum; ties share it equally.
  ReduceMax: (g, y, node) => {
    const x = at(node, 0), kept = keptShape(node.attributes, x), { axes } = node.attributes;
    return [() => {
      const hit = t.cast(t.equal(x, t.reshape(y, kept)), g.dtype);
      return t.mul(t.reshape(g, kept), t.div(hit, t.sum(hit, axes, true)));
    }];
  },
  ArgMax: none,
  // dx = y (g − Σ g y)
  Softmax: (g, y) => [() => t.mul(y, t.sub(g, t.sum(t.mul(g, y), [-1], true)))],
  // The transpose of a running sum is a running sum from the end: total − running sum + g.
  CumSum: (g, _y, { attributes: { axis } }) => [
    () => t.add(t.sub(t.sum(g, [axis], true), t.cumulativeSum(g)), g),
  ],
  // d(AB) = dA B + A dB; a product with one matrix for all batches is flattened to one large product.
  MatMul: (g, _y, node) => {
    const a = at(node, 0), b = at(node, 1);
    return [
      () => unbroadcast(t.matmul(g, t.transpose(b)), a.shape),
      () => b.rank === 2 ? sharedFactor(a, g) : unbroadcast(t.matmul(t.transpose(a), g), b.shape),
    ];
  },
  Reshape: (g, _y, node) => [() => t.reshape(g, at(node, 0).shape)],
  Transpose: (g, _y, { attributes: { permutation } }) => [
    () => t.transpose(g, permutation.map((_, axis) => permutation.indexOf(axis))),
  ],
  Expand: (g, _y, node) => [() => unbroadcast(g, at(node, 0).shape)],
  Slice: (g, _y, node) => {
    const { axis, start, end } = node.attributes;
    const size = at(node, 0).shape[normalizeAxis(axis, g.rank)] as number; // the shape rule demands a number
    return [() => t.pad(g, axis, start, size - end)];
  },
  Pad: (g, _y, node) => {
    const { axis, before, after } = node.attributes;
    const size = g.shape[axis] as number; // the shape rule demands a number
    return [() => t.slice(g, axis, before, size - after)];
  },
  Concat: (g, _y, node) => {
    let start = 0;
    return node.inputs.map((part) => {
      const from = start, to = start + (part.shape[node.attributes.axis] as number); // fixed by the shape rule
      start = to;
      return () => t.slice(g, node.attributes.axis, from, to);
    });
  },
  Window: withoutDerivative,
  Join: withoutDerivative,
  Gather: (g, _y, node) => [() => addRows(undefined, at(node, 1), g, at(node, 0).shape), undefined],
  GatherElements: (g, _y, node) => {
    const x = at(node, 0), size = x.shape.at(-1) as number; // fixed by the shape rule
    return [() => t.where(t.equal(at(node, 1), t.range(size)), g, t.scalar(g.dtype, 0)), undefined];
  },
};
