/**
 * The functions that trace primitive operations, and the shorthands that are built from them.
 *
 * @module
 */

import { toBfloat16 } from "../bfloat16.ts";
import { type Dim, multiplyDims, normalizeAxis, sameShape, type Shape } from "./dimension.ts";
import { emit } from "./infer.ts";
import { type ArrayTypes, type DataType, isFloat } from "./dtype.ts";
import { type Tensor, TraceError } from "./tensor.ts";

/** A tensor, or a number that becomes a constant of the other operand's element type. */
export type Operand = Tensor | number;

/** A graph input. */
export function input(name: string, dtype: DataType, shape: Shape): Tensor {
  return emit("Input", [], { name, dtype, shape });
}

/** A constant. */
export function constant<T extends DataType>(
  dtype: T,
  shape: readonly number[],
  data: ArrayTypes[T],
): Tensor {
  return emit("Constant", [], { dtype, shape, data });
}

/** A constant of rank 0. */
export function scalar(dtype: DataType, value: number): Tensor {
  if (!isFloat(dtype) && !Number.isSafeInteger(value)) {
    throw new TraceError("Constant", [{ dtype, shape: [] }], `${value} is no whole number`);
  }
  const data: { readonly [T in DataType]: () => ArrayTypes[T] } = {
    float32: () => Float32Array.of(value),
    float16: () => Float16Array.of(value),
    bfloat16: () => toBfloat16(Float32Array.of(value)),
    float64: () => Float64Array.of(value),
    int64: () => BigInt64Array.of(BigInt(value)),
    int32: () => Int32Array.of(value),
    bool: () => Uint8Array.of(value ? 1 : 0),
  };
  return emit("Constant", [], { dtype, shape: [], data: data[dtype]() });
}

/** The int64 constant 0, 1, …, count − 1. */
export function range(count: number): Tensor {
  return constant("int64", [count], BigInt64Array.from({ length: count }, (_, i) => BigInt(i)));
}

function both(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === "number") {
    if (typeof b === "number") {
      throw new TypeError("Cannot trace an operation of two numbers: expected a tensor");
    }
    return [scalar(b.dtype, a), b];
  }
  return [a, typeof b === "number" ? scalar(a.dtype, b) : b];
}

/** a + b, broadcast. */
export function add(a: Operand, b: Operand): Tensor {
  return emit("Add", both(a, b), {});
}
/** a − b, broadcast. */
export function sub(a: Operand, b: Operand): Tensor {
  return emit("Sub", both(a, b), {});
}
/** a · b, elementwise, broadcast. */
export function mul(a: Operand, b: Operand): Tensor {
  return emit("Mul", both(a, b), {});
}
/** a / b, elementwise, broadcast. */
export function div(a: Operand, b: Operand): Tensor {
  return emit("Div", both(a, b), {});
}
/** The smaller of a and b, broadcast. */
export function minimum(a: Operand, b: Operand): Tensor {
  return emit("Min", both(a, b), {});
}
/** The larger of a and b, broadcast. */
export function maximum(a: Operand, b: Operand): Tensor {
  return emit("Max", both(a, b), {});
}
/** a = b, broadcast. */
export function equal(a: Operand, b: Operand): Tensor {
  return emit("Equal", both(a, b), {});
}
/** a < b, broadcast. */
export function less(a: Operand, b: Operand): Tensor {
  return emit("Less", both(a, b), {});
}
/** a ≤ b, broadcast. */
export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return emit("LessOrEqual", both(a, b), {});
}
/** a and b, broadcast. */
export function and(a: Tensor, b: Tensor): Tensor {
  return emit("And", [a, b], {});
}
/** Not x. */
export function not(x: Tensor): Tensor {
  return emit("Not", [x], {});
}
/** condition ? a : b, broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return emit("Where", [condition, ...both(a, b)], {});
}
/** −x. */
export function neg(x: Tensor): Tensor {
  return emit("Neg", [x], {});
}
/** eˣ. */
export function exp(x: Tensor): Tensor {
  return emit("Exp", [x], {});
}
/** The natural logarithm. */
export function log(x: Tensor): Tensor {
  return emit("Log", [x], {});
}
/** The square root. */
export function sqrt(x: Tensor): Tensor {
  return emit("Sqrt", [x], {});
}
/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return emit("Sigmoid", [x], {});
}
/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return emit("Tanh", [x], {});
}
/** The sine. */
export function sin(x: Tensor): Tensor {
  return emit("Sin", [x], {});
}
/** The cosine. */
export function cos(x: Tensor): Tensor {
  return emit("Cos", [x], {});
}
/** x with another element type. */
export function cast(x: Tensor, to: DataType): Tensor {
  return x.dtype === to ? x : emit("Cast", [x], { to });
}
/** x, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return emit("StopGradient", [x], {});
}

function reduceAxes(
  op: string,
  x: Tensor,
  axes: readonly number[] | undefined,
  rank: number = x.rank,
): number[] {
  const all = axes ?? x.shape.map((_, i) => i);
  try {
    return all.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  } catch (error) {
    throw new TraceError(op, [x], error instanceof Error ? error.message : String(error));
  }
}

/** The sum over axes (default: all). */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const over = reduceAxes("ReduceSum", x, axes);
  return over.length === 0 ? x : emit("ReduceSum", [x], { axes: over, keepDims });
}
/** The maximum over axes (default: all). */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const over = reduceAxes("ReduceMax", x, axes);
  return over.length === 0 ? x : emit("ReduceMax", [x], { axes: over, keepDims });
}
/** The index of the first maximum along an axis. */
export function argMax(x: Tensor, axis = -1): Tensor {
  return emit("ArgMax", [x], { axis: reduceAxes("ArgMax", x, [axis])[0] ?? 0 });
}
/** The softmax along the last axis. */
export function softmax(x: Tensor): Tensor {
  return emit("Softmax", [x], {});
}
/** The running sum along the last axis. */
export function cumulativeSum(x: Tensor): Tensor {
  return emit("CumSum", [x], { axis: x.rank - 1 });
}

