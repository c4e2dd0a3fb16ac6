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

/** The graph as the WebGPU provider computes it rightly. */
export function forWebGpu(model: Uint8Array): Uint8Array<ArrayBuffer> {
  const proto = fromBinary(ModelProtoSchema, model), graph = proto.graph;
  if (!graph?.node.some(({ opType }) => opType === NORM)) return model.slice();
  const read = new Set([
    ...graph.node.flatMap(({ input }) => input),
    ...graph.output.map(({ name }) => name),
  ]);
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
  return toBinary(ModelProtoSchema, proto);
}
