/**
 * Exact rational numbers over BigInt, with a size limit so that no input can make them grow without end.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";

/** A fraction in lowest terms with a positive denominator. */
export interface Rational {
  /** The signed numerator. */
  readonly numerator: bigint;
  /** The denominator, at least 1. */
  readonly denominator: bigint;
}

/** The largest size of a numerator or denominator, in bits; 2006! just fits. */
export const MAX_BITS = 24_576;

/** The rational number 0. */
export const ZERO: Rational = { numerator: 0n, denominator: 1n };
/** The rational number 1. */
export const ONE: Rational = { numerator: 1n, denominator: 1n };

/** How many bits the magnitude of an integer has, up to the next multiple of four. */
export function bitLength(value: bigint): number {
  return 4 * (value < 0n ? -value : value).toString(16).length;
}

/** The greatest common divisor, not negative, by Euclid's algorithm. */
export function gcd(a: bigint, b: bigint, budget: Budget): bigint {
  while (b !== 0n) {
    if (a > 0xFFFFFFFFFFFFFn || a < -0xFFFFFFFFFFFFFn) budget.spend(4 + bitLength(b) / 64);
    [a, b] = [b, a % b];
  }
  return a < 0n ? -a : a;
}

/**
 * The fraction of two integers, in lowest terms.
 *
 * @throws {TooLarge} If the denominator is zero or a part exceeds {@linkcode MAX_BITS}.
 */
export function rational(numerator: bigint, denominator: bigint, budget: Budget): Rational {
  if (denominator === 0n) throw new TooLarge("Cannot divide by zero");
  budget.spend(1);
  if (denominator === 1n) return bounded(numerator, 1n);
  const divisor = gcd(numerator, denominator, budget) * (denominator < 0n ? -1n : 1n);
  return bounded(numerator / divisor, denominator / divisor);
}

/** A reduced fraction, if it is small enough. */
function bounded(numerator: bigint, denominator: bigint): Rational {
  const size = BigInt.asIntN(64, numerator) === numerator && BigInt.asIntN(64, denominator) === denominator
    ? 0
    : Math.max(bitLength(numerator), bitLength(denominator));
  if (size > MAX_BITS) throw new TooLarge(`Cannot keep a number of ${size} bits: the limit is ${MAX_BITS}`);
  return { numerator, denominator };
}

/** A rational number that is an integer. */
export function integer(value: bigint | number): Rational {
  return { numerator: BigInt(value), denominator: 1n };
}

/** The sum of two rational numbers. */
export function add(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(
    a.numerator * b.denominator + b.numerator * a.denominator,
    a.denominator * b.denominator,
    budget,
  );
}

/** The product of two rational numbers. */
export function multiply(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator, budget);
}

/** The quotient of two rational numbers. */
export function divide(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator, budget);
}

/** The number with the opposite sign. */
export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator };
}

/** Are two rational numbers equal? */
export function equals(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

/** -1, 0 or 1 as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * An integer power of a rational number; its size is checked before it is computed.
 *
 * @throws {TooLarge} If the result would exceed {@linkcode MAX_BITS}, or for zero to a negative power.
 */
export function power(base: Rational, exponent: bigint, budget: Budget): Rational {
  const count = exponent < 0n ? -exponent : exponent;
  const unit = base.denominator === 1n && base.numerator >= -1n && base.numerator <= 1n;
  if (unit) {
    if (base.numerator === 0n) {
      if (exponent < 0n) throw new TooLarge("Cannot divide by zero");
      return exponent === 0n ? ONE : ZERO;
    }
    return count % 2n === 0n ? ONE : base;
  }
  const bits = Math.max(bitLength(base.numerator), bitLength(base.denominator)) - 3;
  if (count > BigInt(MAX_BITS) || Number(count) * bits > MAX_BITS) {
    throw new TooLarge("Cannot raise to a power: the result is too large");
  }
  budget.spend(1 + Number(count) * bits / 64);
  const top = base.numerator ** count, bottom = base.denominator ** count;
  return exponent < 0n ? rational(bottom, top, budget) : { numerator: top, denominator: bottom };
}

/** The integer part of the `degree`-th root of a natural number, by Newton's method. */
export function integerRoot(value: bigint, degree: number, budget: Budget): bigint {
  if (value < 2n) return value;
  const n = BigInt(degree);
  let x = 1n << BigInt(Math.ceil(bitLength(value) / degree));
  for (;;) {
    budget.spend(4 + bitLength(value) / 32);
    const next = ((n - 1n) * x + value / x ** (n - 1n)) / n;
    if (next >= x) return x;
    x = next;
  }
}

/** A rational number as a double; parts beyond the range of doubles are scaled first. */
export function toNumber(value: Rational): number {
  const direct = Number(value.numerator) / Number(value.denominator);
  if (Number.isFinite(direct) && (direct !== 0 || value.numerator === 0n)) return direct;
  const top = bitLength(value.numerator), bottom = bitLength(value.denominator);
  const a = Number(value.numerator >> BigInt(Math.max(0, top - 1000)));
  const b = Number(value.denominator >> BigInt(Math.max(0, bottom - 1000)));
  return (a / b) * 2 ** (Math.max(0, top - 1000) - Math.max(0, bottom - 1000));
}
