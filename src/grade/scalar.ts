/**
 * Are two formulas equal? A ladder: identical trees, exact canonical forms, 64 digits or random points, rounding.
 *
 * @module
 */

import type { Complex } from "mathjs";
import { RandomStream } from "../random.ts";
import { Algebra, type CanonicalForm } from "./algebra.ts";
import { type Budget, TooLarge } from "./budget.ts";
import { contains, freeSymbols, identical, type Node } from "./expression.ts";
import { disagreement, Evaluator, magnitude, point } from "./numeric.ts";
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
}

const TRIES = 12;
const ENOUGH = 5;
const FEWEST = 3;

/** Compares two formulas. */
export function compareScalars(gold: Node, answer: Node, context: Context): Comparison {
  if (identical(gold, answer)) return { equal: true, method: "identical" };
  if (gold.kind === "based" || answer.kind === "based") return compareBased(gold, answer, context);
  for (const kind of ["percent", "degree"] as const) {
    const a = gold.kind === kind ? gold.items[0] : undefined;
    const b = answer.kind === kind ? answer.items[0] : undefined;
    if (a && b) return compareScalars(a, b, context);
    if (!a && !b) continue;
    const stripped = context.policy.bareNumbers
      ? compareScalars(a ?? gold, b ?? answer, context)
      : { equal: false, method: "exact" };
    if (stripped.equal) return { equal: true, method: `${kind} sign on one side` };
  }
  const exact = compareExactly(gold, answer, context);
  if (exact?.equal) return exact;
  const found = exact ?? compareNumerically(gold, answer, context);
  if (found?.equal) return found;
  if (context.policy.rounding && isRounded(gold, answer, context)) {
    return { equal: true, method: "rounded decimal" };
  }
  return found ?? { equal: false, method: "undecided" };
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
    const agrees = agreesAt(gold, answer, undefined, context);
    return agrees === undefined ? undefined : { equal: agrees, method: "64 digits" };
  }
  const stream = new RandomStream("grade");
  const draw = pointDrawer(gold, answer);
  let valid = 0;
  for (let i = 0; i < TRIES && valid < ENOUGH; i++) {
    const unknowns = new Map(symbols.map((symbol) => [symbol, draw(stream)]));
    const agrees = agreesAt(gold, answer, unknowns, context);
    if (agrees === false) return { equal: false, method: "random points" };
    if (agrees) valid++;
  }
  return valid >= FEWEST ? { equal: true, method: "random points" } : undefined;
}

/** Do two formulas agree at a point? `undefined` if one of them has no value there. */
function agreesAt(
  gold: Node,
  answer: Node,
  unknowns: ReadonlyMap<string, Complex> | undefined,
  { budget }: Context,
): boolean | undefined {
  try {
    const evaluator = new Evaluator(budget, unknowns);
    const a = evaluator.value(gold), b = evaluator.value(answer);
    if (!Number.isFinite(magnitude(a)) || !Number.isFinite(magnitude(b))) return undefined;
    return disagreement(a, b, evaluator.largest) <= 1;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/**
 * Where to look: naturals for factorials, positive reals for roots and logarithms (answers mean the real branch), reals
 * of both signs for absolute values, the complex plane for the rest.
 */
function pointDrawer(gold: Node, answer: Node): (stream: RandomStream) => Complex {
  const has = (condition: (node: Node) => boolean): boolean =>
    contains(gold, condition) || contains(answer, condition);
  const calls = (...names: string[]): boolean =>
    has((node) => node.kind === "call" && names.includes(node.name));
  const real = (stream: RandomStream): number => 0.3 + 2.2 * stream.uniform();
  const sign = (stream: RandomStream): number => stream.uniform() < 0.5 ? -1 : 1;
  if (calls("factorial", "binomial") || has((node) => node.kind === "series")) {
    return (stream) => point(stream.integer(2, 12));
  }
  if (calls("abs", "floor", "ceil", "max", "min")) return (stream) => point(sign(stream) * real(stream));
  const branched = calls("ln", "arcsin", "arccos", "arctan") ||
    has((node) =>
      node.kind === "power" && !(node.items[1].kind === "number" && node.items[1].value.denominator === 1n)
    );
  if (branched) return (stream) => point(real(stream));
  return (stream) => point(sign(stream) * real(stream), sign(stream) * real(stream) / 2);
}

/** A number to compare by rounding: its value, and how many decimals it shows if it is a decimal. */
function decimalsOf(node: Node): number | undefined {
  if (node.kind === "number") return node.decimals;
  if (node.kind === "product" && node.items.length === 2 && node.items[0]?.kind === "number") {
    return node.items[0].value.numerator === -1n && node.items[1] ? decimalsOf(node.items[1]) : undefined;
  }
  return undefined;
}

/**
 * Is one side a decimal and the other an exact number that rounds to it? The gold decimal needs two places (three if
 * the exact number contains π or e, so that 3.14 is not π), an answered decimal three.
 */
function isRounded(gold: Node, answer: Node, { budget }: Context): boolean {
  const goldPlaces = decimalsOf(gold), answerPlaces = decimalsOf(answer);
  if (goldPlaces !== undefined && answerPlaces !== undefined) {
    // 0.30000000000000004 is how floating-point arithmetic prints 0.3.
    return Math.max(goldPlaces, answerPlaces) >= 15 && within(gold, answer, 1e-12, budget);
  }
  if ((goldPlaces === undefined) === (answerPlaces === undefined)) return false;
  const exact = goldPlaces === undefined ? gold : answer;
  if (contains(exact, (node) => node.kind === "number" && node.decimals !== undefined)) return false;
  const transcendental = contains(exact, (node) => node.kind === "constant");
  const fewest = goldPlaces === undefined || transcendental ? 3 : 2;
  const places = goldPlaces ?? answerPlaces ?? 0;
  if (places < fewest || freeSymbols(exact).size > 0) return false;
  return within(gold, answer, 0.5 * 10 ** -places * (1 + 1e-9), budget);
}

/** Do two numbers differ by no more than a tolerance? */
function within(gold: Node, answer: Node, tolerance: number, budget: Budget): boolean {
  try {
    const evaluator = new Evaluator(budget);
    return disagreement(evaluator.value(gold), evaluator.value(answer), 0, tolerance) <= 1;
  } catch (error) {
    if (error instanceof TooLarge) return false;
    throw error;
  }
}
