/**
 * Have two polynomials a common factor? Decided over a prime field, at fixed values of all letters but one.
 *
 * @module
 */

import type { Budget } from "./budget.ts";
import type { Polynomial } from "./polynomial.ts";

/** A prime above all coefficients that matter. */
const PRIME = 2_305_843_009_213_693_951n;
/** The largest degree that is looked at. */
const MAX_DEGREE = 40;

function modular(value: bigint): bigint {
  const rest = value % PRIME;
  return rest < 0n ? rest + PRIME : rest;
}

function powerOf(base: bigint, exponent: bigint): bigint {
  let result = 1n, square = modular(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result * square % PRIME;
    square = square * square % PRIME;
  }
  return result;
}

const inverse = (value: bigint): bigint => powerOf(value, PRIME - 2n);

/** The coefficients of a polynomial in one letter, by degree, where the other atoms have fixed values. */
function inOneLetter(polynomial: Polynomial, letter: string, values: ReadonlyMap<string, bigint>): bigint[] {
  const result: bigint[] = [];
  for (const { coefficient, powers } of polynomial.values()) {
    let value = modular(coefficient.numerator) * inverse(coefficient.denominator) % PRIME;
    for (const [name, exponent] of powers) {
      if (name !== letter) value = value * powerOf(values.get(name) ?? 0n, BigInt(exponent)) % PRIME;
    }
    const degree = powers.get(letter) ?? 0;
    while (result.length <= degree) result.push(0n);
    result[degree] = modular((result[degree] ?? 0n) + value);
  }
  return trimmed(result);
}

function trimmed(coefficients: bigint[]): bigint[] {
  while (coefficients.length > 0 && coefficients.at(-1) === 0n) coefficients.pop();
  return coefficients;
}

/** The remainder of a division of polynomials by their coefficients. */
function rest(dividend: readonly bigint[], divisor: readonly bigint[]): bigint[] {
  const left = [...dividend], lead = inverse(divisor.at(-1) ?? 1n);
  while (left.length >= divisor.length) {
    const factor = modular((left.at(-1) ?? 0n) * lead), shift = left.length - divisor.length;
    divisor.forEach((c, i) => left[shift + i] = modular((left[shift + i] ?? 0n) - factor * c));
    left.pop();
    trimmed(left);
  }
  return left;
}

/** Have two polynomials a common factor with a letter in it? A constant has none. */
export function sharesFactor(a: Polynomial, b: Polynomial, budget: Budget): boolean {
  const atomsOf = (polynomial: Polynomial): Set<string> =>
    new Set([...polynomial.values()].flatMap(({ powers }) => [...powers.keys()]));
  const others = atomsOf(b);
  const common = [...atomsOf(a)].filter((name) => others.has(name));
  if (common.length === 0) return false;
  const values = new Map(
    [...new Set([...common, ...others, ...atomsOf(a)])].map((
      name,
      i,
    ) => [name, powerOf(7n, BigInt(31 + 17 * i))]),
  );
  return common.some((letter) => {
    budget.spend(20 * (a.size + b.size));
    let [x, y] = [a, b].map((polynomial) => inOneLetter(polynomial, letter, values)) as [bigint[], bigint[]];
    if (x.length > MAX_DEGREE || y.length > MAX_DEGREE) return false;
    while (y.length > 0) {
      budget.spend(2 * x.length * y.length);
      [x, y] = [y, rest(x, y)];
    }
    return x.length > 1;
  });
}
