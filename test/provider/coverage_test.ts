import { assert, assertEquals } from "@std/assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type TypeProto_Tensor } from "onnx-buf";
import { buildArtifacts } from "../../src/artifact/mod.ts";
import { plainLayout } from "../../src/model/mod.ts";
import type { DeviceTensor, Runtime } from "../../src/runtime/mod.ts";
import type { DataType } from "../../src/tensor/mod.ts";
import { objective, optimizer, tinyConfig } from "../rl/tiny_model.ts";
import { array } from "../tensor/finite_difference.ts";
import { testEach } from "./providers.ts";

const size: Readonly<Record<string, number>> = {
  batch: 4,
  sequence: 5,
  capacity: 6,
  prompts: 4,
  piece: 4,
  prompt_slots: 6,
  copies: 4,
};
const dtypes: Readonly<Record<number, DataType>> = { 1: "float32", 6: "int32", 7: "int64", 9: "bool" };

/** What stays on the host: sizes and target shapes, and the angles of rotary positions. */
const onHost = /^(size|shape|positions)\//;

/** A node's run, as ONNX Runtime's profile tells it. */
interface NodeEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: { readonly op_name?: string; readonly provider?: string };
}

/** Runs a graph once on made-up numbers and returns what its profile says of the nodes. */
async function profile(runtime: Runtime, model: Uint8Array): Promise<NodeEvent[]> {
  const folder = await Deno.makeTempDir();
  const session = await runtime.load(model, { profile: `${folder}/profile` });
  const feeds: Record<string, DeviceTensor> = {};
  for (const { name, type } of fromBinary(ModelProtoSchema, model).graph?.input ?? []) {
    const { elemType, shape: dims } = type?.value.value as TypeProto_Tensor;
    const shape = (dims?.dim ?? []).map(({ value }) =>
      typeof value.value === "bigint" ? Number(value.value) : size[value.value ?? ""] ?? NaN
    );
    const dtype = dtypes[elemType];
    assert(dtype, name);
    const count = shape.reduce((a, b) => a * b, 1);
    const value = dtype === "float32" ? 0.1 : name === "capacity_size" ? size.capacity ?? 0 : 1;
    const data = array(
      dtype,
      Array.from({ length: count }, (_, i) => /^(slots|rows|sources|positions)$/.test(name) ? i : value),
    );
    const state = /weight|cache|bias/.test(name);
    feeds[name] = state ? runtime.upload(dtype, shape, data) : runtime.stage(dtype, shape, data);
  }
  await session.run(feeds);
  await session.dispose();
  for (const tensor of Object.values(feeds)) tensor.dispose();
  const [file] = [...Deno.readDirSync(folder)];
  const events: NodeEvent[] = JSON.parse(await Deno.readTextFile(`${folder}/${file?.name}`));
  await Deno.remove(folder, { recursive: true });
  return events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
}

testEach(
  "every node of every artifact runs on the device, but for sizes and rotary angles",
  async (runtime) => {
    for (
      const [vocabulary, largestTensor] of [[40, Infinity], [5000, Infinity], [40, 11 * 32 * 4]] as const
    ) {
      const config = tinyConfig({ layers: 2, vocabulary }),
        layout = { ...plainLayout, largestTensor, onHost: false };
      const files = buildArtifacts({ config, objective, optimizer, internalLayer: 1, layout });
      for (const [name, bytes] of Object.entries(files)) {
        const nodes = await profile(runtime, bytes);
        // The copying of prompts is small: reading and writing of keys and values in each layer.
        assert(nodes.length > (name === "copy_model.onnx" ? 6 : 20), `${name}: ${nodes.length} nodes`);
        const host = nodes.filter(({ args }) => args.provider === "CPUExecutionProvider");
        assertEquals(
          host.filter((node) => !onHost.test(node.name)).map((node) => `${name}: ${node.name}`),
          [],
        );
        // A copy to the host in the middle of a run makes the host wait for the device.
        assertEquals(
          nodes.filter(({ args }) => args.op_name === "MemcpyToHost").map((node) => node.name),
          [],
          name,
        );
      }
    }
  },
  ["cpu"],
);
