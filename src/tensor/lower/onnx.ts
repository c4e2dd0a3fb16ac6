/**
 * Lowering to ONNX: one node of the graph becomes one ONNX node. The same graph gives the same bytes.
 *
 * @module
 */

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
  type TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { type Dim, type Shape, splitDim } from "../dimension.ts";
import { type Graph, inputName, loopBody, loopOf, nodeInputs, orderedNodes, resolve, valueNames } from "./graph.ts";
import type { BlockLoopOf, Op } from "../op.ts";
import type { ArrayTypes, DataType } from "../dtype.ts";
import { type Node, Tensor } from "../tensor.ts";

/** The version of ONNX's operator set that artifacts use. */
export const OPSET = 23;
/** The version of ONNX's file format that artifacts use. */
const IR_VERSION = 10n;

const elementTypes: { readonly [T in DataType]: ElementType } = {
  float32: ElementType.FLOAT,
  float16: ElementType.FLOAT16,
  bfloat16: ElementType.BFLOAT16,
  float64: ElementType.DOUBLE,
  int64: ElementType.INT64,
  int32: ElementType.INT32,
  bool: ElementType.BOOL,
};

type AttributeValue = { readonly int: number } | { readonly float: number } | {
  readonly ints: readonly number[];
} | { readonly graph: GraphProto };

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if ("int" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value.int) });
  }
  if ("float" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  }
  if ("graph" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value.graph });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.ints.map(BigInt) });
}

/** Collects nodes and constants while a graph is lowered. */
class Builder {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly #constantNames = new Map<string, string>();
  readonly #sizes = new Map<string, string>();
  readonly #shapes = new Map<string, string>();
  readonly #walks = new Set<string>();

  constructor(readonly graph: Graph, readonly parent?: Builder) {}

  node(
    opType: string,
    name: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = "",
  ): void {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType, name, domain, input: [...input], output: [...output], attribute }),
    );
  }

  /** The name of a constant; equal constants are stored once. */
  constant(dtype: DataType, shape: readonly number[], data: ArrayTypes[DataType]): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    // Bodies of loops read the constants of the graph around them.
    if (this.parent) return this.parent.constant(dtype, shape, data);
    const key = `${dtype}[${shape}]${rawData.toHex()}`;
    const known = this.#constantNames.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.constants.length}`;
    this.#constantNames.set(key, name);
    this.constants.push(
      create(TensorProtoSchema, { name, dataType: elementTypes[dtype], dims: shape.map(BigInt), rawData }),
    );
    return name;
  }

  integers(values: readonly number[]): string {
    return this.constant("int64", [values.length], BigInt64Array.from(values.map(BigInt)));
  }

  /** An int64 [1] value of a dimension, read from an input that carries its symbols. */
  size(dim: Dim): string {
    if (typeof dim === "number") return this.integers([dim]);
    if (this.parent) return this.parent.size(dim);
    const known = this.#sizes.get(dim);
    if (known !== undefined) return known;
    const name = `size/${dim}`;
    this.#sizes.set(dim, name);
    const [first, ...rest] = splitDim(dim);
    if (rest.length > 0) {
      const names = splitDim(dim).map((factor) => this.size(factor));
      names.reduce((product, factor, i) => {
        const output = i === names.length - 1 ? name : `${name}/${i}`;
        this.node("Mul", output, [product, factor], [output]);
        return output;
      });
      return name;
    }
    for (const input of this.graph.inputs) {
      const axis = input.shape.indexOf(first as Dim);
      if (axis < 0) continue;
      this.node("Shape", name, [inputName(input)], [name], { start: { int: axis }, end: { int: axis + 1 } });
      return name;
    }
    throw new ReferenceError(
      `Cannot lower the graph "${this.graph.name}": no input has the dimension "${dim}"`,
    );
  }

  /** An int64 vector with the sizes of a shape. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === "number")) return this.integers(shape);
    if (this.parent) return this.parent.shape(shape);
    const key = shape.join(",");
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const name = `shape/${key}`;
    this.#shapes.set(key, name);
    this.node("Concat", name, shape.map((dim) => this.size(dim)), [name], { axis: { int: 0 } });
    return name;
  }

  /** How a loop walks its dimension: the number of blocks, the index of the last one, int64 [1] each. */
  blocks({ over, size }: BlockLoopOf<Tensor>): { count: string; last: string } {
    const name = `blocks/${over}/${size}`, count = `${name}/count`, last = `${name}/last`;
    if (this.#walks.has(name)) return { count, last };
    this.#walks.add(name);
    // As blockRanges() has it: max(1, ⌊(length + ⌊size / 2⌋) / size⌋).
    this.node("Add", `${name}/more`, [this.size(over), this.integers([Math.floor(size / 2)])], [
      `${name}/more`,
    ]);
    this.node("Div", `${name}/whole`, [`${name}/more`, this.integers([size])], [`${name}/whole`]);
    this.node("Max", count, [`${name}/whole`, this.integers([1])], [count]);
    this.node("Sub", last, [count, this.integers([1])], [last]);
    return { count, last };
  }

  /** The target of a Reshape: a constant if 0 (copy) and −1 (infer) can say it, else sizes where 0 is a size. */
  reshapeTarget(from: Shape, to: Shape): Lowering {
    let inferred = 0;
    const constants = to.map((dim, i) => {
      if (typeof dim === "number") return dim;
      if (from[i] === dim) return 0;
      inferred++;
      return -1;
    });
    return inferred <= 1 && !to.includes(0)
      ? { extraInputs: [this.integers(constants)] }
      : { extraInputs: [this.shape(to)], attributes: { allowzero: { int: 1 } } };
  }
}

