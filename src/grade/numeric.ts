/**
 * The numeric back-end: evaluates formulas with mathjs, to 64 digits where there are no unknowns, in complex doubles
 * at random points where there are. mathjs only ever sees numbers, never text, and no call that could take long:
 * sizes are checked before.
 *
 * @module
 */

import {
  absDependencies,
  acosDependencies,
  acoshDependencies,
  addDependencies,
  argDependencies,
  asinDependencies,
  asinhDependencies,
  atanDependencies,
  atanhDependencies,
  type BigNumber,
  bignumberDependencies,
  ceilDependencies,
  type Complex,
  complexDependencies,
  cosDependencies,
  coshDependencies,
  create,
  divideDependencies,
  expDependencies,
  type FactoryFunctionMap,
  floorDependencies,
  logDependencies,
  multiplyDependencies,
  powDependencies,
  sinDependencies,
  sinhDependencies,
  tanDependencies,
  tanhDependencies,
} from "mathjs";
import { type Budget, TooLarge } from "./budget.ts";
import type { FunctionName, Node } from "./expression.ts";
import { bitLength, type Rational, toNumber } from "./rational.ts";

// The factories are typed as optional, although every one of them exists.
const math = create({
  absDependencies,
  acosDependencies,
  acoshDependencies,
  addDependencies,
  argDependencies,
  asinDependencies,
  asinhDependencies,
  atanDependencies,
  atanhDependencies,
  bignumberDependencies,
  ceilDependencies,
  complexDependencies,
  cosDependencies,
  coshDependencies,
  divideDependencies,
  expDependencies,
  floorDependencies,
  logDependencies,
  multiplyDependencies,
  powDependencies,
  sinDependencies,
  sinhDependencies,
  tanDependencies,
  tanhDependencies,
} as FactoryFunctionMap, { precision: 64, number: "number" });

/** A value of the back-end: 64 digits or a complex double. */
export type Value = BigNumber | Complex;

/** The most terms of a sum or product that are added up. */
const MAX_SERIES = 2000;
/** Magnitudes beyond which elementary functions are refused. */
const MAX_ARGUMENT = 10_000;

const bignumber = (text: string): BigNumber => math.bignumber(text);
const complex = (re: number, im = 0): Complex => math.complex(re, im);
const isComplex = (value: Value): value is Complex => "re" in value;

/** π and e to 64 digits. */
const CONSTANTS = {
  pi: math.acos(bignumber("-1")) as unknown as BigNumber,
  e: math.exp(bignumber("1")),
} as const;

/** The absolute value as a double. */
export function magnitude(value: Value): number {
  return isComplex(value) ? Math.hypot(value.re, value.im) : Math.abs(Number(value.toString()));
}

/** What mathjs returns, as one of the two kinds of value. */
function settle(result: unknown): Value {
  if (typeof result === "number") return complex(result);
  return result as Value;
}

/** One function of one argument; reciprocals and inverses are made of the others. */
const ELEMENTARY: Readonly<Partial<Record<FunctionName, (x: never) => unknown>>> = {
  sin: math.sin,
  cos: math.cos,
  tan: math.tan,
  arcsin: math.asin,
  arccos: math.acos,
  arctan: math.atan,
  arcsinh: math.asinh,
  arccosh: math.acosh,
  arctanh: math.atanh,
  arg: math.arg,
  sinh: math.sinh,
  cosh: math.cosh,
  tanh: math.tanh,
  ln: math.log,
  exp: math.exp,
  abs: math.abs,
  floor: math.floor,
  ceil: math.ceil,
};

/** Functions that are the reciprocal of another. */
const RECIPROCAL: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
  cot: "tan",
  sec: "cos",
  csc: "sin",
  coth: "tanh",
  sech: "cosh",
  csch: "sinh",
};

/** What functions of 64 digits cost, in steps; the others cost 800. */
const COSTS: Readonly<Partial<Record<FunctionName, number>>> = {
  sin: 400,
  cos: 400,
  tan: 400,
  abs: 10,
  floor: 10,
  ceil: 10,
  factorial: 50,
  binomial: 100,
  arcsin: 3000,
  arccos: 3000,
  arctan: 3000,
  arccot: 3000,
  arcsec: 3000,
  arccsc: 3000,
};

/** Functions that are another one of the reciprocal. */
const OF_RECIPROCAL: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
  arccot: "arctan",
  arcsec: "arccos",
  arccsc: "arcsin",
};

/** Functions that are real only for some arguments, and for which. */
const REAL_DOMAIN: Readonly<Partial<Record<FunctionName, (x: number) => boolean>>> = {
  ln: (x) => x > 0,
  arcsin: (x) => Math.abs(x) <= 1,
  arccos: (x) => Math.abs(x) <= 1,
  arccosh: (x) => x >= 1,
  arctanh: (x) => Math.abs(x) < 1,
};

