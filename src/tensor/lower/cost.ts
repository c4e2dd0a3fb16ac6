/**
 * What computing a graph costs at given sizes: operations, and bytes of memory by following every value from the
 * kernel that makes it to the last one that reads it.
 *
 * @module
 */

import { blockRanges, blockSizes } from "../block_loop.ts";
import type { Graph } from "./graph.ts";
import type { Op } from "../op.ts";
import { elementCounter, type Kernel, type Schedule, scheduleGraph, type Value } from "./schedule.ts";
import type { DataType } from "../dtype.ts";
import type { Node, Signature, Tensor } from "../tensor.ts";

/** Sizes of the symbols of a graph's dimensions, such as `{ batch: 4, sequence: 128 }`. */
export type SymbolSizes = Readonly<Record<string, number>>;

/** Bytes of an element. */
export const elementBytes: { readonly [T in DataType]: number } = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
  int64: 8,
  int32: 4,
  bool: 1,
};

/** The cost of running a graph once. */
export interface GraphCost {
  /** Floating-point operations of matrix products: 2·m·n·k each. */
  readonly productOperations: number;
  /** Elements that all other operations compute or, if they reduce, read. */
  readonly elementOperations: number;
  /** Bytes of the inputs. */
  readonly inputBytes: number;
  /** Bytes of the outputs. */
  readonly outputBytes: number;
  /** The most bytes of intermediate values at a time; outputs do not count, they lie with the caller. */
  readonly peakBytes: number;
  /** How many kernels run. */
  readonly kernels: number;
}

/** Operations whose result may be written over an input of the same size. */
const inPlace: ReadonlySet<Op> = new Set<Op>([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Exp",
  "Log",
  "Sqrt",
  "Sigmoid",
  "Tanh",
  "Not",
  "And",
  "Min",
  "Max",
  "Softmax",
  "Cast",
]);

/** May a kernel write its result over an input of the same size? */
function writesOver({ op, attributes }: Node): boolean {
  return inPlace.has(op) || "definition" in attributes && attributes.fused?.operator === "ScatterElements";
}

/** Operations that compute nothing. */
const moves: ReadonlySet<Op> = new Set<Op>([
  "Input",
  "Constant",
  "StopGradient",
  "Reshape",
  "Transpose",
  "Slice",
  "Pad",
  "Concat",
  "Window",
  "Join",
  "Gather",
  "GatherElements",
  "Expand",
]);

/** Operations whose work is what they read. */
const reductions: ReadonlySet<Op> = new Set<Op>(["ReduceSum", "ReduceMax", "ArgMax"]);

interface Operations {
  products: number;
  elements: number;
}

/** Counts the elements of a shape. */
type Counter = ReturnType<typeof elementCounter>;

function count(node: Node, elements: Counter, into: Operations): void {
  const [a, b] = node.inputs, [result] = node.signatures;
  if (node.op === "MatMul" && a && b && result) {
    const inner = elements(a.shape.slice(-1));
    into.products += 2 * elements(result.shape) * inner;
  } else if (reductions.has(node.op) && a) into.elements += elements(a.shape);
  else if (!moves.has(node.op) && result) into.elements += elements(result.shape);
}

/** Counts what a kernel computes: a composite's kernel does the work of its definition. */
function countKernel({ node, product }: Kernel, elements: Counter, into: Operations): void {
  if (product && product !== node) count(product, elements, into);
  if (!("definition" in node.attributes)) return count(node, elements, into);
  const seen = new Set<Node>(node.inputs.map((tensor) => tensor.node));
  const visit = (tensor: Tensor): void => {
    if (seen.has(tensor.node)) return;
    seen.add(tensor.node);
    const { attributes, inputs } = tensor.node;
    if ("definition" in attributes) return attributes.definition.forEach(visit);
    count(tensor.node, elements, into);
    inputs.forEach(visit);
  };
  node.attributes.definition.forEach(visit);
}

/**
 * The cost of a loop's repetitions: operations of all, and the most bytes of one beside the loop's results. What a block costs
 * is linear in its place, since no value of a body has two sizes that depend on it: of the blocks of equal size the first
 * and the last one tell the sum and the most.
 */
function loopCost(
  { walk, body }: NonNullable<Kernel["loop"]>,
  results: number,
  sizes: SymbolSizes,
): Operations & { bytes: number } {
  if ("steps" in walk) {
    // Slices are read and written where they lie.
    const { productOperations, elementOperations, peakBytes } = scheduleCost(body, [], sizes);
    return {
      products: walk.steps * productOperations,
      elements: walk.steps * elementOperations,
      bytes: peakBytes,
    };
  }
  const total = { products: 0, elements: 0, bytes: 0 }, length = elementCounter(sizes)([walk.over]);
  const ranges = blockRanges(length, walk.size), equal = ranges.length - 1;
  const [first, lastEqual, last] = [ranges[0], ranges.at(-2), ranges.at(-1)];
  const counted = [[first, equal / 2], [lastEqual, equal / 2], [last, 1]] as const;
  for (const [range, times] of counted) {
    if (!range || times === 0) continue;
    const cost = scheduleCost(body, walk.before, { ...sizes, ...blockSizes(range, length) });
    total.products += times * cost.productOperations;
    total.elements += times * cost.elementOperations;
    total.bytes = Math.max(total.bytes, cost.peakBytes + cost.inputBytes + cost.outputBytes - results);
  }
  return total;
}

