/**
 * What an ONNX graph is put together from: nodes, constants that are stored once, and the sizes of symbols.
 *
 * @module
 */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
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
import { type Graph, inputName } from "./graph.ts";
import type { BlockLoopOf, KernelAttribute } from "../op.ts";
import type { ArrayTypes, DataType } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";

/** ONNX's numbers of the element types. */
export const elementTypes: { readonly [T in DataType]: ElementType } = {
  float32: ElementType.FLOAT,
  float16: ElementType.FLOAT16,
  bfloat16: ElementType.BFLOAT16,
  float64: ElementType.DOUBLE,
  int64: ElementType.INT64,
  int32: ElementType.INT32,
  bool: ElementType.BOOL,
};

/** The value of a node's attribute. */
export type AttributeValue = KernelAttribute | { readonly ints: readonly number[] } | {
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
    const s = new TextEncoder().encode(value.text);
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s });
  }
  if ("graph" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value.graph });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.ints.map(BigInt) });
}

/** Collects nodes and constants while a graph is lowered. */
export class Builder {
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
export interface Lowering {
  readonly operator?: string;
  readonly extraInputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** The type of a tensor; without a shape, of any. */
export function tensorType(dtype: DataType, shape?: Shape): MessageInitShape<typeof TypeProtoSchema> {
  const dim = shape?.map((size) => ({
    value: typeof size === "number"
      ? { case: "dimValue" as const, value: BigInt(size) }
      : { case: "dimParam" as const, value: size },
  }));
  const value = { elemType: elementTypes[dtype], ...(dim ? { shape: { dim } } : {}) };
  return { value: { case: "tensorType", value } };
}

/** The description of a named value. */
export function valueInfo(name: string, { dtype, shape }: Tensor): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: tensorType(dtype, shape) });
}