/** The matrix product over the last two axes; the others broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return emit("MatMul", [a, b], {});
}

/** x with its elements in another shape; the same shape returns x itself. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : emit("Reshape", [x], { shape });
}

/** All axes but the last `keep` merged into one. */
export function flatten(x: Tensor, keep = 1): Tensor {
  return reshape(x, [multiplyDims(x.shape.slice(0, x.rank - keep)), ...x.shape.slice(x.rank - keep)]);
}

/** x with its axes permuted (default: the last two swapped). Two transposes undo each other while tracing. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const axes = x.shape.map((_, i) => i);
  const order = permutation ?? [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
  const result = emit("Transpose", [x], { permutation: order });
  const { op, inputs, attributes } = x.node;
  const [a, b] = inputs;
  if (op === "Transpose" && a && "permutation" in attributes) {
    const inner = attributes.permutation;
    const composed = order.map((axis) => inner[axis]);
    if (composed.every((axis, i) => axis === i)) return a;
  }
  // (AᵀB)ᵀ = BᵀA: a factor that is read transposed costs less than a pass over the product.
  if (op === "MatMul" && x.rank === 2 && a?.node.op === "Transpose" && b && order[0] === 1) {
    return matmul(transpose(b), transpose(a));
  }
  return result;
}

/** x broadcast to a shape; the same shape returns x itself. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : emit("Expand", [x], { shape });
}

/** x with axes of size 1 inserted at these places of the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const shape: Dim[] = [...x.shape];
  for (const axis of reduceAxes("Reshape", x, axes, x.rank + axes.length)) shape.splice(axis, 0, 1);
  return reshape(x, shape);
}

/** The range [start, end) of one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = reduceAxes("Slice", x, [axis])[0] ?? 0;
  return start === 0 && end === x.shape[at] ? x : emit("Slice", [x], { axis: at, start, end });
}

/** x with zeros before and after along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const at = reduceAxes("Pad", x, [axis])[0] ?? 0;
  return before === 0 && after === 0 ? x : emit("Pad", [x], { axis: at, before, after });
}

/** Tensors joined along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (!first) throw new TypeError("Cannot trace Concat of no tensors: expected at least one");
  return parts.length === 1
    ? first
    : emit("Concat", parts, { axis: reduceAxes("Concat", first, [axis])[0] ?? 0 });
}

/**
 * The range [start, end) of one axis, between indices int64 `[1]` that a run computes; an end beyond the axis is its end.
 *
 * @param dim The symbol of the range's size.
 */
export function window(
  x: Tensor,
  axis: number,
  [start, end]: readonly [Tensor, Tensor],
  dim: string,
): Tensor {
  return emit("Window", [x, start, end], { axis: reduceAxes("Window", x, [axis])[0] ?? 0, dim });
}

/**
 * Tensors joined along an axis of which sizes are known by name only.
 *
 * @param dim The symbol of the sum of their sizes.
 */
export function join(parts: readonly [Tensor, ...Tensor[]], axis: number, dim: string): Tensor {
  return emit("Join", parts, { axis: reduceAxes("Join", parts[0], [axis])[0] ?? 0, dim });
}

/** Rows of a table `[rows, …]` by int64 indices. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return emit("Gather", [table, indices], {});
}

/** One element along the last axis for each int64 index `[..., 1]`. */
export function gatherLast(x: Tensor, indices: Tensor): Tensor {
  return emit("GatherElements", [x, indices], {});
}
