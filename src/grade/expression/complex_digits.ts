/**
 * Complex numbers to 64 digits, for formulas in which i or a complex letter stands: what doubles cannot tell apart.
 *
 * @module
 */

import type { BigNumber } from "mathjs";
import { type Budget, TooLarge } from "./budget.ts";
import type { FunctionName, Node } from "./expression.ts";
import { bignumber, CONSTANTS } from "./numeric.ts";

/** A complex number of decimals of 64 digits. */
interface Point {
  readonly re: BigNumber;
  readonly im: BigNumber;
}

const ZERO = bignumber("0");
const ONE = bignumber("1");
/** Beyond this size of an exponent or angle nothing is computed. */
const MAX_ARGUMENT = 2000;
/** The largest integer exponent that is multiplied out. */
const MAX_EXPONENT = 200;
/** Digits that may be lost where two numbers are still taken for equal. */
const EQUAL_DIGITS = 44;

/** The names of decimal.js's static functions of two arguments; mathjs does not type the class of its decimals. */
type Decimals = { readonly atan2: (y: BigNumber, x: BigNumber) => BigNumber };

const real = (re: BigNumber): Point => ({ re, im: ZERO });
const plus = (a: Point, b: Point): Point => ({ re: a.re.plus(b.re), im: a.im.plus(b.im) });
const times = (a: Point, b: Point): Point => ({
  re: a.re.times(b.re).minus(a.im.times(b.im)),
  im: a.re.times(b.im).plus(a.im.times(b.re)),
});
const sizeOf = ({ re, im }: Point): BigNumber => re.times(re).plus(im.times(im)).sqrt();

function inverse(a: Point): Point {
  const square = a.re.times(a.re).plus(a.im.times(a.im));
  if (square.isZero()) throw new TooLarge("Cannot divide by zero");
  return { re: a.re.dividedBy(square), im: a.im.negated().dividedBy(square) };
}

function exponential({ re, im }: Point): Point {
  if (!(Math.abs(Number(re)) < MAX_ARGUMENT && Math.abs(Number(im)) < MAX_ARGUMENT)) {
    throw new TooLarge("Cannot raise e to so large a number");
  }
  const size = re.exp();
  return { re: size.times(im.cos()), im: size.times(im.sin()) };
}

function logarithm(a: Point): Point {
  const size = sizeOf(a);
  if (size.isZero()) throw new TooLarge("Cannot take the logarithm of zero");
  const { atan2 } = a.re.constructor as unknown as Decimals;
  return { re: size.ln(), im: atan2.call(a.re.constructor, a.im, a.re) };
}

const half = (a: Point): Point => ({ re: a.re.dividedBy(2), im: a.im.dividedBy(2) });
const negated = (a: Point): Point => ({ re: a.re.negated(), im: a.im.negated() });
const turned = (a: Point): Point => ({ re: a.im.negated(), im: a.re });

/** cos z = (e^iz + e^-iz) / 2, and so on. */
const functions: Readonly<Partial<Record<FunctionName, (x: Point) => Point>>> = {
  exp: exponential,
  ln: logarithm,
  cis: (x) => exponential(turned(x)),
  cosh: (x) => half(plus(exponential(x), exponential(negated(x)))),
  sinh: (x) => half(plus(exponential(x), negated(exponential(negated(x))))),
  cos: (x) => half(plus(exponential(turned(x)), exponential(negated(turned(x))))),
  sin: (x) => negated(turned(half(plus(exponential(turned(x)), negated(exponential(negated(turned(x)))))))),
  tan: (x) => times(apply("sin", x), inverse(apply("cos", x))),
  re: ({ re }) => real(re),
  im: ({ im }) => real(im),
  abs: (x) => real(sizeOf(x)),
};

function apply(name: FunctionName, x: Point): Point {
  const known = functions[name];
  if (!known) throw new TooLarge(`Cannot evaluate ${name} of a complex number`);
  return known(x);
}

/** Evaluates formulas at one point, and remembers the largest number on the way: it sets how many digits are left. */
class Evaluation {
  largest = ONE;
  readonly #budget: Budget;
  readonly #letters: ReadonlyMap<string, Point>;

  constructor(budget: Budget, letters: ReadonlyMap<string, Point>) {
    this.#budget = budget;
    this.#letters = letters;
  }

  value(node: Node): Point {
    const result = this.#value(node), size = sizeOf(result);
    if (size.greaterThan(this.largest)) this.largest = size;
    return result;
  }

  #value(node: Node): Point {
    this.#budget.spend(30);
    switch (node.kind) {
      case "number":
        return real(bignumber(`${node.value.numerator}`).dividedBy(bignumber(`${node.value.denominator}`)));
      case "symbol": {
        const value = this.#letters.get(node.name);
        if (!value) throw new TooLarge(`Cannot evaluate the unknown "${node.name}"`);
        return value;
      }
      case "constant":
        if (node.name === "i") return { re: ZERO, im: ONE };
        if (node.name === "infinity") throw new TooLarge("Cannot evaluate infinity");
        return real(CONSTANTS[node.name]);
      case "sum":
        return node.items.map((item) => this.value(item)).reduce(plus);
      case "product":
        return node.items.map((item) => this.value(item)).reduce(times);
      case "power":
        return this.#power(this.value(node.items[0]), this.value(node.items[1]));
      case "call": {
        const [only, ...others] = node.items;
        if (!only || others.length > 0) throw new TooLarge(`Cannot evaluate ${node.name} of complex numbers`);
        this.#budget.spend(800);
        return apply(node.name, this.value(only));
      }
      default:
        throw new TooLarge(`Cannot evaluate a ${node.kind} of complex numbers`);
    }
  }

  #power(base: Point, exponent: Point): Point {
    const count = exponent.im.isZero() && exponent.re.isInteger() ? Number(exponent.re) : NaN;
    if (Math.abs(count) <= MAX_EXPONENT) {
      let result = real(ONE), square = base;
      for (let rest = Math.abs(count); rest > 0; rest = Math.floor(rest / 2)) {
        this.#budget.spend(10);
        if (rest % 2 === 1) result = times(result, square);
        square = times(square, square);
      }
      return count < 0 ? inverse(result) : result;
    }
    // The cube root of a negative number is real in schoolbooks, and not in the complex plane.
    if (base.im.isZero() && base.re.isNegative() && exponent.im.isZero()) {
      throw new TooLarge("Cannot choose a root of a negative number");
    }
    if (sizeOf(base).isZero()) throw new TooLarge("Cannot raise zero to such a power");
    this.#budget.spend(1600);
    return exponential(times(exponent, logarithm(base)));
  }
}

/**
 * Do two formulas agree to 44 digits of the largest number that occurs in them?
 *
 * @returns Nothing where one of them has no value that is computed here.
 */
export function agreeInComplexDigits(
  a: Node,
  b: Node,
  letters: ReadonlyMap<string, BigNumber>,
  budget: Budget,
): boolean | undefined {
  try {
    const points = new Map([...letters].map(([name, value]) => [name, real(value)]));
    const evaluation = new Evaluation(budget, points);
    const x = evaluation.value(a), y = evaluation.value(b);
    const apart = sizeOf(plus(x, negated(y)));
    return apart.lessThanOrEqualTo(evaluation.largest.times(bignumber(`1e-${EQUAL_DIGITS}`)));
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}
