/**
 * What has to be said differently to ONNX Runtime's WebGPU provider. The artifacts stay the same for every provider; a
 * graph is rewritten while it is loaded.
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
} from "onnx-buf";
import { multiplyInPlace, namesRead } from "./products.ts";

/** The norm whose second output, 1 / √(mean x² + ε), the provider fills with other numbers (ONNX Runtime 1.30.0). */
const NORM = "SimplifiedLayerNormalization";

const LAST_AXIS = "webgpu/last_axis";

/** The nodes that compute the norm's second output from its input. */
function inverseNodes(
  { input: [x = ""], output: [, inverse = ""] }: NodeProto,
  epsilon: string,
): NodeProto[] {
  const name = (step: string): string => `${inverse}/${step}`;
  const node = (opType: string, input: string[], output: string): NodeProto =>
    create(NodeProtoSchema, { opType, name: output, input, output: [output] });
  const mean = node("ReduceMean", [name("square"), LAST_AXIS], name("mean"));
  mean.attribute.push(create(AttributeProtoSchema, { name: "keepdims", type: AttributeType.INT, i: 1n }));
  return [
    node("Mul", [x, x], name("square")),
    mean,
    node("Add", [name("mean"), epsilon], name("sum")),
    node("Sqrt", [name("sum")], name("root")),
    node("Reciprocal", [name("root")], inverse),
  ];
}

/**
 * Nodes that compute few numbers from inputs of the host, and whose results are needed there: sines and cosines, for
 * which the provider has no kernel at this version of the operators, and target shapes. Where only they stay on the CPU,
 * but not what they read, each run waits for the device in its middle.
 */
function hostNodes(nodes: readonly NodeProto[]): string[] {
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const found = new Set<NodeProto>();
  const visit = (name: string): void => {
    const node = makers.get(name);
    if (!node || found.has(node)) return;
    if (node.opType !== "Shape") node.input.forEach(visit);
    // The provider tells the sizes of its own tensors; the host would have their elements copied to it first.
    else if (makers.has(node.input[0] ?? "")) return;
    found.add(node);
  };
  for (const { opType, input, output } of nodes) {
    if (opType === "Sin" || opType === "Cos") output.forEach(visit);
    if (opType === "Reshape" || opType === "Expand") visit(input[1] ?? "");
  }
  return [...found].map(({ name }) => name);
}

/** A graph for a provider. */
export interface AdaptedGraph {
  /** The ONNX bytes. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** Names of nodes that shall run on the CPU. */
  readonly onHost: readonly string[];
}

/** The graph as the WebGPU provider computes it rightly, and without waiting for the host. */
export function forWebGpu(model: Uint8Array): AdaptedGraph {
  const proto = fromBinary(ModelProtoSchema, model), graph = proto.graph;
  if (!graph) return { model: model.slice(), onHost: [] };
  multiplyInPlace(graph);
  const onHost = hostNodes(graph.node);
  const read = namesRead(graph);
  const constants = new Map<string, TensorProto>();
  const constant = (
    name: string,
    dataType: ElementType,
    dims: bigint[],
    data: Float32Array | BigInt64Array,
  ) => {
    const rawData = new Uint8Array(data.buffer as ArrayBuffer);
    constants.set(name, create(TensorProtoSchema, { name, dataType, dims, rawData }));
    return name;
  };
  graph.node = graph.node.flatMap((node) => {
    const inverse = node.output[1];
    if (node.opType !== NORM || inverse === undefined) return [node];
    const nodes: NodeProto[] = [node];
    if (read.has(inverse)) {
      const value = node.attribute.find(({ name }) => name === "epsilon")?.f ?? 1e-5;
      constant(LAST_AXIS, ElementType.INT64, [1n], BigInt64Array.of(-1n));
      nodes.push(
        ...inverseNodes(
          node,
          constant(`webgpu/epsilon_${value}`, ElementType.FLOAT, [], Float32Array.of(value)),
        ),
      );
    }
    node.output = node.output.slice(0, 1);
    return nodes;
  });
  graph.initializer.push(...constants.values());
  return { model: toBinary(ModelProtoSchema, proto), onHost };
}
