/**
 * Lowering to ONNX: one node of the graph becomes one ONNX node. The same graph gives the same bytes.
 *
 * @module
 */

import { create, toBinary } from "@bufbuild/protobuf";
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
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { type Dim, type Shape, splitDim } from "../dimension.ts";
import { bodyGraph, type Graph, inputName, nodeInputs, orderedNodes, resolve, valueNames } from "./graph.ts";
import type { KernelAttribute, Op } from "../op.ts";
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

type AttributeValue = KernelAttribute | { readonly ints: readonly number[] } | {
  readonly graph: GraphProto;
};

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if ("int" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value.int) });
  }
  if ("float" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  }
  if ("text" in value) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value.text),
    });
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

  /**
   * @param graph The graph.
   * @param prefix What the names of constants and sizes begin with, so that those of a body are its own.
   * @param nameOf The names of the inputs.
   */
  constructor(
    readonly graph: Graph,
    readonly prefix: string,
    readonly nameOf: (input: Tensor) => string,
  ) {}

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
    const key = `${dtype}[${shape}]${rawData.toHex()}`;
    const known = this.#constantNames.get(key);
    if (known !== undefined) return known;
    const name = `${this.prefix}constant_${this.constants.length}`;
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
  #size(dim: Dim): string {
    if (typeof dim === "number") return this.integers([dim]);
    const known = this.#sizes.get(dim);
    if (known !== undefined) return known;
    const name = `${this.prefix}size/${dim}`;
    this.#sizes.set(dim, name);
    const [first, ...rest] = splitDim(dim);
    if (rest.length > 0) {
      const names = splitDim(dim).map((factor) => this.#size(factor));
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
      this.node("Shape", name, [this.nameOf(input)], [name], {
        start: { int: axis },
        end: { int: axis + 1 },
      });
      return name;
    }
    throw new ReferenceError(
      `Cannot lower the graph "${this.graph.name}": no input has the dimension "${dim}"`,
    );
  }

  /** An int64 vector with the sizes of a shape. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === "number")) return this.integers(shape);
    const key = shape.join(",");
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const name = `${this.prefix}shape/${key}`;
    this.#shapes.set(key, name);
    this.node("Concat", name, shape.map((dim) => this.#size(dim)), [name], { axis: { int: 0 } });
    return name;
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
  Gather: () => ({ attributes: { axis: { int: 0 } } }),
  GatherElements: () => ({ attributes: { axis: { int: -1 } } }),
};

function valueInfo(name: string, { dtype, shape }: Tensor): ValueInfoProto {
  const dim = shape.map((size) => ({
    value: typeof size === "number"
      ? { case: "dimValue" as const, value: BigInt(size) }
      : { case: "dimParam" as const, value: size },
  }));
  const type = {
    value: { case: "tensorType" as const, value: { elemType: elementTypes[dtype], shape: { dim } } },
  };
  return create(ValueInfoProtoSchema, { name, type });
}

/**
 * Lowers a graph, or the body of a kernel.
 *
 * @param prefix What the names of a body's values begin with: they must not be those of the graph around it.
 * @param outer The names that a body's inputs have outside, for those that it reads from there.
 */
function lowerGraph(graph: Graph, prefix = "", outer: ReadonlyMap<Node, string> = new Map()): GraphProto {
  const nodes = orderedNodes(graph);
  const name = valueNames(graph, nodes);
  const constantNames = new Map<Node, string>();
  const nameOf = (tensor: Tensor): string => {
    const { node } = resolve(graph, tensor);
    const known = outer.get(node) ?? constantNames.get(node);
    // An input that only its size is read of is no value of the graph.
    return known ?? prefix + (node.op === "Input" ? inputName(tensor) : name(tensor));
  };
  const builder = new Builder(graph, prefix, nameOf);
  for (const node of nodes) {
    if (node.op === "Input") continue;
    if (node.op === "Constant" && "data" in node.attributes) {
      const { dtype, shape, data } = node.attributes;
      constantNames.set(node, builder.constant(dtype, shape, data));
      continue;
    }
    const rule = lowerings[node.op] as LoweringRule<Op>;
    const { operator = node.op, extraInputs = [], attributes = {} } = rule(node, builder);
    const fused = "definition" in node.attributes ? node.attributes.fused : undefined,
      body = bodyGraph(graph, node);
    const inputs = nodeInputs(graph, node).slice(0, fused?.inputs.length)
      .map((input) => input ? nameOf(input) : "");
    const outputs = node.signatures.map((_, i) => nameOf(new Tensor(node, i)));
    const known = new Map(fused?.body?.captured.map(([inner, tensor]) => [inner.node, nameOf(tensor)]));
    const repeated = body && { body: { graph: lowerGraph(body, `${outputs[0]}#`, known) } };
    const all = { ...attributes, ...repeated };
    builder.node(operator, outputs[0] ?? "", [...inputs, ...extraInputs], outputs, all, fused?.domain);
  }
  for (const [as, tensor] of Object.entries(graph.outputs)) {
    const made = prefix + as;
    if (nameOf(tensor) !== made) builder.node("Identity", `${prefix}output/${as}`, [nameOf(tensor)], [made]);
  }
  return create(GraphProtoSchema, {
    name: prefix + graph.name,
    node: builder.nodes,
    initializer: builder.constants,
    input: graph.inputs.filter((tensor) => !outer.has(tensor.node))
      .map((tensor) => valueInfo(prefix + inputName(tensor), tensor)),
    output: Object.entries(graph.outputs).map(([as, tensor]) => valueInfo(prefix + as, tensor)),
  });
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
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "bupo-bench",
    opsetImport: [{ domain: "", version: BigInt(OPSET) }, { domain: "com.microsoft", version: 1n }],
    graph: lowerGraph(graph),
  });
  return toBinary(ModelProtoSchema, model);
}