/** What a lowering rule adds to the plain node: more inputs, attributes, another operator. */
interface Lowering {
  readonly operator?: string;
  readonly extraInputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

type LoweringRule<K extends Op> = (node: Node<K>, builder: Builder) => Lowering;

const plain: LoweringRule<Op> = () => ({});

const reduction: LoweringRule<"ReduceSum" | "ReduceMax"> = ({ attributes }, builder) => ({
  extraInputs: [builder.integers(attributes.axes)],
  attributes: { keepdims: { int: attributes.keepDims ? 1 : 0 } },
});

const unlowered: LoweringRule<Op> = (node) => {
  throw new TypeError(`internal: ${node.op} has no node of its own`);
};

const lowerings: { readonly [K in Op]: LoweringRule<K> } = {
  Input: unlowered,
  Constant: unlowered,
  StopGradient: unlowered,
  Composite: ({ attributes: { fused } }) => ({
    operator: fused?.operator ?? "",
    attributes: fused?.attributes ?? {},
  }),
  Cast: ({ attributes }) => ({ attributes: { to: { int: elementTypes[attributes.to] } } }),
  Neg: plain,
  Exp: plain,
  Log: plain,
  Sqrt: plain,
  Sigmoid: plain,
  Tanh: plain,
  Sin: plain,
  Cos: plain,
  Not: plain,
  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Min: plain,
  Max: plain,
  Equal: plain,
  Less: plain,
  LessOrEqual: plain,
  And: plain,
  Where: plain,
  ReduceSum: reduction,
  ReduceMax: reduction,
  ArgMax: ({ attributes }) => ({ attributes: { axis: { int: attributes.axis }, keepdims: { int: 0 } } }),
  Softmax: () => ({ attributes: { axis: { int: -1 } } }),
  CumSum: ({ attributes }, builder) => ({
    extraInputs: [builder.constant("int64", [], BigInt64Array.of(BigInt(attributes.axis)))],
  }),
  MatMul: plain,
  Reshape: (node, builder) => builder.reshapeTarget(node.inputs[0]?.shape ?? [], node.attributes.shape),
  Transpose: ({ attributes }) => ({ attributes: { perm: { ints: attributes.permutation } } }),
  Expand: ({ attributes }, builder) => ({ extraInputs: [builder.shape(attributes.shape)] }),
  Slice: ({ attributes: { axis, start, end } }, builder) => ({
    extraInputs: [builder.integers([start]), builder.integers([end]), builder.integers([axis])],
  }),
  Pad: ({ attributes: { axis, before, after } }, builder) => ({
    extraInputs: [builder.integers([before, after]), "", builder.integers([axis])],
  }),
  Concat: ({ attributes }) => ({ attributes: { axis: { int: attributes.axis } } }),
  Window: ({ attributes: { axis } }, builder) => ({
    operator: "Slice",
    extraInputs: [builder.integers([axis])],
  }),
  Join: ({ attributes }) => ({ operator: "Concat", attributes: { axis: { int: attributes.axis } } }),
  Gather: () => ({ attributes: { axis: { int: 0 } } }),
  GatherElements: () => ({ attributes: { axis: { int: -1 } } }),
};

/** The type of a tensor; without a shape, of any. */
function tensorType(dtype: DataType, shape?: Shape): MessageInitShape<typeof TypeProtoSchema> {
  const dim = shape?.map((size) => ({
    value: typeof size === "number"
      ? { case: "dimValue" as const, value: BigInt(size) }
      : { case: "dimParam" as const, value: size },
  }));
  const value = { elemType: elementTypes[dtype], ...(dim ? { shape: { dim } } : {}) };
  return { value: { case: "tensorType", value } };
}

function valueInfo(name: string, { dtype, shape }: Tensor): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: tensorType(dtype, shape) });
}

/** Names of traced values in ONNX. */
type Names = (tensor: Tensor) => string;

