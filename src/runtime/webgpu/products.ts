/**
 * Matrix products for ONNX Runtime's WebGPU provider. It multiplies by a transposed matrix in two kernels, and the first
 * of them writes the whole matrix again: with weights as `[out, in]` each run would copy every weight. `Gemm` reads a
 * transposed matrix as it lies, but takes matrices only, so that rows of higher rank are flattened around it.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
} from "onnx-buf";

const integer = (name: string, value: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });

/** All names that a graph reads or returns, what the bodies of its loops read included. */
export function namesRead({ node, output }: GraphProto): Set<string> {
  const bodies = node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => g ? [...namesRead(g)] : []));
  return new Set([...node.flatMap(({ input }) => input), ...bodies, ...output.map(({ name }) => name)]);
}

/** What is known of a graph's tensors. */
class Facts {
  readonly #makers: ReadonlyMap<string, NodeProto>;
  readonly #integers: ReadonlyMap<string, readonly number[]>;
  readonly #inputs: ReadonlyMap<string, readonly (number | undefined)[]>;

  constructor(graph: GraphProto) {
    this.#makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
    this.#integers = new Map(
      graph.initializer.filter(({ dataType }) => dataType === ElementType.INT64).map(({ name, rawData }) => {
        return [name, Array.from(new BigInt64Array(rawData.slice().buffer), Number)] as const;
      }),
    );
    this.#inputs = new Map(graph.input.map(({ name, type }) => {
      const shape = type?.value.case === "tensorType" ? type.value.value.shape?.dim ?? [] : [];
      return [
        name,
        shape.map(({ value }) => value.case === "dimValue" ? Number(value.value) : undefined),
      ] as const;
    }));
  }

  /** The matrix that a tensor is the transpose of. */
  transposed(name: string): string | undefined {
    const node = this.#makers.get(name);
    const order = node?.opType === "Transpose"
      ? node.attribute.find(({ name }) => name === "perm")?.ints
      : [];
    return order?.length === 2 && order[0] === 1n ? node?.input[0] : undefined;
  }

  /** The sizes of a matrix, where the graph's text has them: a parameter, or rows of one. */
  sizes(name: string): readonly [number, number] | undefined {
    const [rows, columns, ...more] = this.#inputs.get(name) ?? [];
    if (rows !== undefined && columns !== undefined && more.length === 0) return [rows, columns];
    const node = this.#makers.get(name);
    if (node?.opType !== "Slice" && node?.opType !== "Cast") return undefined;
    const whole = this.sizes(node.input[0] ?? "");
    if (node.opType === "Cast" || !whole) return whole;
    const [start, end, axis] = node.input.slice(1).map((input) => this.#integers.get(input)?.[0]);
    return start === undefined || end === undefined || axis !== 0 ? undefined : [end - start, whole[1]];
  }

  /** What a column `[n, 1]` was made of by a change of shape. */
  column(name: string): string | undefined {
    const node = this.#makers.get(name), target = this.#integers.get(node?.input[1] ?? "");
    return node?.opType === "Reshape" && target?.length === 2 && target[1] === 1 ? node.input[0] : undefined;
  }

  /** Is a tensor certainly of rank 2? */
  isMatrix(name: string): boolean {
    if (this.#inputs.get(name)?.length === 2 || this.transposed(name) !== undefined) return true;
    const node = this.#makers.get(name), [first = "", second = ""] = node?.input ?? [];
    if (node?.opType === "Reshape") return this.#integers.get(second)?.length === 2;
    if (node?.opType === "MatMul") return this.isMatrix(first) && this.isMatrix(second);
    return (node?.opType === "Slice" || node?.opType === "Cast") && this.isMatrix(first);
  }
}

/**
 * Puts `Gemm` where a graph multiplies by, or from, a transposed matrix, and a change of shape where it makes a row of a
 * column.
 */
export function multiplyInPlace(graph: GraphProto): void {
  const facts = new Facts(graph),
    constants = new Map<string, BigInt64Array<ArrayBuffer>>(),
    made = new Set<string>();
  const constant = (...values: number[]): string => {
    const name = `webgpu/integers_${values.join("_")}`;
    constants.set(name, BigInt64Array.from(values, BigInt));
    return name;
  };
  const flattened = (node: NodeProto, rows: string, weight: string): NodeProto[] => {
    const sizes = facts.sizes(weight), [output = ""] = node.output;
    if (!sizes) return [node];
    const [out, width] = sizes, lead = `shape/${rows}/lead`, target = `shape/${rows}/${out}`;
    const flat = `${rows}/rows`, product = `${output}/rows`, nodes: NodeProto[] = [];
    const once = (opType: string, name: string, input: string[], ...attribute: AttributeProto[]): void => {
      if (!made.has(name)) {
        nodes.push(create(NodeProtoSchema, { opType, name, input, output: [name], attribute }));
      }
      made.add(name);
    };
    once("Shape", lead, [rows], integer("start", 0), integer("end", -1));
    once("Concat", target, [lead, constant(out)], integer("axis", 0));
    once("Reshape", flat, [rows, constant(-1, width)]);
    once("Gemm", product, [flat, weight], integer("transB", 1));
    nodes.push(
      create(NodeProtoSchema, {
        opType: "Reshape",
        name: output,
        input: [product, target],
        output: [output],
      }),
    );
    return nodes;
  };
  graph.node = graph.node.flatMap((node) => {
    const column = facts.column(node.input[0] ?? "");
    if (column !== undefined && facts.transposed(node.output[0] ?? "") !== undefined) {
      const { name, output } = node;
      return [create(NodeProtoSchema, { opType: "Reshape", name, output, input: [column, constant(1, -1)] })];
    }
    if (node.opType !== "MatMul") return [node];
    const [a = "", b = ""] = node.input, left = facts.transposed(a), right = facts.transposed(b);
    if (left === undefined && right === undefined) return [node];
    if (!facts.isMatrix(b)) return [node];
    if (!facts.isMatrix(a)) return right === undefined ? [node] : flattened(node, a, right);
    const attribute = [integer("transA", left ? 1 : 0), integer("transB", right ? 1 : 0)];
    return [
      create(NodeProtoSchema, { ...node, opType: "Gemm", input: [left ?? a, right ?? b], attribute }),
    ];
  });
  const read = namesRead(graph);
  graph.node = graph.node.filter(({ opType, output }) => opType !== "Transpose" || read.has(output[0] ?? ""));
  graph.initializer.push(
    ...[...constants].map(([name, data]) =>
      create(TensorProtoSchema, {
        name,
        dataType: ElementType.INT64,
        dims: [BigInt(data.length)],
        rawData: new Uint8Array(data.buffer),
      })
    ),
  );
}
