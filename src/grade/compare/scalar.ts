/**
 * Are two formulas equal? A ladder: identical trees, exact canonical forms, 64 digits or random points, rounding.
 *
 * @module
 */

import type { Complex } from "mathjs";
import { RandomStream } from "../../random.ts";
import {
  agree,
  Algebra,
  type Budget,
  type CanonicalForm,
  children,
  contains,
  distance,
  Evaluator,
  freeSymbols,
  identical,
  integerNode,
  isPrecise,
  magnitude,
  mapChildren,
  type Node,
  point,
  preciseNumber,
  quotient,
  TooLarge,
} from "../expression/mod.ts";
import type { Policy } from "./policy.ts";

/** What a comparison found, and by which method. */
export interface Comparison {
  /** Are the answers equal? */
  readonly equal: boolean;
  /** The rung of the ladder that decided. */
  readonly method: string;
}

/** What every comparison shares. */
export interface Context {
  /** Pays for all work on the pair. */
  readonly budget: Budget;
  /** The switches that decide what counts as equal. */
  readonly policy: Policy;
  /** Compares two answers of any type; the rules for parts of answers come back to it. */
  readonly compare: (gold: Node, answer: Node) => Comparison;
}

const NO_UNKNOWNS: ReadonlyMap<string, Complex> = new Map();
const TRIES = 24;
/** How far out the points lie, and on which side where both are looked at. */
const SCALES = [1, -27, 3, -1, 27, -9];
const ENOUGH = 6;
const FEWEST = 3;

/** Compares two formulas. */
export function compareScalars(gold: Node, answer: Node, context: Context): Comparison {
  if (identical(gold, answer)) return { equal: true, method: "identical" };
  if (gold.kind === "based" || answer.kind === "based") return compareBased(gold, answer, context);
  const signs = ["percent", "degree", "residue"] as const;
  for (const kind of signs) {
    const a = bare(gold, kind), b = bare(answer, kind);
    // 50 % is not 50°, although both may be 50.
    if ((a || b) && !(a && b) && signs.some((other) => other !== kind && bare(a ? answer : gold, other))) {
      continue;
    }
    if (!a && !b) continue;
    // Residues are compared as a whole: 7 mod 5 is 2 mod 5.
    if (a && b && kind !== "residue") return compareScalars(a, b, context);
    let stripped: Comparison = { equal: false, method: "exact" };
    if (context.policy.bareNumbers && !(a && b)) {
      // One allowance at a time: 5.10 % is not √26.
      const exactly = { ...context, policy: { ...context.policy, rounding: false } };
      stripped = compareScalars(a ?? gold, b ?? answer, exactly);
      // 2 is 17 (mod 5).
      if (!stripped.equal && kind === "residue") {
        stripped = compareScalars(remainder(gold), remainder(answer), context);
      }
    }
    if (stripped.equal) return { equal: true, method: `${kind} sign on one side` };
  }
  const isOpen = (node: Node): boolean => node.kind === "call" && node.name === "log";
  if (contains(gold, isOpen) || contains(answer, isOpen)) return compareOpenLogarithms(gold, answer, context);
  const exact = compareExactly(gold, answer, context);
  if (exact?.equal) return exact;
  const found = exact ?? compareNumerically(gold, answer, context);
  if (found?.equal) return found;
  if (context.policy.rounding && isRounded(gold, answer, context)) {
    return { equal: true, method: "rounded decimal" };
  }
  if (isTolerated(gold, answer, context)) return { equal: true, method: "within the tolerance" };
  return found ?? { equal: false, method: "undecided" };
}

/** The remainder of a residue class. */
function remainder(node: Node): Node {
  return node.kind === "call" && node.name === "residue" ? { ...node, name: "mod" } : node;
}

