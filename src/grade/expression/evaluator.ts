/**
 * Evaluates formulas, to 64 digits where numbers are given so, in complex doubles where points of the plane are given.
 * Every value carries a bound of its error, so that a comparison knows what its digits are worth: a large term that
 * cancels costs digits, one under a logarithm does not.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import {
  type Estimate,
  order,
  product,
  realPart,
  rounded,
  slopeOf,
  STEPPED,
  sum,
  wholePart,
} from "./estimate.ts";
import type { FunctionName, Node } from "./expression.ts";
import {
  bignumber,
  complex,
  CONSTANTS,
  COSTS,
  ELEMENTARY,
  factorial,
  isComplex,
  logSize,
  magnitude,
  math,
  OF_RECIPROCAL,
  REAL_DOMAIN,
  RECIPROCAL,
  settle,
  type Value,
} from "./numeric.ts";
import { bitLength, type Rational, toNumber } from "./rational.ts";

/** The most terms of a sum or product that are added up. */
const MAX_SERIES = 2000;
/** Magnitudes beyond which elementary functions are refused. */
const MAX_ARGUMENT = 10_000;
/** The same for hyperbolic functions, which mathjs computes slowly. */
const MAX_HYPERBOLIC = 300;
/** Functions of any size of argument. */
const UNBOUNDED: ReadonlySet<FunctionName> = new Set([
  "abs",
  "ln",
  "floor",
  "ceil",
  "max",
  "min",
  "mod",
  "sgn",
  "arg",
]);

/** Evaluates formulas under one budget. Without unknowns: 64 digits. With unknowns: as they are given. */
export class Evaluator {
  readonly #budget: Budget;
  readonly #unknowns: ReadonlyMap<string, Value> | undefined;
  /** Are numbers doubles? They are where the unknowns are. */
  readonly #doubles: boolean;
  readonly #bound = new Map<string, Value>();
  /** Refuse points where a root or logarithm is not real: there its branch is a matter of convention. */
  realOnly = false;
  /** The functions with steps that are watched, and the steps that were seen of each. */
  branches: Map<Node, Set<string>> | undefined;

  /** Opens an evaluator, with values for the unknowns if there are any. */
  constructor(budget: Budget, unknowns?: ReadonlyMap<string, Value>) {
    this.#budget = budget;
    this.#unknowns = unknowns;
    this.#doubles = unknowns !== undefined && [...unknowns.values()].every(isComplex);
  }

  /**
   * The value of a formula.
   *
   * @throws {TooLarge} If it is not defined, not a number, or would take too long.
   */
  value(node: Node): Value {
    return this.estimate(node).value;
  }

