/**
 * Conditions beside an answer: `2n + 1, n ≥ 1`, `x + 2 (x ≠ 1)`, `kπ, k = 0, ±1, …`.
 *
 * @module
 */

import { freeSymbols, type Node, type RelationOperator } from "../../expression/mod.ts";

/** An answer without its conditions. */
export interface Conditioned {
  /** What is left: one item, or several. */
  readonly items: readonly Node[];
  /** The letters that are only said to be whole numbers, reals and so on, or to count. */
  readonly declared: readonly string[];
  /** The conditions on letters of the answer. */
  readonly conditions: readonly Node[];
}

/** The signs that set a condition. */
const LIMITING: ReadonlySet<RelationOperator> = new Set(["<", ">", "<=", ">=", "!=", "in", "notin"]);

/** Does `k ∈ ℤ` only say what a letter is? */
export function isDeclaration(node: Node): boolean {
  const [name, domain] = node.kind === "relation" && node.operators[0] === "in" ? node.items : [];
  const isDomain = domain?.kind === "domain" || (domain?.kind === "symbol" && /^[ZNRQC]$/.test(domain.name));
  return name?.kind === "symbol" && isDomain;
}

/** Is a node the sign "…"? */
const isEllipsis = (node: Node | undefined): boolean => node?.kind === "symbol" && node.name === "...";

/**
 * Parts the items of a list into answers and what is said about their letters. What is an inequality itself has no
 * conditions: `x > 1, x < 3` is a region.
 */
export function partConditions(all: readonly Node[]): Conditioned {
  const [main] = all;
  const isRegion = main?.kind === "relation" && main.operators.some((operator) => LIMITING.has(operator));
  const items: Node[] = [], declared: string[] = [], conditions: Node[] = [];
  const letters = new Set<string>();
  const keep = (item: Node): void => {
    items.push(item);
    freeSymbols(item, [], letters);
  };
  for (let at = 0; at < all.length; at++) {
    const item = all[at] as Node;
    const names = item.kind === "relation"
      ? item.items.flatMap((side) => side.kind === "symbol" ? [side.name] : [])
      : [];
    const [name] = names;
    if (item.kind === "relation" && name !== undefined && isDeclaration(item)) declared.push(name);
    else if (at === 0 || item.kind !== "relation" || name === undefined) keep(item);
    else if (item.operators[0] === "=") {
      // "n = 1, 2, …" counts.
      const end = all.findIndex((other, i) => i > at && isEllipsis(other));
      const counts = end > at && letters.has(name) &&
        all.slice(at + 1, end).every((other) => freeSymbols(other).size === 0);
      if (!counts) keep(item);
      else {
        declared.push(name);
        at = end;
      }
    } else if (
      !isRegion && names.some((letter) => letters.has(letter)) &&
      item.operators.every((operator) => LIMITING.has(operator))
    ) conditions.push(item);
    else keep(item);
  }
  return { items, declared, conditions };
}
