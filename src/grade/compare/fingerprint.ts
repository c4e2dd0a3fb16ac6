/**
 * What an answer is worth at a fixed point: two items whose fingerprints differ are not equal, so that a list need not
 * compare every item with every other.
 *
 * @module
 */

import {
  agree,
  type Budget,
  contains,
  type Estimate,
  Evaluator,
  freeSymbols,
  magnitude,
  negative,
  type Node,
  point,
  TooLarge,
} from "../expression/mod.ts";

/** The values of an item's parts at a point; items of another kind or length cannot be told apart by it. */
export interface Fingerprint {
  /** What the values are of: one value, a tuple's entries, or an equation up to a factor. */
  readonly kind: string;
  /** The values. */
  readonly values: readonly Estimate[];
}

/** Signs that may be left out, or decimals that may be rounded: their value says too little. */
const LOOSE: ReadonlySet<Node["kind"]> = new Set([
  "percent",
  "degree",
  "quantity",
  "based",
  "sign",
  "text",
  "ratio",
]);

/** Two points of positive numbers for any letter, by its place in the alphabet of letters. */
const POINTS = [[1.37, 0.61], [2.29, 0.83]] as const;

function valueAt(node: Node, names: readonly string[], place: 0 | 1, budget: Budget): Estimate {
  const [start, step] = POINTS[place];
  const unknowns = new Map(names.map((name) => [name, point(start + step * (hash(name) % 97) / 31)]));
  const estimate = new Evaluator(budget, unknowns).estimate(node);
  if (!isFinite(magnitude(estimate.value))) throw new TooLarge("Cannot use a value that is not finite");
  return estimate;
}

function hash(name: string): number {
  let result = 7;
  for (let i = 0; i < name.length; i++) result = (result * 31 + name.charCodeAt(i)) % 1_000_003;
  return result;
}

/**
 * The fingerprint of an item; nothing where a value says too little about it.
 *
 * @param exact Must decimals be equal exactly?
 */
export function fingerprintOf(node: Node, exact: boolean, budget: Budget): Fingerprint | undefined {
  const isLoose = (part: Node): boolean =>
    LOOSE.has(part.kind) || (part.kind === "number" && part.decimals !== undefined && !exact) ||
    (part.kind === "call" && (part.name === "residue" || part.name === "log"));
  if (contains(node, isLoose)) return undefined;
  const names = [...freeSymbols(node)];
  try {
    if (node.kind === "relation") {
      const [left, right] = node.items;
      if (node.items.length !== 2 || node.operators[0] !== "=" || names.length === 0 || !left || !right) {
        return undefined;
      }
      const difference: Node = { kind: "sum", items: [left, negative(right)] };
      const [a, b] = ([0, 1] as const).map((place) => valueAt(difference, names, place, budget));
      if (!a || !b || magnitude(b.value) < 1e-6) return undefined;
      // A factor changes both values, not their quotient.
      const quotient: Node = { kind: "product", items: [A, { kind: "power", items: [B, MINUS_ONE] }] };
      const evaluator = new Evaluator(budget, new Map([["a", a.value], ["b", b.value]]));
      const { value } = evaluator.estimate(quotient);
      return { kind: "equation", values: [{ value, error: Math.max(a.error, b.error, -12) }] };
    }
    if (node.kind === "bracket" && node.open === "(" && node.close === ")") {
      return { kind: "tuple", values: node.items.map((item) => valueAt(item, names, 0, budget)) };
    }
    return { kind: "value", values: [valueAt(node, names, 0, budget)] };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

const A: Node = { kind: "symbol", name: "a" };
const B: Node = { kind: "symbol", name: "b" };
const MINUS_ONE: Node = { kind: "number", value: { numerator: -1n, denominator: 1n } };

/** Do two fingerprints prove that their items differ? */
export function tellApart(a: Fingerprint | undefined, b: Fingerprint | undefined): boolean {
  if (!a || !b || a.kind !== b.kind) return false;
  if (a.values.length !== b.values.length) return a.kind === "tuple";
  return a.values.some((value, i) => agree(value, b.values[i] as Estimate) === false);
}