/** Evaluates formulas under one budget. Without unknowns: 64 digits. With unknowns: complex doubles. */
export class Evaluator {
  readonly #budget: Budget;
  readonly #unknowns: ReadonlyMap<string, Complex> | undefined;
  readonly #bound = new Map<string, Value>();
  /** The largest term of any sum so far: the scale against which cancellation is judged. */
  largest = 0;
  /** Refuse points where a root or logarithm is not real: there its branch is a matter of convention. */
  realOnly = false;

  /** Opens an evaluator, with values for the unknowns if there are any. */
  constructor(budget: Budget, unknowns?: ReadonlyMap<string, Complex>) {
    this.#budget = budget;
    this.#unknowns = unknowns;
  }

  /**
   * The value of a formula.
   *
   * @throws {TooLarge} If it is not defined, not a number, or would take too long.
   */
  value(node: Node): Value {
    this.#budget.spend(10);
    switch (node.kind) {
      case "number":
        return this.#rational(node.value);
      case "symbol": {
        const value = this.#bound.get(node.name) ?? this.#unknowns?.get(node.name);
        if (!value) throw new TooLarge(`Cannot evaluate the unknown "${node.name}"`);
        return value;
      }
      case "constant":
        return this.#constant(node.name);
      case "sum": {
        const terms = node.items.map((item) => this.value(item));
        for (const term of terms) this.largest = Math.max(this.largest, magnitude(term));
        return terms.reduce((a, b) => settle(math.add(a, b)));
      }
      case "product":
        return node.items.map((item) => this.value(item)).reduce((a, b) => settle(math.multiply(a, b)));
      case "power":
        return this.#power(node);
      case "percent":
        return settle(math.divide(this.value(node.items[0]), this.#exact("100")));
      case "degree":
        return settle(math.divide(
          math.multiply(this.value(node.items[0]), this.#constant("pi")) as Value,
          this.#exact("180"),
        ));
      case "call":
        return this.#call(node);
      case "binder":
        return this.#series(node);
      default:
        throw new TooLarge(`Cannot evaluate a ${node.kind}`);
    }
  }

  #exact(text: string): Value {
    return this.#unknowns ? complex(Number(text)) : bignumber(text);
  }

  #rational(value: Rational): Value {
    if (this.#unknowns) return complex(toNumber(value));
    this.#budget.spend(bitLength(value.numerator) / 4 + bitLength(value.denominator) / 4);
    return settle(math.divide(bignumber(`${value.numerator}`), bignumber(`${value.denominator}`)));
  }

  #constant(name: "pi" | "e" | "i" | "infinity"): Value {
    if (name === "i") return complex(0, 1);
    if (name === "infinity") throw new TooLarge("Cannot evaluate infinity");
    return this.#unknowns ? complex(Number(CONSTANTS[name].toString())) : CONSTANTS[name];
  }

  #power(node: Node & { kind: "power" }): Value {
    const base = this.value(node.items[0]), exponent = this.value(node.items[1]);
    const size = magnitude(base), times = magnitude(exponent);
    if (size === 0) {
      if (isComplex(exponent) ? exponent.re <= 0 : Number(exponent.toString()) <= 0) {
        throw new TooLarge("Cannot divide by zero");
      }
      return this.#exact("0");
    }
    if (!(times * Math.abs(Math.log10(size)) <= 5000) || times > 1e6) {
      throw new TooLarge("Cannot raise to so high a power");
    }
    if (!isComplex(base) && !isComplex(exponent) && exponent.equals(0.5) && base.isPositive()) {
      // The general power takes a logarithm.
      this.#budget.spend(50);
      return base.sqrt();
    }
    const whole = !isComplex(exponent) && exponent.isInteger();
    this.#budget.spend(this.#unknowns ? 10 : whole ? 50 : 1200);
    if (this.realOnly && isComplex(base) && isComplex(exponent) && !Number.isInteger(exponent.re)) {
      if (base.im !== 0 || base.re < 0) throw new TooLarge("Cannot take a real root there");
    }
    const degree = oddRootOf(node.items[1]);
    if (degree && (isComplex(base) ? base.im === 0 && base.re < 0 : Number(base.toString()) < 0)) {
      const minusOne = this.#exact("-1");
      return settle(
        math.multiply(minusOne, math.pow(settle(math.multiply(minusOne, base)), exponent) as Value),
      );
    }
    return settle(math.pow(base, exponent));
  }

