import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  artifactDigests,
  buildArtifacts,
  evaluationGraph,
  inspectionGraph,
  trainingGraph,
} from "../../src/artifact/mod.ts";
import { FINAL_NORM, parameterShapes } from "../../src/model/mod.ts";
import { type Graph, inputName, multiplyDims, orderedNodes, toOnnx } from "../../src/tensor/mod.ts";
import { objective, optimizer, runtime, tinyConfig } from "../rl/tiny_model.ts";

const config = tinyConfig();
const build = (internalLayer: number | undefined, other = config) =>
  buildArtifacts({ config: other, objective, optimizer, internalLayer });

Deno.test("buildArtifacts() gives the same bytes for the same settings and other bytes for others", async () => {
  const [first, second] = await Promise.all([artifactDigests(build(2)), artifactDigests(build(2))]);
  assertEquals(first, second);
  assertEquals(Object.keys(first), [
    "copy_model.onnx",
    "eval_model.onnx",
    "optimizer_model.layer_2.onnx",
    "optimizer_model.onnx",
    "prefill_model.onnx",
    "rollout_model.onnx",
    "training_model.layer_2.onnx",
    "training_model.onnx",
  ]);
  const third = await artifactDigests(build(1));
  assertNotEquals(third["training_model.layer_1.onnx"], first["training_model.layer_2.onnx"]);
  assertNotEquals(third["eval_model.onnx"], first["eval_model.onnx"]);
  assertEquals(third["training_model.onnx"], first["training_model.onnx"]);
  const warmer = await artifactDigests(
    buildArtifacts({ config, objective, optimizer: { ...optimizer, weightDecay: 0 }, internalLayer: 2 }),
  );
  assertNotEquals(warmer["optimizer_model.onnx"], first["optimizer_model.onnx"]);
  assertEquals(warmer["training_model.onnx"], first["training_model.onnx"]);
});

Deno.test("buildArtifacts() makes graphs that ONNX Runtime loads, of every family", async () => {
  const families = [
    config,
    tinyConfig({ tied: false }),
    tinyConfig({ family: "qwen2" }),
    tinyConfig({ family: "llama" }),
  ];
  for (const each of families) {
    const files = { ...build(2, each), "inspect_model.onnx": toOnnx(inspectionGraph(each)) };
    for (const [name, bytes] of Object.entries(files)) {
      const session = await runtime.load(bytes);
      assert(session.outputNames.length > 0, name);
      await session.dispose();
    }
  }
});

Deno.test("buildArtifacts() gives optimizer and training graphs the same parameters", async () => {
  const files = build(2);
  for (const suffix of ["", ".layer_2"]) {
    const parameters = async (model: string): Promise<string[]> => {
      const session = await runtime.load(files[`${model}${suffix}.onnx`] ?? new Uint8Array());
      const names = session.inputNames.filter((name) => parameterShapes(config).has(name));
      await session.dispose();
      return names;
    };
    assertEquals(await parameters("optimizer_model"), await parameters("training_model"));
  }
});

Deno.test("trainingGraph() of a layer's policy reads no parameter above the layer and no final norm", () => {
  for (const tied of [true, false]) {
    for (const policy of [1, 2, 3]) {
      const graph = trainingGraph({ config: tinyConfig({ tied }), policy, objective });
      const names = graph.inputs.map(inputName);
      const layers = new Set(names.map((name) => /layers\.(\d+)\./.exec(name)?.[1]).filter(Boolean));
      assertEquals([...layers].sort(), Array.from({ length: policy }, (_, i) => String(i)));
      assert(!names.some((name) => name.startsWith(FINAL_NORM)));
      assertEquals(names.includes("lm_head.weight_grad"), !tied);
    }
  }
});

Deno.test("trainingGraph() and evaluationGraph() reject a layer that is not there", () => {
  for (const policy of [0, 4, 1.5]) {
    assertThrows(() => trainingGraph({ config, policy, objective }), RangeError, "layers 1 to 3");
    assertThrows(() => evaluationGraph(config, policy), RangeError, "layers 1 to 3");
  }
});

/** The shapes of every value of a graph, composites taken apart. */
function shapes(graph: Graph): string[] {
  const plain = orderedNodes({ ...graph, fused: new Set() });
  const all = [...plain, ...orderedNodes(graph)].flatMap((node) => node.signatures);
  return [...new Set(all.map(({ shape }) => `${shape.join(" ")} = ${multiplyDims(shape)}`))];
}

Deno.test("trainingGraph() and evaluationGraph() hold no value as large as all logits", () => {
  // A size that is a multiple of nothing else, so that it shows in any product.
  const vocabulary = 43, prime = tinyConfig({ vocabulary });
  const graphs = [
    trainingGraph({ config: prime, policy: "full", objective }),
    trainingGraph({ config: prime, policy: 2, objective }),
    evaluationGraph(prime, 2),
  ];
  for (const graph of graphs) {
    const wide = shapes(graph).filter((text) => {
      const product = text.split("= ")[1] ?? "", count = Number(/^\d+/.exec(product)?.[0] ?? 1);
      return product.includes("sequence") && count % vocabulary === 0;
    });
    assertEquals(wide, [], graph.name);
  }
  // The test sees them where they are: in the graph that shows all states.
  const inspected = shapes(inspectionGraph(prime));
  assert(inspected.some((text) => text.startsWith(`batch sequence ${vocabulary} =`)));
});
