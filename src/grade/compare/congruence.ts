/**
 * Classes of residues: `x ≡ 3 (mod 7)` and `x = 7k + 3`.
 *
 * @module
 */

import { Algebra, freeSymbols, isInteger, type Node, TooLarge } from "../expression/mod.ts";
import type { Comparison, Context } from "./scalar.ts";

/** A class of residues, and the letter that is said to be in it. */
interface ResidueClass {
  readonly name: string | undefined;
  readonly residue: bigint;
  readonly modulus: bigint;
  /** Is it written with a modulus, rather than as multiples of a letter? */
  readonly stated: boolean;
}

/** Compares a class with a modulus to one of multiples; `undefined` if the sides are no such pair. */
export function compareClasses(gold: Node, answer: Node, context: Context): Comparison | undefined {
  if (!showsModulus(gold) && !showsModulus(answer)) return undefined;
  const a = classOf(gold, context), b = classOf(answer, context);
  if (!a || !b || a.stated === b.stated) return undefined;
  const sameName = a.name === undefined || b.name === undefined || a.name === b.name;
  const equal = sameName && a.modulus === b.modulus && (a.residue - b.residue) % a.modulus === 0n;
  return { equal, method: "class of residues" };
}

const isResidue = (node: Node | undefined): boolean => node?.kind === "call" && node.name === "residue";

function showsModulus(node: Node): boolean {
  return isResidue(node) || (node.kind === "relation" && node.items.length === 2 && isResidue(node.items[1]));
}

function classOf(node: Node, context: Context): ResidueClass | undefined {
  if (node.kind === "relation") {
    const [left, right] = node.items;
    if (node.items.length !== 2 || node.operators[0] !== "=" || left?.kind !== "symbol" || !right) {
      return undefined;
    }
    const found = classOf(right, context);
    return found && found.name === undefined ? { ...found, name: left.name } : undefined;
  }
  if (node.kind === "call" && node.name === "residue") {
    const [value, modulus] = node.items;
    if (value?.kind !== "number" || modulus?.kind !== "number" || !isInteger(value) || !isInteger(modulus)) {
      return undefined;
    }
    const size = modulus.value.numerator;
    return size > 1n
      ? { name: undefined, residue: value.value.numerator, modulus: size, stated: true }
      : undefined;
  }
  return multiplesOf(node, context);
}

/** `7k + 3` as a class: whole multiples of one letter. */
function multiplesOf(node: Node, { budget }: Context): ResidueClass | undefined {
  const [letter, ...others] = freeSymbols(node);
  if (letter === undefined || others.length > 0) return undefined;
  try {
    const { numerator, denominator, opaque } = new Algebra(budget).form(node);
    if (opaque || denominator.size !== 1 || !denominator.has("")) return undefined;
    let residue = 0n, modulus = 0n;
    for (const { coefficient, powers } of numerator.values()) {
      const degree = powers.get(letter) ?? 0;
      if (
        coefficient.denominator !== 1n || powers.size > 1 || degree > 1 || (powers.size === 1 && degree === 0)
      ) {
        return undefined;
      }
      if (degree === 1) modulus = coefficient.numerator;
      else residue = coefficient.numerator;
    }
    const size = modulus < 0n ? -modulus : modulus;
    return size > 1n ? { name: undefined, residue, modulus: size, stated: false } : undefined;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}