/** When each piece of memory is made and last read, by kernel. */
interface Plan {
  /** Bytes that a kernel takes, and under which number. */
  readonly taken: readonly (readonly (readonly [piece: number, bytes: number])[])[];
  /** Pieces that nothing reads after a kernel. */
  readonly freed: readonly (readonly number[])[];
}

function planMemory({ kernels, values, outputs }: Schedule, bytesOf: (value: Signature) => number): Plan {
  const value = (number: number): Value => values[number] as Value; // numbers come from the schedule
  const sizes = values.map(bytesOf), bytes = (number: number): number => sizes[number] as number;
  const kept = new Set([...outputs].map((output) => value(output).root));
  const lastRead = new Map<number, number>();
  kernels.forEach(({ inputs, outputs: made }, step) => {
    for (const number of [...inputs, ...made]) lastRead.set(value(number).root, step);
  });
  // Several values may follow each other in one piece: the piece is free when the last of them is.
  const pieceOf = new Map<number, number>();
  const taken: [number, number][][] = [], freed: number[][] = [];
  kernels.forEach(({ node, inputs, outputs: made }, step) => {
    taken[step] = [];
    freed[step] = [];
    for (const number of made) {
      if (value(number).place !== "own" || kept.has(number)) continue;
      const reused = writesOver(node) && value(number).exact
        ? inputs.find((input) => {
          const { root } = value(input);
          return pieceOf.has(root) && lastRead.get(root) === step && value(input).exact &&
            value(input).dtype === value(number).dtype && bytes(input) === bytes(number);
        })
        : undefined;
      const root = reused === undefined ? undefined : value(reused).root;
      const piece = root === undefined ? undefined : pieceOf.get(root);
      if (root !== undefined && piece !== undefined) {
        pieceOf.delete(root);
        pieceOf.set(number, piece);
      } else {
        pieceOf.set(number, number);
        taken[step]?.push([number, bytes(number)]);
      }
    }
    for (const root of new Set([...inputs, ...made].map((number) => value(number).root))) {
      const piece = pieceOf.get(root);
      if (piece === undefined || lastRead.get(root) !== step) continue;
      pieceOf.delete(root);
      freed[step]?.push(piece);
    }
  });
  return { taken, freed };
}

/**
 * The cost of a schedule at given sizes.
 *
 * @throws {RangeError} If a symbol has no size.
 */
export function scheduleCost(schedule: Schedule, inputs: readonly Tensor[], sizes: SymbolSizes): GraphCost {
  const operations: Operations = { products: 0, elements: 0 };
  const elements = elementCounter(sizes);
  const bytesOf = ({ shape, dtype }: Signature): number => elements(shape) * elementBytes[dtype];
  const total = (values: readonly Signature[]): number =>
    values.reduce((sum, value) => sum + bytesOf(value), 0);
  const { taken, freed } = planMemory(schedule, bytesOf);
  const pieces = new Map<number, number>();
  let alive = 0, peak = 0;
  schedule.kernels.forEach((kernel, step) => {
    for (const [piece, bytes] of taken[step] ?? []) {
      pieces.set(piece, bytes);
      alive += bytes;
    }
    if (kernel.loop) {
      const results = total(kernel.outputs.map((output) => schedule.values[output] as Value));
      const { products, elements: computed, bytes } = loopCost(kernel.loop, results, sizes);
      operations.products += products;
      operations.elements += computed;
      peak = Math.max(peak, alive + bytes);
    } else countKernel(kernel, elements, operations);
    peak = Math.max(peak, alive);
    for (const piece of freed[step] ?? []) alive -= pieces.get(piece) ?? 0;
  });
  return {
    productOperations: operations.products,
    elementOperations: operations.elements,
    inputBytes: total(inputs),
    outputBytes: total([...schedule.outputs].map((output) => schedule.values[output] as Value)),
    peakBytes: peak,
    kernels: schedule.kernels.length,
  };
}

/**
 * A graph's costs as a function of the sizes of its symbols; the graph is scheduled once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graphCost, input, matmul } from "../mod.ts";
 *
 * const x = input("x", "float32", ["batch", 4]), w = input("w", "float32", [4, 8]);
 * const cost = graphCost({ name: "linear", inputs: [x, w], outputs: { y: matmul(x, w) } });
 * assertEquals(cost({ batch: 2 }).productOperations, 2 * 2 * 4 * 8);
 * ```
 */
export function graphCost(graph: Graph): (sizes: SymbolSizes) => GraphCost {
  const schedule = scheduleGraph(graph);
  return (sizes) => scheduleCost(schedule, graph.inputs, sizes);
}
