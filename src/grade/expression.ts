/**
 * The typed tree that an answer is parsed to, from numbers up to sets, intervals, equations and words.
 *
 * @module
 */

import { equals, integer, type Rational } from "./rational.ts";

/** The functions that the tree knows. */
export type FunctionName =
  | "sin"
  | "cos"
  | "tan"
  | "cot"
  | "sec"
  | "csc"
  | "arcsin"
  | "arccos"
  | "arctan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "ln"
  | "exp"
  | "abs"
  | "floor"
  | "ceil"
  | "factorial"
  | "binomial"
  | "max"
  | "min";

/** How two sides of a relation stand to each other. */
export type RelationOperator = "=" | "<" | ">" | "<=" | ">=" | "!=" | "~" | "in";

/** A node of the tree. */
export type Node =
  /** A rational number; `decimals` counts the digits shown after the point. */
  | { readonly kind: "number"; readonly value: Rational; readonly decimals?: number }
  /** An integer in a stated base, such as `4210_5`. */
  | { readonly kind: "based"; readonly digits: string; readonly base: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "i" | "infinity" }
  | { readonly kind: "sum"; readonly items: readonly Node[] }
  | { readonly kind: "product"; readonly items: readonly Node[] }
  | { readonly kind: "power"; readonly items: readonly [Node, Node] }
  | { readonly kind: "call"; readonly name: FunctionName; readonly items: readonly Node[] }
  /** A function of unknown meaning, such as `f(x)`. */
  | { readonly kind: "apply"; readonly name: string; readonly items: readonly Node[] }
  /** `\sum` or `\prod`: items are lower limit, upper limit, body. */
  | {
    readonly kind: "series";
    readonly operator: "sum" | "product";
    readonly variable: string;
    readonly items: readonly [Node, Node, Node];
  }
  /** The factor ±1, or ∓1 if `flipped`; all of an answer's signs are chosen together. */
  | { readonly kind: "sign"; readonly flipped: boolean }
  | { readonly kind: "percent"; readonly items: readonly [Node] }
  | { readonly kind: "degree"; readonly items: readonly [Node] }
  /** A value with a unit of measurement in canonical spelling. */
  | { readonly kind: "quantity"; readonly unit: string; readonly items: readonly [Node] }
  | { readonly kind: "ratio"; readonly items: readonly Node[] }
  | {
    readonly kind: "relation";
    readonly operators: readonly RelationOperator[];
    readonly items: readonly Node[];
  }
  /** Tuple or interval: the other side and the ends decide which. */
  | {
    readonly kind: "bracket";
    readonly open: "(" | "[";
    readonly close: ")" | "]";
    readonly items: readonly Node[];
  }
  | { readonly kind: "set"; readonly items: readonly Node[] }
  /** Answers side by side, without brackets. */
  | { readonly kind: "list"; readonly joiner: "," | "or" | "and"; readonly items: readonly Node[] }
  | { readonly kind: "union"; readonly items: readonly Node[] }
  | { readonly kind: "reals" }
  /** Entries row by row. */
  | { readonly kind: "matrix"; readonly columns: number; readonly items: readonly Node[] }
  /** An answer in words, lower case, single spaces. */
  | { readonly kind: "text"; readonly text: string };

/** The children of a node; a leaf has none. */
export function children(node: Node): readonly Node[] {
  return "items" in node ? node.items : [];
}

/** Does a node or one of its descendants satisfy a condition? */
export function contains(node: Node, condition: (node: Node) => boolean): boolean {
  return condition(node) || children(node).some((child) => contains(child, condition));
}

/** The node with its children replaced by their images. */
export function mapChildren(node: Node, image: (child: Node) => Node): Node {
  return "items" in node ? { ...node, items: node.items.map(image) } as Node : node;
}

/** The integer leaf of a value. */
export function integerNode(value: bigint | number): Node {
  return { kind: "number", value: integer(value) };
}

/** The negative of a node. */
export function negative(node: Node): Node {
  if (node.kind === "number") {
    return { ...node, value: { numerator: -node.value.numerator, denominator: node.value.denominator } };
  }
  return { kind: "product", items: [integerNode(-1), node] };
}

/** The quotient of two nodes, as a product with a power of -1. */
export function quotient(top: Node, bottom: Node): Node {
  return { kind: "product", items: [top, { kind: "power", items: [bottom, integerNode(-1)] }] };
}

/** Is a node the integer leaf of a value? */
export function isInteger(node: Node, value?: bigint): boolean {
  return node.kind === "number" && node.value.denominator === 1n &&
    (value === undefined || node.value.numerator === value);
}

/** Do two trees have the same shape and the same leaves? */
export function identical(a: Node, b: Node): boolean {
  if (a.kind === "number" && b.kind === "number") return equals(a.value, b.value);
  const x = children(a), y = children(b);
  return label(a) === label(b) && x.length === y.length &&
    x.every((child, index) => identical(child, y[index] as Node));
}

/** What distinguishes a node from others with the same children. */
function label(node: Node): string {
  const { items: _, ...own } = { items: undefined, ...node };
  return node.kind === "number" ? `${node.value.numerator}/${node.value.denominator}` : JSON.stringify(own);
}

/** A text form that is equal exactly for identical trees; a key for maps. */
export function keyOf(node: Node): string {
  const inner = children(node).map(keyOf);
  return inner.length === 0 ? label(node) : `${label(node)}(${inner.join(",")})`;
}

/** The names of the free symbols. */
export function freeSymbols(
  node: Node,
  bound: readonly string[] = [],
  found = new Set<string>(),
): Set<string> {
  if (node.kind === "symbol" && !bound.includes(node.name)) found.add(node.name);
  const inner = node.kind === "series" ? [...bound, node.variable] : bound;
  for (const child of children(node)) freeSymbols(child, inner, found);
  return found;
}

/** A word for what an answer is, as it stands in a verdict. */
export function typeOf(node: Node): string {
  switch (node.kind) {
    case "number":
      return node.decimals !== undefined ? "decimal" : node.value.denominator === 1n ? "integer" : "fraction";
    case "relation":
      return node.operators.every((operator) => operator === "=" || operator === "~")
        ? "equation"
        : "inequality";
    case "bracket":
      return node.open === "(" && node.close === ")" ? "tuple" : "interval";
    case "percent":
    case "degree":
    case "quantity":
    case "ratio":
    case "set":
    case "list":
    case "union":
    case "matrix":
    case "text":
      return node.kind;
    case "reals":
      return "set";
    case "symbol":
      return "symbol";
    default:
      return isFraction(node) ? "fraction" : "expression";
  }
}

/** Is a node a quotient of two integers? */
function isFraction(node: Node): boolean {
  if (node.kind === "power") return isInteger(node.items[0]) && isInteger(node.items[1], -1n);
  return node.kind === "product" && node.items.every((item) => isInteger(item) || isFraction(item));
}
