/**
 * Lowering to ONNX: one node of the graph becomes one ONNX node. The same graph gives the same bytes.
 *
 * @module
 */

import { create, toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, type ValueInfoProto, ValueInfoProtoSchema } from "onnx-buf";
import { Builder, elementTypes, type Lowering, tensorType, valueInfo } from "./builder.ts";
import {
  type Graph,
  inputName,
  loopBody,
  loopOf,
  nodeInputs,
  orderedNodes,
  resolve,
  valueNames,
} from "./graph.ts";
import type { BlockLoopOf, Op, RowWalkOf } from "../op.ts";
import { type Node, Tensor } from "../tensor.ts";

/** The version of ONNX's operator set that artifacts use. */
export const OPSET = 23;
/** The version of ONNX's file format that artifacts use. */
const IR_VERSION = 10n;

type LoweringRule<K extends Op> = (node: Node<K>, builder: Builder) => Lowering;

const plain: LoweringRule<Op> = () => ({});

const reduction: LoweringRule<"ReduceSum" | "ReduceMax"> = ({ attributes }, builder) => ({
  extraInputs: [builder.integers(attributes.axes)],
  attributes: { keepdims: { int: attributes.keepDims ? 1 : 0 } },
});

const unlowered: LoweringRule<Op> = (node) => {
  throw new TypeError(`internal: ${node.op} has no node of its own`);
};

const lowerings: { readonly [K in Op]: LoweringRule<K> } = {
  Input: unlowered,
  Constant: unlowered,
  StopGradient: unlowered,
  Composite: ({ attributes: { fused } }) => ({
    operator: fused?.operator ?? "",
    attributes: fused?.attributes ?? {},
  }),
  Cast: ({ attributes }) => ({ attributes: { to: { int: elementTypes[attributes.to] } } }),
  Neg: plain,
  Exp: plain,
  Log: plain,
  Sqrt: plain,
  Sigmoid: plain,
  Tanh: plain,
  Sin: plain,
  Cos: plain,
  Not: plain,
  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Min: plain,
  Max: plain,
  Equal: plain,
  Less: plain,
  LessOrEqual: plain,
  And: plain,
  Where: plain,
  ReduceSum: reduction,
  ReduceMax: reduction,
  ArgMax: ({ attributes }) => ({ attributes: { axis: { int: attributes.axis }, keepdims: { int: 0 } } }),
  Softmax: () => ({ attributes: { axis: { int: -1 } } }),
  CumSum: ({ attributes }, builder) => ({
    extraInputs: [builder.constant("int64", [], BigInt64Array.of(BigInt(attributes.axis)))],
  }),
  MatMul: plain,
  Reshape: (node, builder) => builder.reshapeTarget(node.inputs[0]?.shape ?? [], node.attributes.shape),
  Transpose: ({ attributes }) => ({ attributes: { perm: { ints: attributes.permutation } } }),
  Expand: ({ attributes }, builder) => ({ extraInputs: [builder.shape(attributes.shape)] }),
  Slice: ({ attributes: { axis, start, end } }, builder) => ({
    extraInputs: [builder.integers([start]), builder.integers([end]), builder.integers([axis])],
  }),
  Pad: ({ attributes: { axis, before, after } }, builder) => ({
    extraInputs: [builder.integers([before, after]), "", builder.integers([axis])],
  }),
  Concat: ({ attributes }) => ({ attributes: { axis: { int: attributes.axis } } }),
  Window: ({ attributes: { axis } }, builder) => ({
    operator: "Slice",
    extraInputs: [builder.integers([axis])],
  }),
  Join: ({ attributes }) => ({ operator: "Concat", attributes: { axis: { int: attributes.axis } } }),
  Gather: () => ({ attributes: { axis: { int: 0 } } }),
  GatherElements: () => ({ attributes: { axis: { int: -1 } } }),
};

/** Names of traced values in ONNX. */
type Names = (tensor: Tensor) => string;

/** Lowers the nodes of a builder's graph, their names behind a prefix. */
function lowerNodes(builder: Builder, prefix: string, around?: Names): { nameOf: Names; made: Tensor[] } {
  const { graph } = builder, nodes = orderedNodes(graph), made: Tensor[] = [];
  const inner = valueNames(graph, nodes), constantNames = new Map<Node, string>();
  const nameOf: Names = (tensor) => {
    const { node } = resolve(graph, tensor);
    if (around && graph.outside?.has(node)) return around(tensor);
    return constantNames.get(node) ?? prefix + inner(tensor);
  };
  for (const node of nodes) {
    if (node.op === "Input") continue;
    if (node.op === "Constant" && "data" in node.attributes) {
      const { dtype, shape, data } = node.attributes;
      constantNames.set(node, builder.constant(dtype, shape, data));
      continue;
    }
    const results = node.signatures.map((_, i) => new Tensor(node, i));
    const outputs = results.map(nameOf);
    made.push(...results);
    const loop = loopOf(graph, node);
    if (loop) {
      const given = nodeInputs(graph, node).map((input) => input ? nameOf(input) : "");
      if ("bounds" in loop) lowerLoop(builder, loop, outputs, given.slice(0, loop.before.length), nameOf);
      else lowerWalk(builder, loop, outputs, given, nameOf);
      continue;
    }
    const rule = lowerings[node.op] as LoweringRule<Op>;
    const { operator = node.op, extraInputs = [], attributes = {} } = rule(node, builder);
    const inputs = nodeInputs(graph, node).map((input) => input ? nameOf(input) : "");
    const domain = "definition" in node.attributes ? node.attributes.fused?.domain ?? "" : "";
    builder.node(operator, outputs[0] ?? "", [...inputs, ...extraInputs], outputs, attributes, domain);
  }
  return { nameOf, made };
}

