import { assert, assertEquals, assertGreater } from "@std/assert";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { evaluationGraph, rolloutGraph, trainingGraph } from "../../../src/artifact/mod.ts";
import type { ParameterLayout } from "../../../src/model/mod.ts";
import { forWebGpu } from "../../../src/runtime/webgpu/graph.ts";
import { type Graph, toOnnx } from "../../../src/tensor/mod.ts";
import { assertClose, fill, int32, int64, runModel } from "../../provider/graphs.ts";
import { objective, runtime, tinyConfig } from "../../rl/tiny_model.ts";

const layouts: readonly ParameterLayout[] = [
  { precision: "float32", largestTensor: Infinity },
  { precision: "float32", largestTensor: 11 * 32 * 4 },
];
const config = tinyConfig({ layers: 2, tied: false });
const size = { batch: 3, sequence: 5, capacity: 6 };
const tokens = int64([3, 5], [3, 7, 1, 9, 4, 2, 2, 39, 0, 0, 5, 6, 8, 11, 30]);
const given = {
  input_ids: tokens,
  target_ids: tokens,
  position_ids: int64([3, 5], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 0, 1, 2]),
  segment_ids: int64([3, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2]),
  reset_gradient: { dtype: "bool", shape: [], data: Uint8Array.of(1) } as const,
  tokens: int64([3], [3, 7, 11]),
  positions: int32([4, 0, 2]),
  slots: int32([0, 1, 2, 3, 4, 5]),
  capacity_size: int32([6], []),
};

function graphsOf(layout: ParameterLayout): Graph[] {
  return [
    evaluationGraph(config, 1, layout),
    rolloutGraph(config, layout),
    trainingGraph({ config, policy: "full", objective, layout }),
    trainingGraph({ config, policy: 1, objective, layout }),
  ];
}

/** Transposes of matrices that products read: each writes a whole matrix again, which a product can do without. */
function matrixTransposes(graph: GraphProto | undefined): number {
  const nodes = graph?.node ?? [], products = nodes.filter(({ opType }) => /^(?:MatMul|Gemm)$/.test(opType));
  const read = new Set(products.flatMap(({ input }) => input));
  return nodes.filter(({ opType, attribute, output: [output = ""] }) => {
    const order = attribute.find(({ name }) => name === "perm")?.ints ?? [];
    return opType === "Transpose" && order.length === 2 && order[0] === 1n && read.has(output);
  }).length;
}

Deno.test("forWebGpu() leaves products no transposed matrix, and computes the same", async () => {
  for (const graph of layouts.flatMap(graphsOf)) {
    const model = toOnnx(graph), adapted = forWebGpu(model).model;
    const [before, after] = [model, adapted].map((bytes) => fromBinary(ModelProtoSchema, bytes).graph);
    assertGreater(matrixTransposes(before), 10, graph.name);
    assertEquals(matrixTransposes(after), 0, graph.name);
    assert(after?.node.some(({ opType }) => opType === "Gemm"));
    const values = fill(graph, given, size);
    assertClose(await runModel(runtime, adapted, values), await runModel(runtime, model, values), 2e-5);
  }
});