  /**
   * The value of a formula and how exact it is.
   *
   * @throws {TooLarge} If it is not defined, not a number, or would take too long.
   */
  estimate(node: Node): Estimate {
    this.#budget.spend(10);
    switch (node.kind) {
      case "number":
        return rounded(this.#rational(node.value), -Infinity);
      case "symbol": {
        const value = this.#bound.get(node.name) ?? this.#unknowns?.get(node.name);
        if (!value) throw new TooLarge(`Cannot evaluate the unknown "${node.name}"`);
        return { value, error: -Infinity };
      }
      case "constant":
        return rounded(this.#constant(node.name), -Infinity);
      case "sum":
        return node.items.map((item) => this.estimate(item)).reduce(sum);
      case "product":
        return node.items.map((item) => this.estimate(item)).reduce(product);
      case "percent":
        return product(this.estimate(node.items[0]), { value: this.#exact("0.01"), error: -Infinity });
      case "degree": {
        const turn = rounded(settle(math.divide(this.#constant("pi"), this.#exact("180"))), -Infinity);
        return product(this.estimate(node.items[0]), turn);
      }
      case "power":
        return this.#power(node);
      case "call":
        return this.#call(node);
      case "binder":
        return this.#series(node);
      default:
        throw new TooLarge(`Cannot evaluate a ${node.kind}`);
    }
  }

  #exact(text: string): Value {
    return this.#doubles ? complex(Number(text)) : bignumber(text);
  }

  #rational(value: Rational): Value {
    if (this.#doubles) {
      const double = toNumber(value);
      if (double === 0 && value.numerator !== 0n) throw new TooLarge("Cannot keep so small a double");
      return complex(double);
    }
    this.#budget.spend(bitLength(value.numerator) / 4 + bitLength(value.denominator) / 4);
    return settle(math.divide(bignumber(`${value.numerator}`), bignumber(`${value.denominator}`)));
  }

  #constant(name: "pi" | "e" | "i" | "infinity"): Value {
    if (name === "i") return complex(0, 1);
    if (name === "infinity") throw new TooLarge("Cannot evaluate infinity");
    return this.#doubles ? complex(Number(CONSTANTS[name].toString())) : CONSTANTS[name];
  }

  #power(node: Node & { kind: "power" }): Estimate {
    const left = this.estimate(node.items[0]), right = this.estimate(node.items[1]);
    const base = left.value, exponent = right.value;
    const size = logSize(base), times = magnitude(exponent);
    if (size === -Infinity) {
      if (isComplex(exponent) ? exponent.re <= 0 : !exponent.isPositive() || exponent.isZero()) {
        throw new TooLarge("Cannot divide by zero");
      }
      return { value: this.#exact("0"), error: left.error };
    }
    if (!(times * Math.abs(size) <= 5000) || times > 1e6) {
      throw new TooLarge("Cannot raise to so high a power");
    }
    // d(a^b) = a^b (b da / a + ln a db)
    const relative = Math.max(
      Math.log10(times) + left.error - size,
      Math.log10(1 + 2.31 * Math.abs(size)) + right.error,
    );
    const result = (value: Value): Estimate => this.#kept(value, logSize(value) + relative);
    if (!isComplex(base) && !isComplex(exponent) && exponent.equals(0.5) && base.isPositive()) {
      // The general power takes a logarithm.
      this.#budget.spend(50);
      return result(base.sqrt());
    }
    const whole = !isComplex(exponent) && exponent.isInteger();
    this.#budget.spend(this.#doubles ? 10 : whole ? 50 : 1200);
    if (this.realOnly && isComplex(base) && isComplex(exponent) && !Number.isInteger(exponent.re)) {
      // What rounding adds to a real number is not what makes it complex.
      if (Math.abs(base.im) > 1e-9 * Math.abs(base.re) || base.re < 0) {
        throw new TooLarge("Cannot take a real root there");
      }
    }
    const isNegative = isComplex(base) ? base.im === 0 && base.re < 0 : base.isNegative();
    if (isNegative && isOddRoot(node.items[1])) {
      const minusOne = this.#exact("-1");
      const root = math.pow(settle(math.multiply(minusOne, base)), exponent) as Value;
      return result(settle(math.multiply(minusOne, root)));
    }
    return result(settle(math.pow(base, exponent)));
  }

  /** A result that is not zero; a double that vanished was too small to be kept. */
  #kept(value: Value, error: number): Estimate {
    if (this.#doubles && magnitude(value) === 0) throw new TooLarge("Cannot keep so small a double");
    return rounded(value, error);
  }

  #call(node: Node & { kind: "call" }): Estimate {
    const parts = node.items.map((item) => this.estimate(item)), values = parts.map(({ value }) => value);
    const [first] = parts;
    if (!first) throw new TooLarge(`Cannot evaluate ${node.name} without an argument`);
    const x = first.value, error = Math.max(...parts.map((part) => part.error));
    this.#budget.spend(this.#doubles ? 20 : (COSTS[node.name] ?? 800) * (1 + Math.max(0, logSize(x))));
    const most = /^(?:sinh|cosh|tanh|coth|sech|csch)$/.test(node.name) ? MAX_HYPERBOLIC : MAX_ARGUMENT;
    if (!(magnitude(x) <= most) && !UNBOUNDED.has(node.name)) {
      throw new TooLarge(`Cannot evaluate ${node.name} of so large a number`);
    }
    const domain = this.realOnly ? REAL_DOMAIN[node.name] : undefined;
    if (domain && !(isComplex(x) ? x.im === 0 && domain(x.re) : domain(Number(x.toString())))) {
      throw new TooLarge(`Cannot find a real value of ${node.name} there`);
    }
    if (STEPPED.has(node.name)) return this.#step(node, parts);
    const inverse = RECIPROCAL[node.name], ofReciprocal = OF_RECIPROCAL[node.name];
    if (inverse) {
      const value = settle(math.divide(this.#exact("1"), settle(ELEMENTARY[inverse]?.(x as never))));
      return rounded(value, error + 2 * Math.max(0, logSize(value)));
    }
    const elementary = ELEMENTARY[ofReciprocal ?? node.name];
    if (elementary) {
      if (node.name === "ln" && magnitude(x) === 0) throw new TooLarge("Cannot take the logarithm of zero");
      const value = settle(elementary((ofReciprocal ? math.divide(this.#exact("1"), x) : x) as never));
      if (node.name === "exp") return this.#kept(value, error + logSize(value));
      return rounded(value, error + slopeOf(node.name, x, value));
    }
    return rounded(this.#other(node.name, values), error);
  }

  /** Functions with steps. A number that its error does not part from a whole one is that: ⌊log₁₀ 1000⌋ is 3. */
  #step(node: Node & { kind: "call" }, parts: readonly Estimate[]): Estimate {
    const real = parts.map((part) => realPart(part));
    const [x, y] = real;
    if (!x) throw new TooLarge(`Cannot evaluate ${node.name} without an argument`);
    const note = (step: string): void => void this.branches?.get(node)?.add(step);
    if (node.name === "max" || node.name === "min") {
      const sign = node.name === "max" ? 1 : -1;
      let chosen = 0;
      for (let i = 1; i < real.length; i++) {
        const [a, b] = [(real[i] as Estimate).value, (real[chosen] as Estimate).value];
        if (order(a, b) * sign > 0) chosen = i;
      }
      note(`${chosen}`);
      return real[chosen] as Estimate;
    }
    if (node.name === "mod") {
      if (!y) throw new TooLarge("Cannot divide without a divisor");
      if (magnitude(y.value) === 0) throw new TooLarge("Cannot divide by zero");
      const size = logSize(y.value);
      const ratio = rounded(
        settle(math.divide(x.value, y.value)),
        Math.max(x.error, y.error + logSize(x.value) - size) - size,
      );
      const times = wholePart(ratio, "floor");
      note(String(times));
      const back = settle(math.multiply(this.#exact("-1"), settle(math.multiply(y.value, times))));
      const value = settle(math.add(x.value, back));
      return rounded(
        value,
        Math.max(x.error, y.error + logSize(times), logSize(x.value) + (this.#doubles ? -15.5 : -63)),
      );
    }
    const value = wholePart(x, node.name === "floor" ? "floor" : "ceil");
    note(String(value));
    return { value, error: -Infinity };
  }

  /** The functions that are no elementary ones. */
  #other(name: FunctionName, values: readonly Value[]): Value {
    const [x] = values as [Value];
    if (name === "cis") {
      return settle(
        math.add(math.cos(x as never), math.multiply(complex(0, 1), math.sin(x as never)) as never),
      );
    }
    const real = values.map((value) => isComplex(value) ? value.re : Number(value.toString()));
    const [n = NaN, k = NaN] = real;
    switch (name) {
      case "re":
        return complex(n);
      case "im":
        return complex(isComplex(x) ? x.im : 0);
      case "sgn":
        return this.#exact(`${Math.sign(n)}`);
      case "factorial":
        return this.#doubles ? complex(factorial(n)) : this.#factorial(n);
      case "binomial": {
        if (this.#doubles) return complex(factorial(n) / factorial(k) / factorial(n - k));
        const bottom = settle(math.multiply(this.#factorial(k), this.#factorial(n - k)));
        return settle(math.divide(this.#factorial(n), bottom));
      }
      default:
        throw new TooLarge(`Cannot evaluate ${name}`);
    }
  }

  /** n! to 64 digits. */
  #factorial(n: number): Value {
    if (!Number.isInteger(n) || n < 0 || n > 400) throw new TooLarge("Cannot evaluate such a factorial");
    this.#budget.spend(n);
    let result = 1n;
    for (let i = 2n; i <= BigInt(n); i++) result *= i;
    return bignumber(`${result}`);
  }

  /** A sum or product term by term; integrals, limits and derivatives have no value here. */
  #series(node: Node & { kind: "binder" }): Estimate {
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
    let total: Estimate = { value: this.#exact(node.operator === "sum" ? "0" : "1"), error: -Infinity };
    for (let index = 0; index < count; index++) {
      this.#bound.set(node.variable, this.#exact(`${first + index}`));
      const term = this.estimate(body);
      total = node.operator === "sum" ? sum(total, term) : product(total, term);
    }
    if (before) this.#bound.set(node.variable, before);
    else this.#bound.delete(node.variable);
    return total;
  }
}

/** Is an exponent written as 1 over an odd number? */
function isOddRoot(node: Node): boolean {
  if (node.kind !== "product" || node.items.length !== 2) return false;
  const inverse = node.items[1];
  const bottom = inverse?.kind === "power" ? inverse.items[0] : undefined;
  return bottom?.kind === "number" && bottom.value.numerator % 2n === 1n && bottom.value.denominator === 1n;
}