  #call(node: Node & { kind: "call" }): Value {
    const values = node.items.map((item) => this.value(item)), x = values[0];
    if (!x) throw new TooLarge(`Cannot evaluate ${node.name} without an argument`);
    this.#budget.spend(this.#unknowns ? 20 : COSTS[node.name] ?? 800);
    if (
      !(magnitude(x) <= MAX_ARGUMENT) && !["abs", "ln", "floor", "ceil", "max", "min"].includes(node.name)
    ) {
      throw new TooLarge(`Cannot evaluate ${node.name} of so large a number`);
    }
    const domain = this.realOnly ? REAL_DOMAIN[node.name] : undefined;
    if (domain && !(isComplex(x) ? x.im === 0 && domain(x.re) : domain(Number(x.toString())))) {
      throw new TooLarge(`Cannot find a real value of ${node.name} there`);
    }
    const inverse = RECIPROCAL[node.name], ofReciprocal = OF_RECIPROCAL[node.name];
    if (inverse) return settle(math.divide(this.#exact("1"), settle(ELEMENTARY[inverse]?.(x as never))));
    const elementary = ELEMENTARY[ofReciprocal ?? node.name];
    if (elementary) {
      if (node.name === "ln" && magnitude(x) === 0) throw new TooLarge("Cannot take the logarithm of zero");
      return settle(elementary((ofReciprocal ? math.divide(this.#exact("1"), x) : x) as never));
    }
    if (node.name === "cis") {
      return settle(
        math.add(math.cos(x as never), math.multiply(complex(0, 1), math.sin(x as never)) as never),
      );
    }
    if (node.name === "mod") {
      const [a, b] = values as [Value, Value], times = settle(math.floor(settle(math.divide(a, b)) as never));
      return settle(math.add(a, settle(math.multiply(this.#exact("-1"), settle(math.multiply(b, times))))));
    }
    const real = values.map((value) => isComplex(value) ? value.re : Number(value.toString()));
    if (node.name === "max" || node.name === "min") {
      const best = Math[node.name](...real);
      return values[real.indexOf(best)] ?? x;
    }
    const [n = NaN, k = NaN] = real;
    if (node.name === "re") return complex(n);
    if (node.name === "im") return complex(isComplex(x) ? x.im : 0);
    if (node.name === "sgn") return complex(Math.sign(n));
    if (node.name !== "factorial" && node.name !== "binomial") {
      throw new TooLarge(`Cannot evaluate ${node.name}`);
    }
    if (node.name === "factorial") return complex(factorial(n));
    return complex(factorial(n) / factorial(k) / factorial(n - k));
  }

  /** A sum or product term by term; integrals, limits and derivatives have no value here. */
  #series(node: Node & { kind: "binder" }): Value {
    const [lower, upper, body] = node.items;
    if ((node.operator !== "sum" && node.operator !== "product") || !lower || !upper || !body) {
      throw new TooLarge(`Cannot evaluate ${node.operator}`);
    }
    const [from, to] = [lower, upper].map((limit) => {
      const value = this.value(limit);
      return isComplex(value) ? value.re : Number(value.toString());
    });
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
      throw new TooLarge("Cannot add between such limits");
    }
    const first = from as number, count = (to as number) - first + 1; // integers by the check above
    if (count > MAX_SERIES) throw new TooLarge(`Cannot add more than ${MAX_SERIES} terms`);
    const before = this.#bound.get(node.variable);
    let total = this.#exact(node.operator === "sum" ? "0" : "1");
    for (let index = 0; index < count; index++) {
      this.#bound.set(node.variable, this.#exact(`${first + index}`));
      const term = this.value(body);
      total = settle(node.operator === "sum" ? math.add(total, term) : math.multiply(total, term));
    }
    if (before) this.#bound.set(node.variable, before);
    else this.#bound.delete(node.variable);
    return total;
  }
}

/** The degree of an exponent that is written as 1 over an odd number. */
function oddRootOf(node: Node): number | undefined {
  if (node.kind !== "product" || node.items.length !== 2) return undefined;
  const inverse = node.items[1];
  const bottom = inverse?.kind === "power" ? inverse.items[0] : undefined;
  if (bottom?.kind !== "number" || bottom.value.numerator % 2n !== 1n || bottom.value.denominator !== 1n) {
    return undefined;
  }
  return Number(bottom.value.numerator);
}

/** The factorial of a small natural number as a double; anything else has no value here. */
function factorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 170) throw new TooLarge("Cannot evaluate such a factorial");
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

/** A point of the complex plane. */
export function point(re: number, im = 0): Complex {
  return complex(re, im);
}

/**
 * The difference of two values in units of what is tolerated: at most 1 means equal. `scale` is the largest term that
 * went into them; `absolute` replaces the tolerance.
 */
export function disagreement(a: Value, b: Value, scale: number, absolute?: number): number {
  const precise = !isComplex(a) && !isComplex(b);
  const difference = magnitude(
    settle(math.add(a, settle(math.multiply(b, precise ? bignumber("-1") : complex(-1))))),
  );
  const size = Math.max(magnitude(a), magnitude(b));
  if (difference === 0) return 0;
  const tolerance = absolute ??
    (precise ? 1e-45 * Math.max(size, 1e-10 * scale) : 1e-10 * size + 1e-13 * scale);
  return difference / tolerance;
}
