/**
 * Exact forms of circular functions at rational multiples of π, and of logarithms of rational numbers: roots of unity and
 * logarithms are equal to their other writings without any digits.
 *
 * @module
 */

import type { Budget } from "./budget.ts";
import { type CanonicalForm, whole } from "./canonical_form.ts";
import { atom, constant, constantOf, type Polynomial, PolynomialRing, SQUARE_ROOT } from "./polynomial.ts";
import { add, compare, divide, integer, negate, type Rational, rational, ZERO } from "./rational.ts";

/** The number c if a form is c times the atoms of a name, each once, and nothing else. */
export function multipleOf(
  form: CanonicalForm,
  names: readonly string[],
  budget: Budget,
): Rational | undefined {
  const bottom = constantOf(form.denominator);
  if (form.numerator.size === 0) return ZERO;
  const [term, ...others] = form.numerator.values();
  if (!bottom || !term || others.length > 0 || term.powers.size !== names.length) return undefined;
  return names.every((name) => term.powers.get(name) === 1)
    ? divide(term.coefficient, bottom, budget)
    : undefined;
}

const HALF: Rational = { numerator: 1n, denominator: 2n };

/** The largest denominator of an angle whose cosine is named. */
const MAX_DENOMINATOR = 100_000n;

/** The cosine of r·π; the atoms are cosines of angles between 0 and π/2. */
export function cosineOf(turn: Rational, budget: Budget): CanonicalForm | undefined {
  if (turn.denominator > MAX_DENOMINATOR) return undefined;
  const bottom = turn.denominator, period = 2n * bottom;
  let top = ((turn.numerator % period) + period) % period, sign = 1n;
  if (top > bottom) top = period - top;
  if (2n * top > bottom) {
    top = bottom - top;
    sign = -1n;
  }
  const angle = rational(top, bottom, budget), key = `${angle.numerator}/${angle.denominator}`;
  const known = KNOWN.get(key);
  const ring = new PolynomialRing(budget);
  const value: Polynomial = known ?? atom(` cos ${key}`);
  return whole(ring.product(value, constant(integer(sign))), known === undefined);
}

/** The sine of r·π. */
export function sineOf(turn: Rational, budget: Budget): CanonicalForm | undefined {
  return cosineOf(add(HALF, negate(turn), budget), budget);
}

/** A product of a rational number and the square root of a prime. */
function surd(top: bigint, bottom: bigint, prime?: number): Polynomial {
  const coefficient: Rational = { numerator: top, denominator: bottom };
  if (prime === undefined) return constant(coefficient);
  const name = `${SQUARE_ROOT}${prime}`;
  return new Map([[`${name}^1`, { coefficient, powers: new Map([[name, 1]]) }]]);
}

/** The cosines that are rational, or multiples of a square root. */
const KNOWN: ReadonlyMap<string, Polynomial> = new Map([
  ["0/1", surd(1n, 1n)],
  ["1/6", surd(1n, 2n, 3)],
  ["1/4", surd(1n, 2n, 2)],
  ["1/3", surd(1n, 2n)],
  ["1/2", new Map()],
]);

/** The largest prime that is looked for in the argument of a logarithm. */
const MAX_PRIME = 1000n;

/** The natural logarithm of a positive rational number as a sum of logarithms of primes. */
export function logarithmOf(value: Rational, budget: Budget): CanonicalForm | undefined {
  if (compare(value, ZERO) <= 0) return undefined;
  const ring = new PolynomialRing(budget);
  let sum: Polynomial = new Map();
  for (const [number, sign] of [[value.numerator, 1n], [value.denominator, -1n]] as const) {
    let rest = number;
    for (let p = 2n; p < MAX_PRIME && rest > 1n; p += p === 2n ? 1n : 2n) {
      if (p * p > rest) p = rest;
      budget.spend(1);
      let count = 0n;
      while (rest % p === 0n) {
        budget.spend(1);
        rest /= p;
        count++;
      }
      if (count > 0n) sum = ring.sum(sum, ring.product(atom(` ln ${p}`), constant(integer(sign * count))));
    }
    if (rest > 1n) return undefined;
  }
  return whole(sum, sum.size > 0);
}
