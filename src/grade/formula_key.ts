/**
 * One text for all writings of a formula that differ only in notation and in the order of its operands.
 *
 * @module
 */

import { Budget, contains, keyOf, mapChildren, type Node, OutOfSteps } from "./expression/mod.ts";
import { parseAnswer } from "./read/mod.ts";

/** The steps that reading a formula may take. */
const MAX_STEPS = 20_000;

/** The functions that do not depend on the order of their arguments. */
const SYMMETRIC: ReadonlySet<string> = new Set(["gcd", "lcm", "max", "min"]);

/** Does the order of a node's children not matter? The product of matrices depends on it. */
function isUnordered(node: Node): boolean {
  if (node.kind === "product") return !contains(node, ({ kind }) => kind === "matrix");
  return node.kind === "sum" || node.kind === "set" || node.kind === "union" ||
    node.kind === "intersection" ||
    (node.kind === "call" && SYMMETRIC.has(node.name));
}

/** The items of a sum within a sum, or of a product within a product, beside the others. */
function flatItems(node: Node): readonly Node[] {
  if (!("items" in node)) return [];
  if (node.kind !== "sum" && node.kind !== "product") return node.items;
  return node.items.flatMap((item) => item.kind === node.kind ? item.items : [item]);
}

/** The tree with the children of commutative operations in one order. */
function ordered(node: Node): Node {
  const inner = mapChildren(node, ordered);
  if (!isUnordered(inner)) return inner;
  const keyed = flatItems(inner).map((item) => ({ item, key: keyOf(item) }));
  keyed.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return { ...inner, items: keyed.map(({ item }) => item) } as Node;
}

/**
 * A text that is the same for formulas that differ in notation or in the order of operands only: `\frac12+x` and
 * `x + 1/2`, not `x^2-1` and `(x-1)(x+1)`. Nothing is computed.
 *
 * @returns Nothing where the formula cannot be read, or holds words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formulaKey } from "./formula_key.ts";
 *
 * assertEquals(formulaKey("\\sqrt{24} \\cdot \\sqrt{5}"), formulaKey("\\sqrt5\\sqrt{24}"));
 * ```
 */
export function formulaKey(source: string): string | undefined {
  const budget = new Budget(MAX_STEPS);
  try {
    const { node } = parseAnswer(source, budget);
    // What cannot be read becomes a text node too.
    return contains(node, ({ kind }) => kind === "text") ? undefined : keyOf(ordered(node));
  } catch (error) {
    if (error instanceof OutOfSteps) return undefined;
    throw error;
  }
}