/** What stands under a percent or degree sign, or before a modulus. */
function bare(node: Node, kind: "percent" | "degree" | "residue"): Node | undefined {
  if (kind === "residue") return node.kind === "call" && node.name === "residue" ? node.items[0] : undefined;
  if (node.kind === kind) return node.items[0];
  // The minus sign of -45° stands outside.
  const [sign, inner] = node.kind === "product" && node.items.length === 2 ? node.items : [];
  return sign?.kind === "number" && inner?.kind === kind
    ? { kind: "product", items: [sign, inner.items[0]] }
    : undefined;
}

/** Reads logarithms without a base on both sides to base 10 and then to base e. */
function compareOpenLogarithms(gold: Node, answer: Node, context: Context): Comparison {
  const withBase = (node: Node, base: Node | undefined): Node => {
    if (node.kind !== "call" || node.name !== "log") {
      return mapChildren(node, (child) => withBase(child, base));
    }
    const natural: Node = { kind: "call", name: "ln", items: node.items.map((item) => withBase(item, base)) };
    return base ? quotient(natural, { kind: "call", name: "ln", items: [base] }) : natural;
  };
  const ten = integerNode(10);
  const common = compareScalars(withBase(gold, ten), withBase(answer, ten), context);
  if (common.equal || !context.policy.openLogarithms) return common;
  return compareScalars(withBase(gold, undefined), withBase(answer, undefined), context);
}

/** Numbers in a stated base: the digits must agree, and the bases where both are stated. */
function compareBased(gold: Node, answer: Node, context: Context): Comparison {
  if (gold.kind === "based" && answer.kind === "based") {
    return { equal: gold.digits === answer.digits && gold.base === answer.base, method: "digits in a base" };
  }
  const based = gold.kind === "based" ? gold : answer, other = gold.kind === "based" ? answer : gold;
  const digits = based.kind === "based" ? based.digits : "";
  const equal = context.policy.bareNumbers && other.kind === "number" && other.value.denominator === 1n &&
    other.value.numerator.toString() === digits;
  return { equal, method: "digits in a base" };
}