/** Lowers a loop over blocks: one Loop node, whose body finds the block's bounds from the number of the iteration. */
function lowerLoop(
  builder: Builder,
  loop: BlockLoopOf<Tensor>,
  outputs: readonly string[],
  states: readonly string[],
  around: Names,
): void {
  const [name = ""] = outputs, { count, last } = builder.blocks(loop), end = builder.size(loop.over);
  const body = new Builder(loopBody(builder.graph, name, loop), builder);
  const own = (part: string): string => `${name}/${part}`;
  const step = (operator: string, input: readonly string[], output: string): string => {
    body.node(operator, own(output), input, [own(output)]);
    return own(output);
  };
  const size = builder.integers([loop.size]);
  const block = loop.descending ? step("Sub", [last, own("iteration")], "block") : own("iteration");
  const start = step("Mul", [block, size], "start"), next = step("Add", [start, size], "next");
  step("Where", [step("Equal", [block, last], "at_end"), end, next], "end");
  const { nameOf, made } = lowerNodes(body, own(""), around);
  step("Identity", [own("condition")], "goes_on");
  const after = loop.after.map((state, i) => {
    const as = own(`after_${i}`);
    if (nameOf(state) !== as) body.node("Identity", as, [nameOf(state)], [as]);
    return as;
  });
  const typed = (value: string, { dtype }: Pick<Tensor, "dtype">): ValueInfoProto =>
    create(ValueInfoProtoSchema, { name: value, type: tensorType(dtype) });
  const condition = { dtype: "bool" } as const;
  const graph = create(GraphProtoSchema, {
    name,
    node: body.nodes,
    input: [
      create(ValueInfoProtoSchema, { name: own("iteration"), type: tensorType("int64", []) }),
      create(ValueInfoProtoSchema, { name: own("condition"), type: tensorType("bool", []) }),
      // A state may change its sizes from block to block: only its type is told.
      ...loop.before.map((state, i) => typed(own(`before_${i}`), state)),
    ],
    output: [typed(own("goes_on"), condition), ...loop.after.map((state, i) => typed(after[i] ?? "", state))],
    // By their names ONNX Runtime knows which values are of one size, so that one may be written over another.
    valueInfo: made.filter((tensor) => !after.includes(nameOf(tensor))).map((tensor) =>
      valueInfo(nameOf(tensor), tensor)
    ),
  });
  // A state that only the body needs is an output too: without a name for it, ONNX Runtime 1.30 crashes.
  const results = states.map((_, i) => outputs[i] ?? own(`unread_${i}`));
  builder.node("Loop", name, [count, "", ...states], results, { body: { graph } });
}

/** Lowers a loop along the first axis of tensors: one Scan node. */
function lowerWalk(
  builder: Builder,
  loop: RowWalkOf<Tensor>,
  outputs: readonly string[],
  inputs: readonly string[],
  around: Names,
): void {
  const [name = ""] = outputs, { before, slices, after, results } = loop;
  const own = (part: string): string => `${name}/${part}`;
  const inner = loopBody(builder.graph, name, loop), body = new Builder(inner, builder);
  const { nameOf } = lowerNodes(body, own(""), around);
  const output = Object.entries(inner.outputs).map(([as, tensor]) => {
    if (nameOf(tensor) !== own(as)) body.node("Identity", own(`output/${as}`), [nameOf(tensor)], [own(as)]);
    return valueInfo(own(as), tensor);
  });
  const input = inner.inputs.map((tensor) => valueInfo(own(inputName(tensor)), tensor));
  const graph = create(GraphProtoSchema, { name, node: body.nodes, input, output });
  const given = inputs.slice(0, before.length + slices.length),
    made = outputs.slice(0, after.length + results.length);
  builder.node("Scan", name, given, made, { body: { graph }, num_scan_inputs: { int: slices.length } });
}

/**
 * Lowers a graph to the bytes of an ONNX model.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { input, mul, toOnnx } from "../mod.ts";
 *
 * const x = input("x", "float32", ["batch", 4]);
 * assert(toOnnx({ name: "square", inputs: [x], outputs: { y: mul(x, x) } }).length > 0);
 * ```
 *
 * @throws {ReferenceError} If an input is undeclared, or a computed shape needs a symbol that no input carries.
 */
export function toOnnx(graph: Graph): Uint8Array<ArrayBuffer> {
  const builder = new Builder(graph);
  const { nameOf } = lowerNodes(builder, "");
  for (const [as, tensor] of Object.entries(graph.outputs)) {
    if (nameOf(tensor) !== as) builder.node("Identity", `output/${as}`, [nameOf(tensor)], [as]);
  }
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "bupo-bench",
    opsetImport: [{ domain: "", version: BigInt(OPSET) }, { domain: "com.microsoft", version: 1n }],
    graph: {
      name: graph.name,
      node: builder.nodes,
      initializer: builder.constants,
      input: graph.inputs.map((tensor) => valueInfo(inputName(tensor), tensor)),
      output: Object.entries(graph.outputs).map(([as, tensor]) => valueInfo(as, tensor)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
