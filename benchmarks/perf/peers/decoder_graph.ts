/**
 * A decoder as an ONNX file of the kind that transformers.js loads: tokens and past keys and values in, logits and present
 * ones out, with ONNX Runtime's fused attention and constant weights, as its exporters make them.
 *
 * @module
 */

import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import {
  EMBEDDING,
  FINAL_NORM,
  layerParameter,
  type ModelConfig,
  type TensorSource,
} from "../../../src/model/mod.ts";

/** ONNX Runtime's own operators. */
const MICROSOFT = "com.microsoft";

/** Collects the nodes and constants of a graph. */
class Builder {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];

  /** A node, and the name of its first output. */
  node(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
    { domain = "", output = [`v${this.nodes.length}`] }: { domain?: string; output?: string[] } = {},
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      name === "epsilon"
        ? create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value })
        : create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
    );
    this.nodes.push(create(NodeProtoSchema, { opType, input: [...input], output, attribute, domain }));
    return output[0] ?? "";
  }

  /** A constant, and its name. */
  constant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array | Int32Array): string {
    const dataType = data instanceof Float32Array
      ? ElementType.FLOAT
      : data instanceof Int32Array
      ? ElementType.INT32
      : ElementType.INT64;
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.constants.push(create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData }));
    return name;
  }
}

function valueInfo(name: string, elemType: ElementType, dims: readonly (string | number)[]): ValueInfoProto {
  const dim = dims.map((size) => ({
    value: typeof size === "string"
      ? { case: "dimParam" as const, value: size }
      : { case: "dimValue" as const, value: BigInt(size) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } },
  });
}

/** A matrix [out, in] as [in, out]: what products of constants are packed from. */
function transposed(data: Float32Array, [out = 0, inner = 0]: readonly number[]): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < out; i++) {
    for (let j = 0; j < inner; j++) result[j * out + i] = data[i * inner + j] ?? 0;
  }
  return result;
}

/** Cosines and sines of rotary angles: [positions, head / 2] each. */
function angles({ headDimension, ropeTheta }: ModelConfig, positions: number): [Float32Array, Float32Array] {
  const half = headDimension / 2;
  const of = (f: (angle: number) => number): Float32Array =>
    Float32Array.from(
      { length: positions * half },
      (_, i) => f(Math.floor(i / half) * ropeTheta ** (-(i % half) / half)),
    );
  return [of(Math.cos), of(Math.sin)];
}

/** The ONNX file of a decoder with tied embeddings, for up to `positions` positions. */
export async function decoderModel(
  config: ModelConfig,
  weights: TensorSource,
  positions: number,
): Promise<Uint8Array> {
  const graph = new Builder(),
    { heads, keyValueHeads, headDimension: size, rmsNormEpsilon: epsilon } = config;
  const weight = async (name: string): Promise<string> => {
    const { shape, data } = await weights.read(name), values = data as Float32Array;
    if (shape.length === 1) return graph.constant(name, shape, values);
    return graph.constant(`${name}.transposed`, shape.toReversed(), transposed(values, shape));
  };
  const norm = (x: string, scale: string): string =>
    graph.node("SimplifiedLayerNormalization", [x, scale], { axis: -1, epsilon });
  const project = async (x: string, name: string): Promise<string> =>
    graph.node("MatMul", [x, await weight(name)]);
  const ints = (name: string, values: readonly number[], dims = [values.length]): string =>
    graph.constant(name, dims, BigInt64Array.from(values, BigInt));
  const embedding = await weights.read(EMBEDDING);
  const table = graph.constant(EMBEDDING, embedding.shape, embedding.data as Float32Array);
  const [cosine, sine] = angles(config, positions).map((data, i) =>
    graph.constant(i === 0 ? "cosine" : "sine", [positions, size / 2], data)
  );
  // Where each row's last key lies, and how many there are: from the mask.
  const total = graph.node("ReduceSum", ["attention_mask", ints("one", [1])], { keepdims: 0 });
  const last = graph.node("Cast", [graph.node("Sub", [total, "one"])], { to: ElementType.INT32 });
  const lengths = graph.node("Gather", [graph.node("Shape", ["attention_mask"]), ints("axis", [1], [])]);
  const length = graph.node("Cast", [lengths], { to: ElementType.INT32 });
  const byHead = ints("by_head", [0, 0, -1, size]), joined = ints("joined", [0, 0, -1]);
  let x = graph.node("Gather", [table, "input_ids"]);
  for (let layer = 1; layer <= config.layers; layer++) {
    const of = (name: string): string => layerParameter(layer, `${name}.weight`), i = layer - 1;
    const headNorm = async (x: string, name: string): Promise<string> =>
      graph.node("Reshape", [norm(graph.node("Reshape", [x, byHead]), await weight(of(name))), joined]);
    const h = norm(x, await weight(of("input_layernorm")));
    const query = await headNorm(await project(h, of("self_attn.q_proj")), "self_attn.q_norm");
    const key = await headNorm(await project(h, of("self_attn.k_proj")), "self_attn.k_norm");
    const value = await project(h, of("self_attn.v_proj"));
    const mixed = graph.node(
      "GroupQueryAttention",
      [
        query,
        key,
        value,
        `past_key_values.${i}.key`,
        `past_key_values.${i}.value`,
        last,
        length,
        cosine ?? "",
        sine ?? "",
      ],
      { num_heads: heads, kv_num_heads: keyValueHeads, do_rotary: 1 },
      { domain: MICROSOFT, output: [`mixed.${i}`, `present.${i}.key`, `present.${i}.value`] },
    );
    x = graph.node("Add", [x, await project(mixed, of("self_attn.o_proj"))]);
    const g = norm(x, await weight(of("post_attention_layernorm")));
    const gate = await project(g, of("mlp.gate_proj")), up = await project(g, of("mlp.up_proj"));
    const active = graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]);
    const down = await project(graph.node("Mul", [active, up]), of("mlp.down_proj"));
    x = graph.node("Add", [x, down]);
  }
  const final = norm(x, await weight(FINAL_NORM));
  graph.node("MatMul", [final, await weight(EMBEDDING)], {}, { output: ["logits"] });
  const cache = (name: string, of: string): ValueInfoProto =>
    valueInfo(name, ElementType.FLOAT, ["batch_size", keyValueHeads, of, size]);
  const caches = (prefix: string, of: string): ValueInfoProto[] =>
    Array.from({ length: config.layers }, (_, i) => [
      cache(`${prefix}.${i}.key`, of),
      cache(`${prefix}.${i}.value`, of),
    ]).flat();
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [{ domain: "", version: 20n }, { domain: MICROSOFT, version: 1n }],
    graph: {
      name: "decoder",
      node: graph.nodes,
      initializer: graph.constants,
      input: [
        valueInfo("input_ids", ElementType.INT64, ["batch_size", "sequence_length"]),
        valueInfo("attention_mask", ElementType.INT64, ["batch_size", "total_sequence_length"]),
        ...caches("past_key_values", "past_sequence_length"),
      ],
      output: [
        valueInfo("logits", ElementType.FLOAT, ["batch_size", "sequence_length", config.vocabularySize]),
        ...caches("present", "total_sequence_length"),
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}
