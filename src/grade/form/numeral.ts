/**
 * Rational numbers as they are written when nothing is left to compute.
 *
 * @module
 */

import { integerNode, type Node, type Rational } from "../expression/mod.ts";
import type { FormRules } from "./rules.ts";
import { denominatorOf, operationsOf, sizeOf, unsigned } from "./shape.ts";

/** A number with more digits than this may be left as a product, power, factorial or binomial coefficient. */
export const MOST_DIGITS = 12;

/** Operations of numbers that are too long to be written out. */
const OF_LONG_NUMBERS: ReadonlySet<string> = new Set(["sum", "product", "power", "factorial", "binomial"]);

/** The integer that a literal is, with its sign. */
export function integerOf(node: Node): bigint | undefined {
  const bare = unsigned(node);
  if (bare.kind !== "number" || bare.decimals !== undefined || bare.value.denominator !== 1n) {
    return undefined;
  }
  return bare === node ? bare.value.numerator : -bare.value.numerator;
}

/** Is a node digits: an integer, a decimal, a number in a base, or one of them with a percent or degree sign? */
export function isDigits(node: Node): boolean {
  const bare = unsigned(node);
  if (bare.kind === "percent" || bare.kind === "degree") return isDigits(bare.items[0]);
  return bare.kind === "number" || bare.kind === "based" ||
    bare.kind === "constant" && bare.name === "infinity";
}

/** Is a node an integer, or a quotient of two, to the power of an integer, as in 2^{10}? */
function isPower(node: Node): boolean {
  if (node.kind !== "power") return false;
  const size = (part: Node): bigint => {
    const value = integerOf(part) ?? 0n;
    return value < 0n ? -value : value;
  };
  const [base, exponent] = node.items, parts = quotientOf(unsigned(base));
  const hasBase = size(base) > 1n || parts?.every((part) => size(part) > 0n) === true;
  return hasBase && size(exponent) > 1n;
}

/** Numerator and denominator of a quotient that is written as one. */
function quotientOf(node: Node): readonly [Node, Node] | undefined {
  const [top, reciprocal, ...more] = node.kind === "product" ? node.items : [integerNode(1), node];
  const bottom = reciprocal && denominatorOf(reciprocal);
  return top && bottom && more.length === 0 ? [top, bottom] : undefined;
}

/** Is a node a quotient of integers that is no integer itself? */
function isFraction(node: Node, value: Rational | undefined, { reduced }: FormRules): boolean {
  const parts = quotientOf(node);
  if (!parts || value?.denominator === 1n) return false;
  const [top, bottom] = parts.map(integerOf);
  if (top !== undefined && bottom !== undefined) {
    return reduced === "free" || value?.denominator === (bottom < 0n ? -bottom : bottom);
  }
  return parts.every((part) => integerOf(part) !== undefined || isPower(unsigned(part)));
}

/** Is a node 6.02 · 10^{23}? */
function isScientific(node: Node): boolean {
  const [digits, power, ...more] = node.kind === "product" ? node.items : [];
  return digits !== undefined && isDigits(digits) && power?.kind === "power" && more.length === 0 &&
    integerOf(power.items[0]) === 10n && integerOf(power.items[1]) !== undefined;
}

/** Is a node a mixed number, such as 2½? */
function isMixed(node: Node): boolean {
  if (node.kind !== "sum" || node.items.length !== 2) return false;
  const [whole, part] = node.items;
  return whole !== undefined && integerOf(whole) !== undefined && part?.kind === "number" &&
    part.decimals === undefined && part.value.denominator !== 1n;
}

/** Has a number so many digits that it need not be written out? */
function isLong(value: Rational | undefined): boolean {
  const limit = 10n ** BigInt(MOST_DIGITS);
  if (!value) return false;
  const { numerator, denominator } = value;
  return numerator >= limit || numerator <= -limit || denominator >= limit;
}

/**
 * Is a node a rational number in one of its forms: digits, a quotient of integers, a mixed number, a power of integers,
 * scientific notation; for a long number also products, factorials and binomial coefficients?
 *
 * @param value Its value; undefined where that is too large to be computed.
 */
export function isNumeral(node: Node, value: Rational | "long" | undefined, rules: FormRules): boolean {
  const bare = unsigned(node), known = value === "long" ? undefined : value;
  if (isDigits(bare)) return true;
  if (rules.wanted === "decimal") return false;
  if (isFraction(bare, known, rules) || isMixed(bare) || isPower(bare) || isScientific(bare)) return true;
  if (value !== "long" && !isLong(known)) return false;
  return [...operationsOf(bare)].every((name) => OF_LONG_NUMBERS.has(name)) && sizeOf(bare) <= LONGEST_LONG;
}

/** The most operations in which a long number may be written. */
const LONGEST_LONG = 8;
