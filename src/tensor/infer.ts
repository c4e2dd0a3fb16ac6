/**
 * Shape and element type rules, one for each primitive operation. A rule returns the outputs' signatures or the reason
 * why the operation cannot be traced.
 *
 * @module
 */

import { broadcastShapes, type Dim, formatShape, multiplyDims, type Shape } from "./dimension.ts";
import type { Attributes, Op } from "./op.ts";
import type { DataType } from "./dtype.ts";
import { currentScope, type Node, type Signature, Tensor, TraceError } from "./tensor.ts";

/** The reason why an operation cannot be traced. */
class Reason {
  constructor(readonly text: string) {}
}

type Rule<K extends Op> = (
  inputs: readonly Signature[],
  attributes: Attributes<Tensor>[K],
) => Signature | Reason;

const floats: ReadonlySet<DataType> = new Set<DataType>(["float32", "float16", "bfloat16", "float64"]);
const numbers: ReadonlySet<DataType> = new Set<DataType>([...floats, "int64", "int32"]);
const booleans: ReadonlySet<DataType> = new Set<DataType>(["bool"]);

function describe(allowed: ReadonlySet<DataType>): string {
  return [...allowed].join(" or ");
}

function unary(allowed: ReadonlySet<DataType>): Rule<Op> {
  return ([x]) => {
    if (!x) return new Reason("expected one input");
    return allowed.has(x.dtype) ? x : new Reason(`expected ${describe(allowed)}`);
  };
}

function binary(allowed: ReadonlySet<DataType>, result?: DataType): Rule<Op> {
  return ([a, b]) => {
    if (!a || !b) return new Reason("expected two inputs");
    if (a.dtype !== b.dtype) return new Reason("expected both inputs of one element type");
    if (!allowed.has(a.dtype)) return new Reason(`expected ${describe(allowed)}`);
    const shape = broadcastShapes(a.shape, b.shape);
    return shape ? { shape, dtype: result ?? a.dtype } : new Reason("the shapes do not broadcast");
  };
}

const reduce: Rule<"ReduceSum" | "ReduceMax"> = ([x], { axes, keepDims }) => {
  if (!x || !floats.has(x.dtype)) return new Reason(`expected ${describe(floats)}`);
  if (axes.length === 0) return new Reason("expected at least one axis");
  if (new Set(axes).size < axes.length) return new Reason(`expected each of the axes [${axes}] once`);
  const shape = x.shape.flatMap((dim, i): Dim[] => axes.includes(i) ? (keepDims ? [1] : []) : [dim]);
  return { shape, dtype: x.dtype };
};

const alongAxis: Rule<Op> = ([x]) =>
  x && floats.has(x.dtype) && x.shape.length > 0
    ? x
    : new Reason(`expected ${describe(floats)} of rank 1 or more`);

function withDim(shape: Shape, axis: number, dim: Dim): Shape {
  return shape.map((d, i) => i === axis ? dim : d);
}

