/**
 * The kernels that ONNX Runtime runs for a graph on the CPU, and their order: equal nodes are one, transposes and
 * scales go into matrix products, x · σ(x) is one kernel, and nodes follow each other by a reverse depth-first search
 * from the leaves. Only what changes memory is followed; ONNX Runtime has more rewrites.
 *
 * @module
 */

import type { Dim, Shape } from "../dimension.ts";
import { type Graph, loopBody, loopOf, nodeInputs, orderedNodes, resolve } from "./graph.ts";
import type { ArrayTypes, DataType } from "../dtype.ts";
import type { LoopOf } from "../op.ts";
import { type Node, type Tensor } from "../tensor.ts";

/** A value between kernels. */
export interface Value {
  /** Its sizes. */
  readonly shape: Shape;
  /** Its element type. */
  readonly dtype: DataType;
  /** Where it lies: with the caller, in the model, as a view of another value, or in memory of its own. */
  readonly place: "input" | "constant" | "view" | "own";
  /** What a view is a view of; the value itself otherwise. */
  readonly root: number;
  /** Whether ONNX Runtime can tell its sizes before it runs, which it must to write one value over another. */
  readonly exact: boolean;
}

/** One kernel. */
export interface Kernel {
  /** The traced node whose result it computes. */
  readonly node: Node;
  /** The values that it reads. */
  readonly inputs: readonly number[];
  /** The values that it makes. */
  readonly outputs: readonly number[];
  /** Its number in ONNX Runtime's graph, which decides the order. */
  readonly index: number;
  /** The product that is part of this kernel. */
  readonly product?: Node | undefined;
  /** What the kernel repeats, if it is a loop. */
  readonly loop?: { readonly walk: LoopOf<Tensor>; readonly body: Schedule } | undefined;
}

/** Kernels in the order in which they run. */
export interface Schedule {
  /** The kernels. */
  readonly kernels: readonly Kernel[];
  /** The values by number. */
  readonly values: readonly Value[];
  /** The values that the graph returns. */
  readonly outputs: ReadonlySet<number>;
}

/** Attributes and operation as a text; composites are told apart by their kernel. */
function signature(node: Node): string {
  const { attributes } = node;
  if ("definition" in attributes) return `${attributes.name} ${JSON.stringify(attributes.fused?.attributes)}`;
  return `${node.op} ${JSON.stringify(attributes)}`;
}

/** The memory of an array as bytes. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayTypes[DataType]): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** How many sizes of a reshape ONNX Runtime finds only when it runs. */
function inferredDims(from: Shape, to: Shape): number {
  return to.filter((dim, i) => typeof dim !== "number" && from[i] !== dim).length;
}

/** Numbers the values of a graph and merges equal kernels. */
function lower(graph: Graph): { kernels: Kernel[]; values: Value[]; outputs: Set<number> } {
  const values: Value[] = [], kernels: Kernel[] = [];
  const numbers = new Map<Node, readonly number[]>(), known = new Map<string, readonly number[]>();
  const numberOf = (tensor: Tensor): number => {
    const { node, index } = resolve(graph, tensor);
    if (graph.outside?.has(node) && !numbers.has(node)) numbers.set(node, place(node, "input"));
    const number = numbers.get(node)?.[index];
    if (number === undefined) throw new ReferenceError(`internal: a value of ${node.op} has no number`);
    return number;
  };
  const place = (node: Node, where: Value["place"], exact = true, root?: number): number[] =>
    node.signatures.map(({ shape, dtype }) => {
      const fixed = shape.every((dim) => typeof dim === "number");
      return values.push({ shape, dtype, place: where, root: root ?? values.length, exact: exact || fixed }) -
        1;
    });
  orderedNodes(graph).forEach((node, index) => {
    if (node.op === "Input") return numbers.set(node, place(node, "input"));
    const inputs = nodeInputs(graph, node).flatMap((input) => input ? [numberOf(input)] : []);
    const { attributes } = node;
    const key = "data" in attributes
      ? `${attributes.dtype}[${attributes.shape}]${bytesOf(attributes.data).toHex()}`
      : `${signature(node)} ${inputs}`;
    const walk = loopOf(graph, node), same = walk ? undefined : known.get(key);
    if (same) return numbers.set(node, same);
    const read = inputs.map((input) => values[input] as Value); // numbers come from this list
    let made: number[];
    if (read.every((value) => value.place === "constant")) made = place(node, "constant");
    else if (node.op === "Reshape" && "shape" in attributes) {
      const [source] = read as [Value];
      const exact = source.exact && inferredDims(source.shape, attributes.shape as Shape) !== 1;
      made = place(node, "view", exact, source.root);
    } else made = place(node, "own", read.every((value) => value.exact));
    if (values[made[0] ?? -1]?.place !== "constant") {
      const loop = walk && { walk, body: scheduleGraph(loopBody(graph, "body", walk)) };
      kernels.push({ node, inputs, outputs: made, index, loop });
    }
    known.set(key, made);
    return numbers.set(node, made);
  });
  return { kernels, values, outputs: new Set(Object.values(graph.outputs).map(numberOf)) };
}

