/**
 * What is left to do in a formula: numbers to add or multiply, like terms, functions with a known value.
 *
 * @module
 */

import {
  type Budget,
  children,
  type FunctionName,
  keyOf,
  magnitude,
  type Node,
  type Rational,
  rational,
  textOf,
} from "../expression/mod.ts";
import { integerOf, isDigits, isNumeral } from "./numeral.ts";
import type { FormRules } from "./rules.ts";
import { denominatorOf, factorsOf, isConstant, operationOf, rootOf, unsigned } from "./shape.ts";
import type { Values } from "./values.ts";

/** What every inspection of one pair shares. */
export interface Inspection {
  /** The switches. */
  readonly rules: FormRules;
  /** Pays for the work. */
  readonly budget: Budget;
  /** Computes values. */
  readonly values: Values;
  /** The operations of the gold answer: what it has, an answer may have. */
  readonly allowed: ReadonlySet<string>;
  /** The keys of the gold answer's parts: they are final. */
  readonly parts: ReadonlySet<string>;
}

/** Functions that have a value wherever their arguments are numbers. */
const COMPUTABLE: ReadonlySet<FunctionName> = new Set(
  [
    "floor",
    "ceil",
    "gcd",
    "lcm",
    "mod",
    "residue",
    "max",
    "min",
    "abs",
    "sgn",
    "re",
    "im",
    "arg",
    "factorial",
    "binomial",
  ] as const,
);

/** What is left to do in a formula, in words; `undefined` if nothing is. */
export function leftIn(node: Node, inspection: Inspection): string | undefined {
  const { values, rules, budget, parts, allowed } = inspection;
  budget.spend(10);
  const bare = unsigned(node);
  if (bare.kind === "symbol" || isDigits(bare) || parts.has(keyOf(bare))) return undefined;
  const own = operationOf(bare), isAllowed = own !== undefined && allowed.has(own);
  if (isConstant(bare) && bare.kind !== "sign" && !(bare.kind === "call" && isAllowed)) {
    const value = values.rational(bare);
    if (value !== undefined && value !== "long") {
      return isNumeral(bare, value, rules) ? undefined : "a number in it is not worked out";
    }
  }
  if (bare.kind === "binder" && !isAllowed) return `the ${own} is not worked out`;
  const found = bare.kind === "sum"
    ? inSum(bare.items, inspection)
    : bare.kind === "product"
    ? inProduct(factorsOf(bare), inspection)
    : bare.kind === "power"
    ? inPower(bare, inspection)
    : bare.kind === "call"
    ? inCall(bare, inspection)
    : undefined;
  if (found !== undefined) return found;
  for (const child of bare.kind === "product" ? factorsOf(bare) : children(bare)) {
    const left = leftIn(child, inspection);
    if (left !== undefined) return left;
  }
  return undefined;
}

/** Is a term a bracket with a single factor before or below it, such as 2(x + 3)? A square stays as it is. */
function isSpread(term: Node): boolean {
  const factors = factorsOf(unsigned(term));
  return factors.filter(({ kind }) => kind === "sum").length === 1 &&
    factors.every((factor) => factor.kind !== "power" || factor.items[0].kind !== "sum");
}

/** Numbers to add, like terms to collect, terms that cancel. */
function inSum(items: readonly Node[], { values }: Inspection): string | undefined {
  const single = new Set<string>(), total = new Map<string, { count: number; sum: number }>();
  for (const item of items) {
    const form = values.form(item);
    if (form === "long") continue;
    const terms = [...form.numerator], below = textOf(form.denominator);
    for (const [key, { coefficient }] of terms) {
      const name = `${key} / ${below}`;
      const known = total.get(name) ?? { count: 0, sum: 0 };
      const share = Number(coefficient.numerator) / Number(coefficient.denominator);
      total.set(name, { count: known.count + 1, sum: known.sum + share });
      if (terms.length > 1 && !isSpread(item)) continue;
      if (single.has(name)) {
        return key === "" ? "numbers in it are not added" : "like terms are not collected";
      }
      single.add(name);
    }
  }
  // Without letters a sum such as e^{ix} + e^{-ix} is two terms, whatever cancels in its canonical form.
  const cancels = !items.every(isConstant) &&
    [...total.values()].some(({ count, sum }) => count > 1 && sum === 0);
  return cancels ? "terms in it cancel" : undefined;
}

/** Is a node a number other than 1 and -1? */
function isFactor(node: Node): boolean {
  const value = integerOf(node);
  return node.kind === "number" && value !== 1n && value !== -1n;
}

