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
  | "arccot"
  | "arcsec"
  | "arccsc"
  | "sinh"
  | "cosh"
  | "tanh"
  | "coth"
  | "sech"
  | "csch"
  | "arcsinh"
  | "arccosh"
  | "arctanh"
  | "ln"
  /** A logarithm without a base: to base 10 or e. */
  | "log"
  | "exp"
  | "cis"
  | "abs"
  | "sgn"
  | "re"
  | "im"
  | "arg"
  | "floor"
  | "ceil"
  | "factorial"
  | "binomial"
  | "gcd"
  | "lcm"
  /** The remainder of a division; it has the sign of the divisor. */
  | "mod"
  /** A residue class: a value and its modulus. */
  | "residue"
  | "max"
  | "min";

/** How two sides of a relation stand to each other. */
export type RelationOperator =
  | "="
  | "<"
  | ">"
  | "<="
  | ">="
  | "!="
  | "~"
  | "in"
  | "notin"
  | "subset"
  | "supset"
  | "to";

/** The operators that bind a letter. */
export type Binder = "sum" | "product" | "integral" | "limit" | "limit+" | "limit-" | "derivative";

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
  /**
   * An operator that binds a letter. The last item is the body; before it stand the limits of a sum, product or
   * integral, if it has any, or the point of a limit.
   */
  | {
    readonly kind: "binder";
    readonly operator: Binder;
    readonly variable: string;
    readonly items: readonly Node[];
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
  | { readonly kind: "union" | "intersection" | "difference"; readonly items: readonly Node[] }
  /** A set by its description: what its elements look like, and the condition on them. */
  | { readonly kind: "builder"; readonly items: readonly [Node, Node] }
  /** A set of numbers that has a name. */
  | { readonly kind: "domain"; readonly name: string }
  /** A time of day in minutes after midnight; `half` is unset where neither a.m. nor p.m. is said. */
  | { readonly kind: "time"; readonly minutes: number; readonly half?: "am" | "pm" }
  | { readonly kind: "date"; readonly month: number; readonly day: number; readonly year?: number }
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
  if (node.kind === "number") return `${node.value.numerator}/${node.value.denominator}`;
  const { items: _, ...own } = { items: undefined, ...node };
  return JSON.stringify(own);
}

/** A text form that is equal exactly for identical trees; a key for maps. */
export function keyOf(node: Node): string {
  const inner = children(node).map(keyOf);
  return inner.length === 0 ? label(node) : `${label(node)}(${inner.join(",")})`;
}

/** The tree with a symbol replaced by another tree, except where the symbol is bound. */
export function substitute(node: Node, name: string, replacement: Node): Node {
  if (node.kind === "symbol") return node.name === name ? replacement : node;
  if (node.kind === "binder" && node.variable === name) return node;
  return mapChildren(node, (child) => substitute(child, name, replacement));
}

/** An answer with one choice of its signs. */
export function withSign(node: Node, sign: 1 | -1): Node {
  if (node.kind === "sign") return integerNode(node.flipped ? -sign : sign);
  return mapChildren(node, (child) => withSign(child, sign));
}

/** The names of the free symbols. */
export function freeSymbols(
  node: Node,
  bound: readonly string[] = [],
  found = new Set<string>(),
): Set<string> {
  if (node.kind === "symbol" && !bound.includes(node.name)) found.add(node.name);
  const inner = node.kind === "binder" ? [...bound, node.variable] : bound;
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
    case "time":
    case "date":
      return node.kind;
    case "intersection":
    case "difference":
    case "builder":
    case "domain":
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
