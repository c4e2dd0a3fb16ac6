/**
 * A readable text of a graph, one line a node.
 *
 * @module
 */

import { type Graph, inputName, nodeInputs, orderedNodes, valueNames } from "./graph.ts";
import { formatShape } from "../dimension.ts";
import { type Node, Tensor } from "../tensor.ts";

function formatAttributes(node: Node): string {
  if (node.op === "Composite") return "";
  const parts = Object.entries(node.attributes).map(([key, value]) => {
    if (ArrayBuffer.isView(value)) {
      const items = Array.from(value as Float32Array, String);
      return `${key}=${items.length > 6 ? `${items.slice(0, 6).join(" ")} …` : items.join(" ")}`;
    }
    return `${key}=${Array.isArray(value) ? formatShape(value) : String(value)}`;
  });
  return parts.length ? ` {${parts.join(", ")}}` : "";
}

/**
 * Prints a graph.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { input, mul, print } from "../mod.ts";
 *
 * const x = input("x", "float32", ["batch", 4]);
 * assertEquals(
 *   print({ name: "square", inputs: [x], outputs: { y: mul(x, x) } }),
 *   "square(x: float32[batch, 4])\n  y: float32[batch, 4] = Mul(x, x)\n  return y",
 * );
 * ```
 */
export function print(graph: Graph): string {
  const nodes = orderedNodes(graph);
  const name = valueNames(graph, nodes);
  const inputs = graph.inputs.map((input) => `${inputName(input)}: ${input}`);
  const lines = [`${graph.name}(${inputs.join(", ")})`];
  for (const node of nodes) {
    if (node.op === "Input") continue;
    const outputs = node.signatures.map((_, i) => new Tensor(node, i));
    const left = outputs.map((output) => `${name(output)}: ${output}`).join(", ");
    const operation = "definition" in node.attributes ? node.attributes.name : node.op;
    const read = nodeInputs(graph, node).map((input) => input ? name(input) : "_").join(", ");
    lines.push(`  ${left} = ${operation}(${read})${formatAttributes(node)}`);
  }
  const returned = Object.entries(graph.outputs).map(([as, tensor]) =>
    as === name(tensor) ? as : `${as}=${name(tensor)}`
  );
  return [...lines, `  return ${returned.join(", ")}`].join("\n");
}
