/**
 * Functions where their value is exact: of rational numbers, and the common divisors and multiples of monomials.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import type { CanonicalForm } from "./canonical_form.ts";
import type { FunctionName } from "./expression.ts";
import { constant, type Polynomial, UNIT } from "./polynomial.ts";
import {
  add,
  compare,
  divide,
  gcd,
  integer,
  multiply,
  negate,
  ONE,
  type Rational,
  rational,
  ZERO,
} from "./rational.ts";

/** The arguments of a function, at least one. */
type Arguments = readonly [Rational, ...Rational[]];

/** The value of a function, if it is rational. */
type ExactFunction = (values: Arguments, budget: Budget) => Rational | undefined;

/** The functions that may have a rational value. */
const functions: Readonly<Partial<Record<FunctionName, ExactFunction>>> = {
  abs: ([a]) => a.numerator < 0n ? negate(a) : a,
  sgn: ([a]) => integer(compare(a, ZERO)),
  re: ([a]) => a,
  im: () => ZERO,
  floor: ([a]) => integer(floorOf(a)),
  ceil: ([a]) => integer(-floorOf(negate(a))),
  factorial(values, budget) {
    const [n] = integersOf(values);
    return n === undefined ? undefined : factorial(n, budget);
  },
  binomial(values, budget) {
    const [n, k] = integersOf(values);
    return n === undefined || k === undefined ? undefined : binomial(n, k, budget);
  },
  mod([a, b], budget) {
    if (!b || b.numerator === 0n) throw new TooLarge("Cannot divide by zero");
    return remainder(a, b, budget);
  },
  max: (values) => values.reduce((x, y) => compare(x, y) >= 0 ? x : y),
  min: (values) => values.reduce((x, y) => compare(x, y) <= 0 ? x : y),
  exp: ([a]) => a.numerator === 0n ? ONE : undefined,
  ln: ([a]) => compare(a, ONE) === 0 ? ZERO : undefined,
  sin: zeroAtZero,
  tan: zeroAtZero,
  arcsin: zeroAtZero,
  arctan: zeroAtZero,
};

/**
 * The value of a function of rational numbers, if it is known to be rational.
 *
 * @throws {TooLarge} If it is too large, or divides by zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Budget } from "./budget.ts";
 * import { exactValue } from "./exact_function.ts";
 * import { integer } from "./rational.ts";
 *
 * assertEquals(exactValue("binomial", [integer(5), integer(2)], new Budget(100)), integer(10));
 * assertEquals(exactValue("sin", [integer(1)], new Budget(100)), undefined);
 * ```
 */
export function exactValue(
  name: FunctionName,
  [first, ...others]: readonly Rational[],
  budget: Budget,
): Rational | undefined {
  return first && functions[name]?.([first, ...others], budget);
}

function integersOf(values: Arguments): bigint[] {
  return values.flatMap(({ numerator, denominator }) => denominator === 1n ? [numerator] : []);
}

/** Functions of one argument that are 0 at 0, and irrational elsewhere. */
function zeroAtZero([a, b]: Arguments): Rational | undefined {
  return b === undefined && a.numerator === 0n ? ZERO : undefined;
}

/** a − b ⌊a / b⌋. */
export function remainder(a: Rational, b: Rational, budget: Budget): Rational {
  const times = integer(floorOf(divide(a, b, budget)));
  return add(a, negate(multiply(b, times, budget)), budget);
}

function factorial(n: bigint, budget: Budget): Rational {
  if (n < 0n || n > 2100n) {
    throw new TooLarge("Cannot compute the factorial: it is too large or not defined");
  }
  budget.spend(Number(n) * 2);
  let product = 1n;
  for (let i = 2n; i <= n; i++) product *= i;
  return integer(product);
}

function binomial(n: bigint, k: bigint, budget: Budget): Rational {
  if (n < 0n || n > 10_000n) throw new TooLarge("Cannot compute the binomial coefficient: it is too large");
  if (k < 0n || k > n) return ZERO;
  const count = k < n - k ? k : n - k;
  if (count > 2000n) throw new TooLarge("Cannot compute the binomial coefficient: it is too large");
  budget.spend(Number(count) * 4);
  let value = 1n;
  for (let i = 1n; i <= count; i++) value = value * (n - count + i) / i;
  return integer(value);
}

/** The greatest common divisor or least common multiple of monomials; fractions have theirs too. */
export function commonMonomial(
  name: "gcd" | "lcm",
  forms: readonly CanonicalForm[],
  budget: Budget,
): Polynomial | undefined {
  const terms = forms.map(({ numerator, denominator }) =>
    denominator === UNIT ? [...numerator.values()] : []
  );
  if (terms.some(({ length }) => length > 1)) return undefined;
  const present = terms.flat();
  if (present.length < terms.length && name === "lcm") return constant(ZERO);
  const powers = new Map<string, number>();
  for (const atomName of new Set(present.flatMap((term) => [...term.powers.keys()]))) {
    const exponents = present.map((term) => term.powers.get(atomName) ?? 0);
    const exponent = Math[name === "gcd" ? "min" : "max"](...exponents);
    if (exponent > 0) powers.set(atomName, exponent);
  }
  const coefficient = present.map((term) => term.coefficient)
    .reduce<Rational | undefined>((a, b) => a ? commonRational(name, a, b, budget) : b, undefined) ?? ZERO;
  const key = [...powers].sort(([p], [q]) => (p < q ? -1 : 1)).map(([p, n]) => `${p}^${n}`).join("*");
  return coefficient.numerator === 0n ? new Map() : new Map([[key, { coefficient, powers }]]);
}

/** gcd(a/b, c/d) = gcd(ad, cb) / bd, and lcm = |product| / gcd. */
function commonRational(name: "gcd" | "lcm", a: Rational, b: Rational, budget: Budget): Rational {
  const bottom = a.denominator * b.denominator;
  const divisor = rational(
    gcd(a.numerator * b.denominator, b.numerator * a.denominator, budget),
    bottom,
    budget,
  );
  if (name === "gcd") return divisor;
  const product = multiply(a, b, budget);
  return divide(product.numerator < 0n ? negate(product) : product, divisor, budget);
}

/** The largest integer that is not above a rational number. */
function floorOf({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}