/** ONNX Runtime's order: from the leaf with the highest number, inputs with the highest number first. */
function reverseDepthFirst(kernels: readonly Kernel[]): Kernel[] {
  const makers = new Map<number, Kernel>(), read = new Set<Kernel>();
  for (const kernel of kernels) for (const output of kernel.outputs) makers.set(output, kernel);
  const before = new Map(kernels.map((kernel) => {
    const made = [...new Set(kernel.inputs.flatMap((input) => makers.get(input) ?? []))];
    for (const maker of made) read.add(maker);
    return [kernel, made.sort((a, b) => a.index - b.index)] as const;
  }));
  const order: Kernel[] = [], visited = new Set<Kernel>();
  const stack = kernels.filter((kernel) => !read.has(kernel)).sort((a, b) => a.index - b.index)
    .map((kernel) => ({ kernel, leave: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { kernel } = top;
    if (top.leave) order.push(kernel);
    if (top.leave || visited.has(kernel)) continue;
    visited.add(kernel);
    stack.push({ kernel, leave: true });
    for (const maker of before.get(kernel) ?? []) {
      if (!visited.has(maker)) stack.push({ kernel: maker, leave: false });
    }
  }
  return order;
}

/** Swaps a transposition the last two axes only? */
function swapsLastTwo({ attributes }: Node): boolean {
  if (!("permutation" in attributes)) return false;
  const rank = attributes.permutation.length;
  return rank >= 2 &&
    attributes.permutation.every((axis, i) =>
      axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i)
    );
}

/** The kernels while rewrites change them. */
class Rewriter {
  kernels: Kernel[];
  #next: number;

  constructor(kernels: Kernel[], readonly values: readonly Value[], readonly outputs: ReadonlySet<number>) {
    this.kernels = kernels;
    this.#next = kernels.length * 8; // above every number of the file
  }

  /** Replaces kernels, in the order in which they run: a rule gives the new kernel, and those that it makes idle. */
  rewrite(
    rule: (kernel: Kernel, find: Finder) => { kernel: Kernel; gone: readonly Kernel[] } | undefined,
  ): void {
    const order = reverseDepthFirst(this.kernels), gone = new Set<Kernel>();
    const makers = new Map<number, Kernel>(), readers = new Map<number, Kernel[]>();
    const link = (kernel: Kernel): void => {
      for (const output of kernel.outputs) makers.set(output, kernel);
      for (const input of kernel.inputs) {
        const list = readers.get(input);
        if (list) list.push(kernel);
        else readers.set(input, [kernel]);
      }
    };
    order.forEach(link);
    const find: Finder = {
      maker: (value) => makers.get(value),
      onlyReader: (value) => {
        const list = (readers.get(value) ?? []).filter((kernel) => !gone.has(kernel));
        return list.length === 1 && !this.outputs.has(value) ? list[0] : undefined;
      },
      isScalar: (value) => {
        const { place, shape } = this.values[value] as Value; // numbers of this list
        return place === "constant" && shape.every((dim) => dim === 1);
      },
      values: this.values,
    };
    for (const kernel of order) {
      if (gone.has(kernel)) continue;
      const result = rule(kernel, find);
      if (!result) continue;
      const fresh = { ...result.kernel, index: this.#next++ };
      for (const old of [kernel, ...result.gone]) gone.add(old);
      link(fresh);
      this.kernels.push(fresh);
    }
    // Whatever nothing reads any more goes too.
    const used = new Set(this.kernels.filter((kernel) => !gone.has(kernel)).flatMap(({ inputs }) => inputs));
    this.kernels = this.kernels.filter((kernel) =>
      !gone.has(kernel) && kernel.outputs.some((output) => used.has(output) || this.outputs.has(output))
    );
  }
}

/** What a rule can ask. */
interface Finder {
  readonly maker: (value: number) => Kernel | undefined;
  readonly onlyReader: (value: number) => Kernel | undefined;
  readonly isScalar: (value: number) => boolean;
  readonly values: readonly Value[];
}

const isProduct = (kernel: Kernel): boolean => kernel.node.op === "MatMul" || kernel.product !== undefined;

/** A + product: the product is added to A where the sum lies. Only for matrices, as ONNX Runtime's Gemm. */
function addProduct(kernel: Kernel, find: Finder): ReturnType<Parameters<Rewriter["rewrite"]>[0]> {
  const [output = -1] = kernel.outputs;
  if (kernel.node.op !== "MatMul" || kernel.node.inputs.some((input) => input.rank !== 2)) return undefined;
  const sum = find.onlyReader(output);
  if (sum?.node.op !== "Add") return undefined;
  const inputs = [...kernel.inputs, ...sum.inputs.filter((input) => input !== output)];
  return { kernel: { ...sum, inputs, product: kernel.node }, gone: [sum] };
}

/** Reads transposed operands where they lie. */
function readTransposed(kernel: Kernel, find: Finder): ReturnType<Parameters<Rewriter["rewrite"]>[0]> {
  if (!isProduct(kernel)) return undefined;
  const inputs = kernel.inputs.map((input, i) => {
    const maker = i < 2 ? find.maker(input) : undefined;
    const fits = maker?.node.op === "Transpose" && swapsLastTwo(maker.node);
    return fits ? maker.inputs[0] ?? input : input;
  });
  return inputs.some((input, i) => input !== kernel.inputs[i])
    ? { kernel: { ...kernel, inputs }, gone: [] }
    : undefined;
}

/** x · σ(x) as one kernel. */
function gate(kernel: Kernel, find: Finder): ReturnType<Parameters<Rewriter["rewrite"]>[0]> {
  const [output = -1] = kernel.outputs, [x = -1] = kernel.inputs;
  const product = kernel.node.op === "Sigmoid" ? find.onlyReader(output) : undefined;
  return product?.node.op === "Mul" && product.inputs.includes(x)
    ? { kernel: { ...product, inputs: [x] }, gone: [product] }
    : undefined;
}

/** Scales by a constant within the product. */
function scale(kernel: Kernel, find: Finder): ReturnType<Parameters<Rewriter["rewrite"]>[0]> {
  if (kernel.node.op !== "MatMul") return undefined;
  const scaled = (mul: Kernel | undefined): mul is Kernel =>
    mul?.node.op === "Mul" && mul.inputs.some((input) => find.isScalar(input));
  const inputs = kernel.inputs.map((input) => {
    const maker = find.maker(input);
    return scaled(maker) ? maker.inputs.find((from) => !find.isScalar(from)) ?? input : input;
  });
  const [output = -1] = kernel.outputs, after = find.onlyReader(output);
  const outputs = scaled(after) ? after.outputs : kernel.outputs;
  if (outputs === kernel.outputs && inputs.every((input, i) => input === kernel.inputs[i])) return undefined;
  return { kernel: { ...kernel, inputs, outputs, product: kernel.node }, gone: scaled(after) ? [after] : [] };
}

/**
 * The kernels of a graph in ONNX Runtime's order.
 *
 * Source: onnxruntime 1.30, graph_viewer.cc (order), matmul_add_fusion.cc, gemm_transpose_fusion.cc,
 * matmul_transpose_fusion.cc, quick_gelu_fusion.cc, matmul_scale_fusion.cc, in the order in which they are applied.
 */
export function scheduleGraph(graph: Graph): Schedule {
  const { kernels, values, outputs } = lower(graph);
  const rewriter = new Rewriter(kernels, values, outputs);
  rewriter.rewrite(addProduct);
  rewriter.rewrite((kernel, find) => kernel.node.op === "Add" ? readTransposed(kernel, find) : undefined);
  rewriter.rewrite(readTransposed);
  rewriter.rewrite(gate);
  rewriter.rewrite(scale);
  return { kernels: reverseDepthFirst(rewriter.kernels), values, outputs };
}

/** The number of elements of shapes at given sizes of their symbols. */
export function elementCounter(sizes: Readonly<Record<string, number>>): (shape: Shape) => number {
  const known = new Map<string, number>();
  const size = (dim: Dim): number => {
    if (typeof dim === "number") return dim;
    const before = known.get(dim);
    if (before !== undefined) return before;
    const product = dim.split("*").reduce((all, factor) => {
      const value = /^\d/.test(factor) ? Number(factor) : sizes[factor];
      if (value === undefined) {
        throw new RangeError(`Cannot count elements: the symbol "${factor}" has no size, expected one of it`);
      }
      return all * value;
    }, 1);
    known.set(dim, product);
    return product;
  };
  return (shape) => shape.reduce<number>((product, dim) => product * size(dim), 1);
}