/** Compares canonical forms; `undefined` if they cannot decide. */
function compareExactly(gold: Node, answer: Node, { budget }: Context): Comparison | undefined {
  const algebra = new Algebra(budget);
  let a: CanonicalForm | undefined, b: CanonicalForm | undefined;
  try {
    a = algebra.form(gold);
    b = algebra.form(answer);
    const equal = algebra.equal(a, b);
    return equal === undefined ? undefined : { equal, method: "exact" };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** Compares values; `undefined` if too few points have one. */
function compareNumerically(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const symbols = [...new Set([...freeSymbols(gold), ...freeSymbols(answer)])].sort();
  if (symbols.length === 0) {
    // Doubles are a hundred times cheaper, and tell most numbers apart.
    if (agreesAt(gold, answer, NO_UNKNOWNS, false, context) === false) {
      return { equal: false, method: "doubles" };
    }
    const agrees = agreesAt(gold, answer, undefined, false, context);
    return agrees === undefined ? undefined : { equal: agrees, method: "64 digits" };
  }
  const { draw, branched } = pointDrawer(gold, answer);
  // First where all roots and logarithms are real; if that is nowhere, in the complex plane by their principal branch.
  for (const realOnly of branched ? [true, false] : [false]) {
    const stream = new RandomStream("grade");
    let valid = 0;
    for (let i = 0; i < TRIES && valid < ENOUGH; i++) {
      // Some points lie farther out, for domains such as x > 5 and for |x + 10|.
      const scale = SCALES[i % SCALES.length] as number;
      const unknowns = new Map(symbols.map((symbol) => [symbol, draw(stream, scale, symbol)]));
      const agrees = agreesAt(gold, answer, unknowns, realOnly, context);
      if (agrees === false) return { equal: false, method: "random points" };
      if (agrees) valid++;
    }
    if (valid >= FEWEST) {
      const confirmed = agreesPrecisely(gold, answer, symbols, context);
      return confirmed === false
        ? { equal: false, method: "64 digits at a point" }
        : { equal: true, method: "random points" };
    }
  }
  return undefined;
}

/**
 * Do two formulas agree to 64 digits at a point of positive fractions? Doubles cannot tell sin x from sin x + 10^-12.
 * `undefined` if a side has no real value there.
 */
function agreesPrecisely(
  gold: Node,
  answer: Node,
  symbols: readonly string[],
  { budget }: Context,
): boolean | undefined {
  try {
    const unknowns = new Map(symbols.map((symbol, i) => [symbol, preciseNumber(`${2 + i}.${7 + 2 * i}31`)]));
    const evaluator = new Evaluator(budget, unknowns);
    const a = evaluator.estimate(gold), b = evaluator.estimate(answer);
    return isPrecise(a.value) && isPrecise(b.value) ? agree(a, b) : undefined;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** Do two formulas agree at a point? `undefined` if one of them has no value there. */
function agreesAt(
  gold: Node,
  answer: Node,
  unknowns: ReadonlyMap<string, Complex> | undefined,
  realOnly: boolean,
  { budget }: Context,
): boolean | undefined {
  try {
    const evaluator = new Evaluator(budget, unknowns);
    evaluator.realOnly = realOnly;
    const a = evaluator.estimate(gold), b = evaluator.estimate(answer);
    return isFinite(magnitude(a.value)) && isFinite(magnitude(b.value)) ? agree(a, b) : undefined;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/**
 * Where to look: naturals for factorials, positive reals for roots and logarithms (answers mean the real branch), reals
 * of both signs for absolute values, the complex plane for the rest.
 */
function pointDrawer(
  gold: Node,
  answer: Node,
): { draw: (stream: RandomStream, scale: number, name: string) => Complex; branched: boolean } {
  const has = (condition: (node: Node) => boolean): boolean =>
    contains(gold, condition) || contains(answer, condition);
  const calls = (...names: string[]): boolean =>
    has((node) => node.kind === "call" && names.includes(node.name));
  const real = (stream: RandomStream): number => 0.3 + 2.2 * stream.uniform();
  const sign = (stream: RandomStream): number => stream.uniform() < 0.5 ? -1 : 1;
  const branched =
    calls("ln", "arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc", "arcsinh", "arccosh") ||
    calls("arctanh", "arg") || has((node) => node.kind === "power" && !isIntegerExponent(node.items[1]));
  const isDiscrete = (
    node: Node,
  ): boolean => (node.kind === "call" && ["factorial", "binomial", "mod", "gcd", "lcm"].includes(node.name));
  const discrete = new Set<string>();
  const collect = (node: Node): void => {
    if (node.kind === "binder") {
      for (const limit of node.items.slice(0, -1)) for (const name of freeSymbols(limit)) discrete.add(name);
      collect(node.items.at(-1) as Node);
    } else if (isDiscrete(node)) { for (const name of freeSymbols(node)) discrete.add(name); }
    else children(node).forEach(collect);
  };
  collect(gold);
  collect(answer);
  const signed = calls("abs", "floor", "ceil", "max", "min", "sgn");
  const plane = calls("re", "im", "arg");
  const draw = (stream: RandomStream, scale: number, name: string): Complex => {
    if (discrete.has(name)) return point(stream.integer(2, 30));
    if (plane) return point(sign(stream) * real(stream), sign(stream) * real(stream));
    if (signed) return point(scale * real(stream));
    if (branched) return point(Math.abs(scale) * real(stream));
    return point(sign(stream) * real(stream), sign(stream) * real(stream) / 2);
  };
  return { draw, branched: branched && !plane };
}

/** Is an exponent written as an integer? */
function isIntegerExponent(node: Node): boolean {
  if (node.kind === "number") return node.value.denominator === 1n;
  return node.kind === "product" && node.items.every(isIntegerExponent);
}

/** How many decimals a number shows, if it is a decimal; those of a percentage are counted as a share of 1. */
function decimalsOf(node: Node): number | undefined {
  if (node.kind === "number") return node.decimals;
  if (node.kind === "percent") {
    const inner = decimalsOf(node.items[0]);
    return inner === undefined ? undefined : inner + 2;
  }
  if (node.kind === "product" && node.items.length === 2 && node.items[0]?.kind === "number") {
    return node.items[0].value.numerator === -1n && node.items[1] ? decimalsOf(node.items[1]) : undefined;
  }
  return undefined;
}

/** How many digits of a decimal are significant. */
function significantDigits(node: Node): number {
  if (node.kind !== "number") return "items" in node ? Math.max(0, ...node.items.map(significantDigits)) : 0;
  const { numerator, denominator } = node.value;
  const digits = numerator * 10n ** BigInt(node.decimals ?? 0) / denominator;
  return digits === 0n ? 0 : (digits < 0n ? -digits : digits).toString().length;
}

/**
 * Is one side a decimal and the other an exact number that rounds to it? The gold decimal needs two places (three if
 * the exact number contains π or e), an answered decimal three, and an answered decimal is never π or e.
 */
function isRounded(gold: Node, answer: Node, { budget }: Context): boolean {
  const goldPlaces = decimalsOf(gold), answerPlaces = decimalsOf(answer);
  if (goldPlaces !== undefined && answerPlaces !== undefined) {
    // 0.30000000000000004 is how floating-point arithmetic prints 0.3.
    const printed = Math.max(significantDigits(gold), significantDigits(answer)) >= 16;
    return printed && within(gold, answer, 0, budget, 1e-15);
  }
  if ((goldPlaces === undefined) === (answerPlaces === undefined)) return false;
  const exact = goldPlaces === undefined ? gold : answer, decimal = goldPlaces === undefined ? answer : gold;
  if (significantDigits(decimal) < 2) return false;
  const transcendental = contains(exact, (node) => node.kind === "constant");
  if (transcendental && goldPlaces === undefined) return false;
  // An angle in degrees is no decimal in radians, and what was computed from decimals is not exact.
  if (contains(exact, ({ kind }) => kind === "degree")) return false;
  const fewest = goldPlaces === undefined || transcendental ? 3 : 2;
  const places = goldPlaces ?? answerPlaces ?? 0;
  const isExact = !contains(exact, (node) => node.kind === "number" && node.decimals !== undefined);
  if (places < (isExact ? fewest : 6) || freeSymbols(exact).size > 0) return false;
  return within(gold, answer, 0.5 * 10 ** -places * (1 + 1e-9), budget);
}

/** Do two numbers differ by no more than the policy's tolerances? */
function isTolerated(gold: Node, answer: Node, { budget, policy }: Context): boolean {
  if (policy.tolerance <= 0 && policy.relativeTolerance <= 0) return false;
  if (freeSymbols(gold).size + freeSymbols(answer).size > 0) return false;
  return within(gold, answer, policy.tolerance, budget, policy.relativeTolerance);
}

/** Do two numbers differ by no more than a tolerance, or a share of the first? */
function within(gold: Node, answer: Node, tolerance: number, budget: Budget, share = 0): boolean {
  try {
    // What differs by far in doubles needs no more digits.
    const doubles = new Evaluator(budget, NO_UNKNOWNS), rough = doubles.value(gold);
    const apart = magnitude(distance(rough, doubles.value(answer))), size = magnitude(rough);
    if (apart > 2 * Math.max(tolerance, share * size) + 1e-9 * size) return false;
    const evaluator = new Evaluator(budget);
    const a = evaluator.value(gold), b = evaluator.value(answer);
    return magnitude(distance(a, b)) <= Math.max(tolerance, share * magnitude(a));
  } catch (error) {
    if (error instanceof TooLarge) return false;
    throw error;
  }
}
