/**
 * Forms that a problem asks for: multiplied out, or factored as far as the gold answer.
 *
 * @module
 */

import { contains, freeSymbols, type Node } from "../expression/mod.ts";
import { integerOf } from "./numeral.ts";
import { factorsOf, unsigned } from "./shape.ts";

/** Is a node a sum with letters in it? */
function isLetterSum(node: Node): boolean {
  return node.kind === "sum" && freeSymbols(node).size > 0;
}

/** Is something left to be multiplied out: a sum as a factor, or as the base of a power? */
export function isUnexpanded(node: Node): boolean {
  return contains(node, (part) => {
    if (part.kind === "product") return factorsOf(part).some(isLetterSum);
    const exponent = part.kind === "power" ? integerOf(part.items[1]) : undefined;
    return part.kind === "power" && isLetterSum(part.items[0]) && exponent !== undefined && exponent > 1n;
  });
}

/** How many factors with letters a product has, each as often as its power says. */
function factorCount(node: Node): number {
  return factorsOf(unsigned(node)).reduce((count, factor) => {
    if (freeSymbols(factor).size === 0) return count;
    const exponent = factor.kind === "power" ? integerOf(factor.items[1]) : undefined;
    return count + (exponent !== undefined && exponent > 0n && exponent < 1000n ? Number(exponent) : 1);
  }, 0);
}

/** Has a product fewer factors than the gold answer? */
export function isUnfactored(node: Node, gold: Node): boolean {
  return factorCount(node) < factorCount(gold);
}
