/**
 * What a tree is made of: its operations, its size, the parts that are fractions and roots.
 *
 * @module
 */

import { type Binder, children, contains, freeSymbols, isInteger, type Node } from "../expression/mod.ts";

/** Is a node a formula without letters, or functions of unknown meaning? */
export function isConstant(node: Node): boolean {
  return freeSymbols(node).size === 0 && !contains(node, ({ kind }) => kind === "apply" || kind === "text");
}

/** A formula without the minus sign before it. */
export function unsigned(node: Node): Node {
  const [sign, rest] = node.kind === "product" && node.items.length === 2 ? node.items : [];
  return sign?.kind === "number" && isInteger(sign, -1n) && rest ? unsigned(rest) : node;
}

/** The factors of a product, with the products among them opened; another node is its only factor. */
export function factorsOf(node: Node): readonly Node[] {
  return node.kind === "product" ? node.items.flatMap(factorsOf) : [node];
}

/** What stands below the line, if a node is a reciprocal. */
export function denominatorOf(node: Node): Node | undefined {
  return node.kind === "power" && isInteger(node.items[1], -1n) ? node.items[0] : undefined;
}

/** The radicand and the degree of a root of an integer degree. */
export function rootOf(node: Node): { readonly radicand: Node; readonly degree: bigint } | undefined {
  if (node.kind !== "power") return undefined;
  const [radicand, exponent] = node.items;
  if (exponent.kind === "number") {
    const { numerator, denominator } = exponent.value;
    return numerator === 1n && denominator > 1n ? { radicand, degree: denominator } : undefined;
  }
  const [one, below] = exponent.kind === "product" && exponent.items.length === 2 ? exponent.items : [];
  const degree = below && denominatorOf(below);
  if (!one || !isInteger(one, 1n) || degree?.kind !== "number" || degree.value.denominator !== 1n) {
    return undefined;
  }
  return { radicand, degree: degree.value.numerator };
}

/** The name of a node's operation, if it is one that work may be left in. */
export function operationOf(node: Node): string | undefined {
  if (node.kind === "call") return TRIGONOMETRIC.has(node.name) ? "trigonometric function" : node.name;
  if (node.kind === "binder") return BINDERS[node.operator];
  return ["sum", "product", "power", "intersection", "percent"].includes(node.kind) ? node.kind : undefined;
}

/** What binds a letter, by other names than the sums and products of a few terms have. */
const BINDERS: Readonly<Record<Binder, string>> = {
  "sum": "series",
  "product": "product over a letter",
  "integral": "integral",
  "limit": "limit",
  "limit+": "limit",
  "limit-": "limit",
  "derivative": "derivative",
};

/** Functions of angles. */
const TRIGONOMETRIC: ReadonlySet<string> = new Set("sin cos tan cot sec csc cis".split(" "));

/** Is a node a power of e with i in its exponent? */
function isPolar(node: Node): boolean {
  return node.kind === "power" && node.items[0].kind === "constant" && node.items[0].name === "e" &&
    contains(node.items[1], (part) => part.kind === "constant" && part.name === "i");
}

/** The names of all operations of a tree; those of e^{iπ/3} are those of cos π/3 + i sin π/3 too. */
export function operationsOf(node: Node, found = new Set<string>()): Set<string> {
  const name = operationOf(node);
  if (name !== undefined) found.add(name);
  if (isPolar(node)) found.add("trigonometric function");
  for (const child of children(node)) operationsOf(child, found);
  return found;
}

/** How many operations a tree has: of n operands n − 1; a sign, a quotient's power of −1 and a root's exponent are none. */
export function sizeOf(node: Node): number {
  const bare = unsigned(node);
  if (bare !== node) return sizeOf(bare);
  const root = rootOf(node);
  if (root) return 1 + sizeOf(root.radicand);
  const below = denominatorOf(node);
  if (below) return sizeOf(below);
  const inner = children(node).reduce((sum, child) => sum + sizeOf(child), 0);
  if (node.kind === "sum" || node.kind === "product") return node.items.length - 1 + inner;
  return ["power", "call", "binder", "apply"].includes(node.kind) ? 1 + inner : inner;
}
