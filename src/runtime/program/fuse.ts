/**
 * Kernels that compute several nodes at once, for graphs whose weights are constants. ONNX Runtime would find some of them
 * too, but first it would store a transposed copy of every weight, and looking for all that it knows takes longer than
 * the rest of making a session. With few rows a step's time is that of its nodes, not of their numbers.
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

/** The nodes that make values, by value. */
function makers(graph: GraphProto, ...kinds: readonly string[]): Map<string, NodeProto> {
  return new Map(
    graph.node.filter(({ opType }) => kinds.includes(opType)).map((node) => [node.output[0] ?? "", node]),
  );
}

/** Leaves out nodes whose results nobody reads. */
function removeUnread(graph: GraphProto): void {
  for (let before = -1; before !== graph.node.length;) {
    before = graph.node.length;
    const read = new Set([
      ...graph.node.flatMap(({ input }) => input),
      ...graph.output.map(({ name }) => name),
    ]);
    graph.node = graph.node.filter(({ output }) => output.some((name) => read.has(name)));
  }
}

/** Products with the transpose of a constant read the constant as it lies. */
function fuseTransposes(graph: GraphProto, constants: ReadonlySet<string>): void {
  const transposes = makers(graph, "Transpose");
  graph.node = graph.node.map((node) => {
    const [x = "", factor = ""] = node.input, transpose = transposes.get(factor);
    const order = transpose?.attribute.find(({ name }) => name === "perm")?.ints.map(Number) ?? [];
    const source = transpose?.input[0] ?? "";
    if (node.opType !== "MatMul" || order.join() !== "1,0" || !constants.has(source)) return node;
    return fused(node, "FusedMatMul", [x, source], [integer("transB", 1), float("alpha", 1)]);
  });
}

/** x · σ(x) in one pass. */
function fuseGates(graph: GraphProto): void {
  const sigmoids = makers(graph, "Sigmoid");
  graph.node = graph.node.map((node) => {
    const [a = "", b = ""] = node.input;
    const x = sigmoids.get(b)?.input[0] === a ? a : sigmoids.get(a)?.input[0] === b ? b : undefined;
    if (node.opType !== "Mul" || x === undefined) return node;
    return fused(node, "QuickGelu", [x], [float("alpha", 1)]);
  });
}

/** The norm of a sum computes the sum too. */
function fuseSums(graph: GraphProto, constants: ReadonlySet<string>): void {
  const sums = makers(graph, "Add"), norms = new Map<NodeProto, NodeProto>();
  for (const node of graph.node) {
    const sum = sums.get(node.input[0] ?? ""), isNorm = node.opType === "SimplifiedLayerNormalization";
    // A term that is a constant is spread over rows.
    if (isNorm && sum && !norms.has(sum) && !sum.input.some((name) => constants.has(name))) {
      norms.set(sum, node);
    }
  }
  const used = new Set(norms.values());
  graph.node = graph.node.flatMap((node) => {
    if (used.has(node)) return [];
    const norm = norms.get(node), [gain = ""] = norm?.input.slice(1) ?? [];
    if (!norm) return [node];
    const epsilon = norm.attribute.filter(({ name }) => name === "epsilon");
    const both = fused(norm, "SkipSimplifiedLayerNormalization", [...node.input, gain], epsilon);
    both.output = [norm.output[0] ?? "", "", "", node.output[0] ?? ""];
    return [both];
  });
}

/** The target of a Reshape, if it is a constant. */
function targets(graph: GraphProto): Map<string, number[]> {
  return new Map(graph.initializer.flatMap(({ name, rawData }) => {
    if (rawData.length === 0 || rawData.length % 8 !== 0) return [];
    return [[name, Array.from(new BigInt64Array(rawData.slice().buffer), Number)]];
  }));
}

/** Of two reshapes in a row only the second is computed. */
function joinReshapes(graph: GraphProto): void {
  const reshapes = makers(graph, "Reshape"), constants = targets(graph);
  // A 0 takes a size of the input over: the first size alone stays the same through all reshapes.
  const keepsFirst = (node: NodeProto): boolean => {
    const target = node.attribute.length === 0 ? constants.get(node.input[1] ?? "") : undefined;
    return target?.[0] === 0 && !target.slice(1).includes(0);
  };
  for (const node of graph.node) {
    while (node.opType === "Reshape" && keepsFirst(node)) {
      const inner = reshapes.get(node.input[0] ?? "");
      if (!inner || !keepsFirst(inner)) break;
      node.input = [inner.input[0] ?? "", ...node.input.slice(1)];
    }
  }
}

/** What a value is made from, seen through casts and reshapes. */
function origin(value: string, shaping: ReadonlyMap<string, NodeProto>): string {
  for (let node; (node = shaping.get(value));) value = node.input[0] ?? "";
  return value;
}

/**
 * Attention over a cache rotates queries and keys itself, where their angles are rows of tables at the cache's positions
 * and the kernel takes the heads' size.
 */
function fuseRotations(graph: GraphProto): void {
  const shaping = makers(graph, "Reshape", "Cast"), reshapes = makers(graph, "Reshape");
  const rotations = makers(graph, "RotaryEmbedding"), rows = makers(graph, "Gather");
  const shapes = new Map(
    graph.input.map(({ name, type }) => {
      const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
      return [name, tensor?.shape?.dim.map(({ value }) => value.value)];
    }),
  );
  for (const node of graph.node) {
    const flats = node.input.slice(0, 2).map((name) => reshapes.get(name));
    const turned = flats.map((flat) => rotations.get(flat?.input[0] ?? ""));
    const [query, key] = turned;
    if (node.opType !== "GroupQueryAttention" || !query || !key) continue;
    const tables = query.input.slice(1).map((name) => rows.get(name)),
      names = tables.map((row) => row?.input[0] ?? "");
    const fits = query.input.slice(1).join() === key.input.slice(1).join() &&
      turned.every((rotation) => rotation?.attribute.length === 0) &&
      tables.every((row) => origin(row?.input[1] ?? "", shaping) === node.input[5]) &&
      // Half the heads' size: the kernel rotates in packets.
      names.every((name) => Number(shapes.get(name)?.[1]) % 8 === 0);
    if (!fits) continue;
    for (const [i, flat] of flats.entries()) {
      if (flat) flat.input = [turned[i]?.input[0] ?? "", ...flat.input.slice(1)];
    }
    node.input = [...node.input.slice(0, 7), ...names];
    node.attribute.push(integer("do_rotary", 1));
  }
}

/** Replaces, in place, what one kernel computes at once. */
export function fuseNodes(graph: GraphProto, constants: ReadonlySet<string>): void {
  fuseTransposes(graph, constants);
  fuseGates(graph);
  fuseSums(graph, constants);
  fuseRotations(graph);
  joinReshapes(graph);
  removeUnread(graph);
}