/** Lowers the nodes of a builder's graph, their names behind a prefix. */
function lowerNodes(builder: Builder, prefix: string, around?: Names): { nameOf: Names; made: Tensor[] } {
  const { graph } = builder, nodes = orderedNodes(graph), made: Tensor[] = [];
  const inner = valueNames(graph, nodes), constantNames = new Map<Node, string>();
  const nameOf: Names = (tensor) => {
    const { node } = resolve(graph, tensor);
    if (around && graph.outside?.has(node)) return around(tensor);
    return constantNames.get(node) ?? prefix + inner(tensor);
  };
  for (const node of nodes) {
    if (node.op === "Input") continue;
    if (node.op === "Constant" && "data" in node.attributes) {
      const { dtype, shape, data } = node.attributes;
      constantNames.set(node, builder.constant(dtype, shape, data));
      continue;
    }
    const results = node.signatures.map((_, i) => new Tensor(node, i));
    const outputs = results.map(nameOf);
    made.push(...results);
    const loop = loopOf(graph, node);
    if (loop) {
      const states = nodeInputs(graph, node).slice(0, loop.before.length).flatMap((state) =>
        state ? [nameOf(state)] : []
      );
      lowerLoop(builder, loop, outputs, states, nameOf);
      continue;
    }
    const rule = lowerings[node.op] as LoweringRule<Op>;
    const { operator = node.op, extraInputs = [], attributes = {} } = rule(node, builder);
    const inputs = nodeInputs(graph, node).map((input) => input ? nameOf(input) : "");
    const domain = "definition" in node.attributes ? node.attributes.fused?.domain ?? "" : "";
    builder.node(operator, outputs[0] ?? "", [...inputs, ...extraInputs], outputs, attributes, domain);
  }
  return { nameOf, made };
}

/** Lowers a loop over blocks: one Loop node, whose body finds the block's bounds from the number of the iteration. */
function lowerLoop(
  builder: Builder,
  loop: BlockLoopOf<Tensor>,
  outputs: readonly string[],
  states: readonly string[],
  around: Names,
): void {
  const [name = ""] = outputs, { count, last } = builder.blocks(loop), end = builder.size(loop.over);
  const body = new Builder(loopBody(builder.graph, name, loop), builder);
  const own = (part: string): string => `${name}/${part}`;
  const step = (operator: string, input: readonly string[], output: string): string => {
    body.node(operator, own(output), input, [own(output)]);
    return own(output);
  };
  const size = builder.integers([loop.size]);
  const block = loop.descending ? step("Sub", [last, own("iteration")], "block") : own("iteration");
  const start = step("Mul", [block, size], "start"), next = step("Add", [start, size], "next");
  step("Where", [step("Equal", [block, last], "at_end"), end, next], "end");
  const { nameOf, made } = lowerNodes(body, own(""), around);
  step("Identity", [own("condition")], "goes_on");
  const after = loop.after.map((state, i) => {
    const as = own(`after_${i}`);
    if (nameOf(state) !== as) body.node("Identity", as, [nameOf(state)], [as]);
    return as;
  });
  const typed = (value: string, { dtype }: Pick<Tensor, "dtype">): ValueInfoProto =>
    create(ValueInfoProtoSchema, { name: value, type: tensorType(dtype) });
  const condition = { dtype: "bool" } as const;
  const graph = create(GraphProtoSchema, {
    name,
    node: body.nodes,
    input: [
      create(ValueInfoProtoSchema, { name: own("iteration"), type: tensorType("int64", []) }),
      create(ValueInfoProtoSchema, { name: own("condition"), type: tensorType("bool", []) }),
      // A state may change its sizes from block to block: only its type is told.
      ...loop.before.map((state, i) => typed(own(`before_${i}`), state)),
    ],
    output: [typed(own("goes_on"), condition), ...loop.after.map((state, i) => typed(after[i] ?? "", state))],
    // By their names ONNX Runtime knows which values are of one size, so that one may be written over another.
    valueInfo: made.filter((tensor) => !after.includes(nameOf(tensor))).map((tensor) =>
      valueInfo(nameOf(tensor), tensor)
    ),
  });
  // A state that only the body needs is an output too: without a name for it, ONNX Runtime 1.30 crashes.
  const results = states.map((_, i) => outputs[i] ?? own(`unread_${i}`));
  builder.node("Loop", name, [count, "", ...states], results, { body: { graph } });
}

/**
 * Lowers a graph to the bytes of an ONNX model.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { input, mul, toOnnx } from "../mod.ts";
 *
 * const x = input("x", "float32", ["batch", 4]);
 * assert(toOnnx({ name: "square", inputs: [x], outputs: { y: mul(x, x) } }).length > 0);
 * ```
 *
 * @throws {ReferenceError} If an input is undeclared, or a computed shape needs a symbol that no input carries.
 */
export function toOnnx(graph: Graph): Uint8Array<ArrayBuffer> {
  const builder = new Builder(graph);
  const { nameOf } = lowerNodes(builder, "");
  for (const [as, tensor] of Object.entries(graph.outputs)) {
    if (nameOf(tensor) !== as) builder.node("Identity", `output/${as}`, [nameOf(tensor)], [as]);
  }
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "bupo-bench",
    opsetImport: [{ domain: "", version: BigInt(OPSET) }, { domain: "com.microsoft", version: 1n }],
    graph: {
      name: graph.name,
      node: builder.nodes,
      initializer: builder.constants,
      input: graph.inputs.map((tensor) => valueInfo(inputName(tensor), tensor)),
      output: Object.entries(graph.outputs).map(([as, tensor]) => valueInfo(as, tensor)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