/** The signature rules. */
const rules: { readonly [K in Op]: Rule<K> } = {
  Input: (_, { dtype, shape }) => ({ dtype, shape }),
  Constant: (_, { data, dtype, shape }) =>
    shape.reduce((a, b) => a * b, 1) === data.length
      ? { dtype, shape }
      : new Reason(`${data.length} elements do not fill ${formatShape(shape)}`),
  StopGradient: ([x]) => x ?? new Reason("expected one input"),
  Composite: () => new Reason("composites carry their own signatures"),
  Cast: ([x], { to }) => x ? { shape: x.shape, dtype: to } : new Reason("expected one input"),
  Neg: unary(numbers),
  Exp: unary(floats),
  Log: unary(floats),
  Sqrt: unary(floats),
  Sigmoid: unary(floats),
  Tanh: unary(floats),
  Sin: unary(floats),
  Cos: unary(floats),
  Not: unary(booleans),
  Add: binary(numbers),
  Sub: binary(numbers),
  Mul: binary(numbers),
  Div: binary(floats),
  Min: binary(numbers),
  Max: binary(numbers),
  Equal: binary(numbers, "bool"),
  Less: binary(numbers, "bool"),
  LessOrEqual: binary(numbers, "bool"),
  And: binary(booleans),
  Where: ([condition, a, b]) => {
    if (!condition || !a || !b) return new Reason("expected three inputs");
    if (condition.dtype !== "bool") return new Reason("expected a bool condition");
    if (a.dtype !== b.dtype) return new Reason("expected both branches of one element type");
    if (!numbers.has(a.dtype)) return new Reason(`expected branches of ${describe(numbers)}`);
    const branches = broadcastShapes(a.shape, b.shape);
    const shape = branches && broadcastShapes(condition.shape, branches);
    return shape ? { shape, dtype: a.dtype } : new Reason("the shapes do not broadcast");
  },
  ReduceSum: reduce,
  ReduceMax: reduce,
  ArgMax: ([x], { axis }) =>
    x && floats.has(x.dtype)
      ? { shape: x.shape.filter((_, i) => i !== axis), dtype: "int64" }
      : new Reason(`expected ${describe(floats)}`),
  Softmax: alongAxis,
  CumSum: alongAxis,
  MatMul: ([a, b]) => {
    if (!a || !b || a.dtype !== b.dtype || !floats.has(a.dtype)) {
      return new Reason("expected two floats of one type");
    }
    if (a.shape.length < 2 || b.shape.length < 2) return new Reason("expected rank 2 or more");
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (!batch) return new Reason("the batch dimensions do not broadcast");
    const inner = a.shape.at(-1), other = b.shape.at(-2);
    if (inner !== other) return new Reason(`the inner dimensions ${inner} and ${other} differ`);
    return { shape: [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1], dtype: a.dtype };
  },
  Reshape: ([x], { shape }) => {
    if (!x) return new Reason("expected one input");
    const from = multiplyDims(x.shape), to = multiplyDims(shape);
    return from === to
      ? { shape, dtype: x.dtype }
      : new Reason(`${from} elements do not fill ${formatShape(shape)} (${to} elements)`);
  },
  Transpose: ([x], { permutation }) => {
    if (!x) return new Reason("expected one input");
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      return new Reason(`[${permutation}] is no permutation of its ${x.shape.length} axes`);
    }
    return { shape: permutation.map((axis) => x.shape[axis] as Dim), dtype: x.dtype };
  },
  Expand: ([x], { shape }) => {
    if (!x) return new Reason("expected one input");
    const result = broadcastShapes(x.shape, shape);
    return result && formatShape(result) === formatShape(shape)
      ? { shape, dtype: x.dtype }
      : new Reason(`it does not broadcast to ${formatShape(shape)}`);
  },
  Slice: ([x], { axis, start, end }) => {
    const dim = x?.shape[axis];
    if (!x || typeof dim !== "number") return new Reason(`expected a fixed size on axis ${axis}`);
    if (!(start >= 0 && start < end && end <= dim)) {
      return new Reason(`[${start}, ${end}) is no range of ${dim}`);
    }
    return { shape: withDim(x.shape, axis, end - start), dtype: x.dtype };
  },
  Pad: ([x], { axis, before, after }) => {
    const dim = x?.shape[axis];
    if (!x || typeof dim !== "number") return new Reason(`expected a fixed size on axis ${axis}`);
    if (before < 0 || after < 0) {
      return new Reason(`expected padding of 0 or more, not ${before} and ${after}`);
    }
    return { shape: withDim(x.shape, axis, before + dim + after), dtype: x.dtype };
  },
  Concat: (inputs, { axis }) => {
    const [first] = inputs;
    if (!first) return new Reason("expected at least one input");
    let size = 0;
    for (const { shape, dtype } of inputs) {
      const dim = shape[axis];
      if (typeof dim !== "number") return new Reason(`expected fixed sizes on axis ${axis}`);
      if (dtype !== first.dtype) return new Reason("expected one element type");
      if (formatShape(withDim(shape, axis, 0)) !== formatShape(withDim(first.shape, axis, 0))) {
        return new Reason(`expected equal shapes except on axis ${axis}`);
      }
      size += dim;
    }
    return { shape: withDim(first.shape, axis, size), dtype: first.dtype };
  },
  Window: ([x, start, end], { axis, dim }) => {
    if (!x || !start || !end) return new Reason("expected a tensor and two indices");
    if ([start, end].some((at) => at.dtype !== "int64" || formatShape(at.shape) !== "[1]")) {
      return new Reason("expected indices int64[1]");
    }
    return { shape: withDim(x.shape, axis, dim), dtype: x.dtype };
  },
  Join: (inputs, { axis, dim }) => {
    const [first] = inputs;
    if (!first) return new Reason("expected at least one input");
    for (const { shape, dtype } of inputs) {
      if (dtype !== first.dtype) return new Reason("expected one element type");
      if (formatShape(withDim(shape, axis, 0)) !== formatShape(withDim(first.shape, axis, 0))) {
        return new Reason(`expected equal shapes except on axis ${axis}`);
      }
    }
    return { shape: withDim(first.shape, axis, dim), dtype: first.dtype };
  },
  Gather: ([table, indices]) => {
    if (!table || !indices || indices.dtype !== "int64") {
      return new Reason("expected a table and int64 indices");
    }
    if (table.shape.length === 0) return new Reason("expected a table with rows");
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  GatherElements: ([x, indices]) => {
    if (!x || !indices || indices.dtype !== "int64") return new Reason("expected values and int64 indices");
    if (typeof x.shape.at(-1) !== "number") return new Reason("expected a fixed size on the last axis");
    const expected = [...x.shape.slice(0, -1), 1];
    return formatShape(expected) === formatShape(indices.shape)
      ? { shape: expected, dtype: x.dtype }
      : new Reason(`expected indices of shape ${formatShape(expected)}`);
  },
};

/**
 * Traces one operation.
 *
 * @throws {TraceError} If shapes, element types or attributes do not fit; it names them and where this was traced.
 */
export function emit<K extends Op>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes<Tensor>[K],
): Tensor {
  const rule: Rule<K> = rules[op];
  const signature = rule(inputs, attributes);
  if (signature instanceof Reason) throw new TraceError(op, inputs, signature.text);
  if (signature.shape.some((dim) => typeof dim === "number" && !(Number.isSafeInteger(dim) && dim >= 0))) {
    throw new TraceError(op, inputs, `${formatShape(signature.shape)} is no shape`);
  }
  const node: Node<K> = { op, inputs, attributes, scope: currentScope(), signatures: [signature] };
  return new Tensor(node as Node, 0);
}