/** Numbers, fractions, roots and powers to multiply. */
function inProduct(factors: readonly Node[], inspection: Inspection): string | undefined {
  const { rules, budget } = inspection;
  const below = factors.flatMap((factor) => denominatorOf(factor) ?? []);
  const above = factors.filter((factor) => denominatorOf(factor) === undefined);
  if (above.filter(isFactor).length > 1 || below.filter(isFactor).length > 1) {
    return "numbers in it are not multiplied";
  }
  if (factors.length > 1 && factors.some(({ kind }) => kind === "percent")) {
    return "a percentage is not taken";
  }
  const roots = above.flatMap((factor) => {
    const root = rootOf(factor);
    return root && isConstant(factor) ? [root.degree] : [];
  });
  if (new Set(roots).size < roots.length) return "roots in it are not multiplied";
  const sums = above.filter((factor) => factor.kind === "sum" && isConstant(factor));
  if (sums.length > 1) return "sums in it are not multiplied out";
  const bases = factors.flatMap((factor) => {
    const [base, exponent] = factor.kind === "power" ? factor.items : [factor, undefined];
    const isLetter = base.kind === "symbol" || base.kind === "constant";
    return isLetter && (!exponent || integerOf(exponent) !== undefined) ? [keyOf(base)] : [];
  });
  if (new Set(bases).size < bases.length) return "powers of one letter are not collected";
  if (rules.reduced === "free") return undefined;
  const [top, bottom] = [above, below].map((side) => side.map(integerOf).find((n) => n !== undefined));
  if (top !== undefined && bottom !== undefined && bottom !== 0n) {
    const { denominator } = rational(top, bottom, budget);
    if (denominator !== (bottom < 0n ? -bottom : bottom)) return "it is not in lowest terms";
  }
  return below.some((part) => rootOf(part) && isConstant(part)) ? "a root stands below a line" : undefined;
}

/** The largest number whose square is looked for under a root. */
const LARGEST_SQUARE = 1000n;

/** Has a number a factor that a root of this degree lets out? */
function hasPerfectFactor({ numerator, denominator }: Rational, degree: bigint): boolean {
  if (denominator !== 1n) return true;
  const size = numerator < 0n ? -numerator : numerator;
  for (let base = 2n; base <= LARGEST_SQUARE && base ** degree <= size; base++) {
    if (size % base ** degree === 0n) return true;
  }
  return false;
}

/** Powers to multiply out, roots to draw. */
function inPower(node: Node & { kind: "power" }, { rules, values }: Inspection): string | undefined {
  const [base, exponent] = node.items;
  const times = integerOf(exponent), isPower = times !== undefined && (times > 1n || times < -1n);
  if (isPower && base.kind === "constant" && base.name === "i") return "a power of i is not worked out";
  if (isPower && base.kind === "sum" && isConstant(base)) return "a power of a sum is not multiplied out";
  const root = rootOf(node);
  if (!root || rules.reduced === "free" || !isConstant(root.radicand) || root.degree > 64n) return undefined;
  const value = values.rational(root.radicand);
  if (value === undefined || value === "long") return undefined;
  return hasPerfectFactor(value, root.degree) ? "a factor can be drawn from under the root" : undefined;
}

/** The denominators of the multiples of π whose sine and cosine are known. */
const KNOWN_ANGLES: ReadonlySet<bigint> = new Set([1n, 2n, 3n, 4n, 6n]);

/** Functions of angles, and their inverses with the arguments at which they are known. */
const ANGLES: ReadonlySet<FunctionName> = new Set(["sin", "cos", "tan", "cot", "sec", "csc", "cis"]);
const HALVES = [0, 0.5, 1, Math.SQRT1_2, Math.sqrt(3) / 2], SLOPES = [0, 1, Math.sqrt(3), Math.sqrt(1 / 3)];
const INVERSES: Readonly<Partial<Record<FunctionName, readonly number[]>>> = {
  arcsin: HALVES,
  arccos: HALVES,
  arctan: SLOPES,
  arccot: SLOPES,
};

/** Functions whose value is known. */
function inCall(node: Node & { kind: "call" }, { allowed, values }: Inspection): string | undefined {
  const own = operationOf(node) ?? node.name, [argument] = node.items;
  if (allowed.has(own) || !argument || !node.items.every(isConstant)) return undefined;
  const left = `the ${own} is not worked out`;
  if (COMPUTABLE.has(node.name)) return left;
  if (ANGLES.has(node.name)) return isKnownAngle(argument, values) ? left : undefined;
  const known = INVERSES[node.name], value = known && values.approximate(argument);
  if (known && value !== undefined) {
    const size = magnitude(value);
    return known.some((one) => Math.abs(one - size) < 1e-9) ? left : undefined;
  }
  const [base] = argument.kind === "power" ? argument.items : [argument];
  return node.name === "ln" && base.kind === "constant" && base.name === "e" ? left : undefined;
}

/** Is a formula a multiple of π whose sine and cosine are known? */
function isKnownAngle(node: Node, values: Values): boolean {
  const form = values.form(node);
  if (form === "long" || form.numerator.size !== 1 || form.denominator.size !== 1) return false;
  const [term] = [...form.numerator.values()];
  return term !== undefined && term.powers.size === 1 && term.powers.get(" pi") === 1 &&
    KNOWN_ANGLES.has(term.coefficient.denominator);
}
