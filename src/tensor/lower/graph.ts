/**
 * A graph ready to be lowered or printed: named inputs and outputs, and the nodes between them in a fixed order.
 *
 * @module
 */

import type { LoopOf } from "../op.ts";
import type { Node, Tensor } from "../tensor.ts";

/** Inputs in their order, and outputs by name. */
export interface Graph {
  /** The graph's name. */
  readonly name: string;
  /** The graph inputs; those that nothing reads are kept, so that a signature does not depend on the loss. */
  readonly inputs: readonly Tensor[];
  /** The outputs by name, in order. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Names of composites whose fused kernel is used. */
  readonly fused?: ReadonlySet<string>;
  /** Nodes of the graph around this one, where it is the body of a loop: their values are there. */
  readonly outside?: ReadonlySet<Node>;
}

/**
 * What a loop repeats, as a graph: its inputs are a block's bounds, the states and the slices, its outputs the states and
 * the results.
 */
export function loopBody(graph: Graph, name: string, loop: LoopOf<Tensor>): Graph {
  const [first, last, results] = "bounds" in loop ? [loop.bounds, [], []] : [[], loop.slices, loop.results];
  return {
    name,
    inputs: [...first, ...loop.before, ...last],
    outputs: Object.fromEntries([
      ...loop.after.map((state, i) => [`after_${i}`, state]),
      ...results.map((result, i) => [`result_${i}`, result]),
    ]),
    fused: graph.fused ?? new Set(),
    outside: new Set(loop.reads.map((tensor) => resolve(graph, tensor).node)),
  };
}

/** The loop that a node is in a graph, if it is one. */
export function loopOf(graph: Graph, node: Node): LoopOf<Tensor> | undefined {
  const { attributes } = node;
  return "definition" in attributes && usesKernel(graph, node) ? attributes.fused?.loop : undefined;
}

/** The name of a graph input. */
export function inputName(tensor: Tensor): string {
  const { attributes } = tensor.node;
  if (tensor.node.op !== "Input" || !("name" in attributes)) {
    throw new TypeError(`Cannot use ${tensor} as a graph input: it is made by ${tensor.node.op}`);
  }
  return attributes.name;
}

/** Does this graph compute a composite by its fused kernel? */
export function usesKernel(graph: Graph, node: Node): boolean {
  const { attributes } = node;
  return "definition" in attributes && attributes.fused !== undefined &&
    (graph.fused?.has(attributes.name) ?? false);
}

/** The tensor that computes a value in a graph: composites without a kernel and stopped gradients are seen through. */
export function resolve(graph: Graph, tensor: Tensor): Tensor {
  let current = tensor;
  for (;;) {
    const { node, index } = current;
    const { attributes } = node;
    let next: Tensor | undefined;
    if (node.op === "StopGradient") next = node.inputs[0];
    else if ("definition" in attributes && !usesKernel(graph, node)) next = attributes.definition[index];
    if (!next) return current;
    current = next;
  }
}

/**
 * What a node reads in a graph, composites resolved; `undefined` is a skipped optional input of a kernel. Of a loop, first
 * the states and then all that its body reads.
 */
export function nodeInputs(graph: Graph, node: Node): (Tensor | undefined)[] {
  const { attributes } = node;
  const fused = "definition" in attributes ? attributes.fused : undefined;
  const inputs = "definition" in attributes
    ? [...fused?.inputs ?? [], ...fused?.loop?.reads ?? []]
    : node.inputs;
  return inputs.map((input) => input && resolve(graph, input));
}

/**
 * The nodes that the outputs need, each after what it reads, in an order that depends on the graph alone.
 *
 * @throws {ReferenceError} If a node reads an input that the graph does not declare.
 */
export function orderedNodes(graph: Graph): Node[] {
  const declared = new Set(graph.inputs.map((input) => input.node));
  const order: Node[] = [], seen = new Set<Node>();
  const stack: { node: Node; inputs: (Tensor | undefined)[]; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node) || graph.outside?.has(node)) return;
    seen.add(node);
    stack.push({ node, inputs: nodeInputs(graph, node), next: 0 });
  };
  for (const output of Object.values(graph.outputs)) {
    enter(resolve(graph, output).node);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (top.next < top.inputs.length) {
        const input = top.inputs[top.next++];
        if (input) enter(input.node);
        continue;
      }
      if (top.node.op === "Input" && !declared.has(top.node)) {
        const { attributes } = top.node;
        const name = "name" in attributes ? attributes.name : "?";
        throw new ReferenceError(
          `Cannot order the graph "${graph.name}": it reads the undeclared input "${name}"`,
        );
      }
      order.push(top.node);
      stack.pop();
    }
  }
  return order;
}

/**
 * Deterministic value names: the scope and operation, numbered where they repeat; inputs and outputs keep theirs.
 *
 * @throws {TypeError} If two inputs, or an input and another output, have one name.
 */
export function valueNames(graph: Graph, nodes: readonly Node[]): (tensor: Tensor) => string {
  const names = new Map<Node, string[]>(), used = new Map<string, number>();
  const inputs = new Map(graph.inputs.map((input) => [inputName(input), input.node]));
  if (inputs.size < graph.inputs.length) {
    throw new TypeError(`Cannot name the values of the graph "${graph.name}": two inputs have the same name`);
  }
  const reserved = new Set([...inputs.keys(), ...Object.keys(graph.outputs)]);
  for (const node of nodes) {
    const { attributes } = node;
    if (node.op === "Input" && "name" in attributes) {
      names.set(node, [attributes.name]);
      continue;
    }
    const operation = "definition" in attributes ? attributes.name : node.op;
    const stem = node.scope ? `${node.scope}/${operation}` : operation;
    let count = used.get(stem) ?? 0, base: string;
    do {
      base = count === 0 ? stem : `${stem}_${count}`;
      count++;
    } while (reserved.has(base));
    used.set(stem, count);
    names.set(node, node.signatures.map((_, i) => i === 0 ? base : `${base}:${i}`));
  }
  // A value that is an output takes the output's name; a second output of the same value becomes an Identity.
  for (const [name, output] of Object.entries(graph.outputs).reverse()) {
    const { node, index } = resolve(graph, output);
    if (inputs.has(name) && inputs.get(name) !== node) {
      throw new TypeError(
        `Cannot name the values of the graph "${graph.name}": "${name}" is an input and another output`,
      );
    }
    const own = names.get(node);
    if (own && node.op !== "Input") own[index] = name;
  }
  return (tensor) => {
    const { node, index } = resolve(graph, tensor);
    const name = names.get(node)?.[index];
    if (name === undefined) throw new ReferenceError(`internal: a value of ${node.op} has no name`);
    return name;
  };
}
