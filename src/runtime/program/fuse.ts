/**
 * Kernels that compute several nodes at once, for graphs whose weights are constants. ONNX Runtime would find them too, but
 * first it would store a transposed copy of every weight, and looking for all that it knows takes longer than the rest of
 * making a session.
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
} from "onnx-buf";

/** The domain of ONNX Runtime's own operators. */
const DOMAIN = "com.microsoft";

function integer(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
}

function float(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
}

function fused(
  { name, output }: NodeProto,
  opType: string,
  input: string[],
  attribute: AttributeProto[],
): NodeProto {
  return create(NodeProtoSchema, { opType, domain: DOMAIN, name, input, output, attribute });
}

/** Swaps this node the two axes of a matrix? */
function isMatrixTranspose({ opType, attribute }: NodeProto): boolean {
  const order = attribute.find(({ name }) => name === "perm")?.ints.map(Number) ?? [];
  return opType === "Transpose" && order.join() === "1,0";
}

/** Nodes whose results nobody reads any more, left out. */
function withoutDead(graph: GraphProto, candidates: ReadonlySet<NodeProto>): NodeProto[] {
  const read = new Set([
    ...graph.node.flatMap(({ input }) => input),
    ...graph.output.map(({ name }) => name),
  ]);
  return graph.node.filter((node) => !candidates.has(node) || node.output.some((name) => read.has(name)));
}

/** Products with the transpose of a constant read the constant as it is. */
function fuseTransposes(graph: GraphProto, constants: ReadonlySet<string>): void {
  const transposes = graph.node.filter((node) =>
    isMatrixTranspose(node) && constants.has(node.input[0] ?? "")
  );
  const sources = new Map(transposes.map(({ input, output }) => [output[0], input[0]]));
  graph.node = graph.node.map((node) => {
    const [x = "", factor] = node.input, source = sources.get(factor);
    if (node.opType !== "MatMul" || source === undefined) return node;
    return fused(node, "FusedMatMul", [x, source], [integer("transB", 1), float("alpha", 1)]);
  });
  graph.node = withoutDead(graph, new Set(transposes));
}

/** x · σ(x) in one pass. */
function fuseGates(graph: GraphProto): void {
  const sigmoids = graph.node.filter(({ opType }) => opType === "Sigmoid");
  const sources = new Map(sigmoids.map(({ input, output }) => [output[0], input[0]]));
  graph.node = graph.node.map((node) => {
    const [a = "", b = ""] = node.input;
    const x = sources.get(b) === a ? a : sources.get(a) === b ? b : undefined;
    if (node.opType !== "Mul" || x === undefined) return node;
    return fused(node, "QuickGelu", [x], [float("alpha", 1)]);
  });
  graph.node = withoutDead(graph, new Set(sigmoids));
}

/** Replaces, in place, what one kernel computes at once. */
export function fuseNodes(graph: GraphProto, constants: ReadonlySet<string>): void {
  fuseTransposes(graph, constants);
  fuseGates(graph);
}
