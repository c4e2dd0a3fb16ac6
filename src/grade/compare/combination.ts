/**
 * Combinations and arrangements in the notations that are products or powers of letters otherwise: C(5, 2), C_5^2, 5C2,
 * A_5^2, P(5, 2). They are read so only beside a side without such letters.
 *
 * @module
 */

import { children, contains, freeSymbols, integerNode, mapChildren, type Node } from "../expression/mod.ts";

type Letter = "C" | "A" | "P";

/** The letter of a symbol that may count choices, without its subscript. */
function letterOf(node: Node | undefined): Letter | undefined {
  const name = node?.kind === "symbol" ? node.name.replace(/_.*$/, "") : "";
  return name === "C" || name === "A" || name === "P" ? name : undefined;
}

/** n over k, or n! / (n - k)!. */
function counted(letter: Letter, n: Node, k: Node): Node {
  const factorial = (node: Node): Node => ({ kind: "call", name: "factorial", items: [node] });
  const binomial: Node = { kind: "call", name: "binomial", items: [n, k] };
  return letter === "C" ? binomial : { kind: "product", items: [binomial, factorial(k)] };
}

/** The subscript of a symbol as a number or a letter. */
function subscriptOf(node: Node): Node | undefined {
  const [found, digits, letter] = node.kind === "symbol" ? /_(\d{1,4})?([a-z])?$/.exec(node.name) ?? [] : [];
  const parts: Node[] = [
    ...digits === undefined ? [] : [integerNode(BigInt(digits))],
    ...letter === undefined ? [] : [{ kind: "symbol", name: letter } as const],
  ];
  if (found === undefined || parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : { kind: "product", items: parts };
}

/** C_5^2, and C^5_2 as some write it: the larger number is above. */
function fromPower(node: Node & { kind: "power" }): Node | undefined {
  const [base, upper] = node.items, letter = letterOf(base), lower = subscriptOf(base);
  if (!letter || !lower) return undefined;
  if (lower.kind === "number" && upper.kind === "number") {
    const swapped = lower.value.numerator < upper.value.numerator;
    return swapped && letter !== "C"
      ? undefined
      : swapped
      ? counted(letter, upper, lower)
      : counted(letter, lower, upper);
  }
  if (upper.kind !== "number" && upper.kind !== "symbol") return undefined;
  const swapped = upper.kind === "symbol" && /^[nN]$/.test(upper.name) && !freeSymbols(lower).has(upper.name);
  return swapped ? counted(letter, upper, lower) : counted(letter, lower, upper);
}

/** C(5, 2) within a product, and 5C2. */
function fromProduct(node: Node & { kind: "product" }): Node | undefined {
  const items = [...node.items];
  for (let at = 0; at < items.length; at++) {
    const letter = letterOf(items[at]), next = items[at + 1], before = items[at - 1];
    if (!letter || !next) continue;
    if (next.kind === "bracket" && next.open === "(" && next.close === ")" && next.items.length === 2) {
      items.splice(at, 2, counted(letter, next.items[0] as Node, next.items[1] as Node));
    } else if (before?.kind === "number" && next.kind === "number" && items[at]?.kind === "symbol") {
      items.splice(at - 1, 3, counted(letter, before, next));
      at--;
    }
  }
  if (items.length === node.items.length) return undefined;
  return items.length === 1 ? items[0] : { kind: "product", items };
}

/** The tree with its combinations as binomials. */
function rewritten(node: Node): Node {
  const own = node.kind === "power"
    ? fromPower(node)
    : node.kind === "product"
    ? fromProduct(node)
    : undefined;
  return own ? mapChildren(own, rewritten) : mapChildren(node, rewritten);
}

/** Does a formula hold a letter that may count choices? */
function mayCount(node: Node): boolean {
  return letterOf(node) !== undefined || children(node).some(mayCount);
}

/** A side with its combinations as such, if the other side names none of these letters, and is no point. */
export function withCombinations(node: Node, other: Node): Node {
  if (!mayCount(node) || mayCount(other) || other.kind === "bracket" || other.kind === "matrix") return node;
  const result = rewritten(node);
  const counts = contains(result, ({ kind }) => kind === "call");
  return counts && [...freeSymbols(result)].every((name) => letterOf({ kind: "symbol", name }) === undefined)
    ? result
    : node;
}
