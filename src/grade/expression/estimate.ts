/**
 * Values with a bound of their error: sums and products of them, the whole number that one of them is, and whether two are
 * equal as far as their digits go.
 *
 * @module
 */

import type { Complex } from "mathjs";
import { TooLarge } from "./budget.ts";
import type { FunctionName } from "./expression.ts";
import { bignumber, complex, isComplex, logSize, math, settle, type Value } from "./numeric.ts";

/** A value and the decimal logarithm of the largest error that it may have. */
export interface Estimate {
  /** The value. */
  readonly value: Value;
  /** The decimal logarithm of its error; -∞ for an exact zero. */
  readonly error: number;
}

/** The functions with steps. */
export const STEPPED: ReadonlySet<FunctionName> = new Set(["floor", "ceil", "mod", "max", "min"]);

/** A real number without the noise that doubles add to it; functions with steps know no others. */
export function realPart({ value, error }: Estimate): Estimate {
  if (!isComplex(value) || value.im === 0) return { value, error };
  if (Math.abs(value.im) > 10 ** Math.min(0, error + 3)) throw new TooLarge("Cannot order complex numbers");
  return { value: complex(value.re), error };
}

/** Is a real number above (1), at (0) or below (-1) another one? */
export function order(a: Value, b: Value): number {
  if (!isComplex(a) && !isComplex(b)) return a.comparedTo(b);
  const [x, y] = [a, b].map((value) => isComplex(value) ? value.re : Number(value.toString()));
  return Math.sign((x ?? NaN) - (y ?? NaN));
}

/** The whole number below or above a number, or the one that it is but for its error. */
export function wholePart({ value, error }: Estimate, side: "floor" | "ceil"): Value {
  const [nearest, below] = isComplex(value)
    ? [complex(Math.round(value.re)), complex(Math[side](value.re))]
    : [value.round(), value[side]()];
  const apart = logSize(distance(value, nearest)), known = error + SLACK;
  if (apart === -Infinity) return nearest;
  if (!(known < -1 && apart <= known)) return below;
  // Doubles cannot tell 30 from 30 - 10^-31; 64 digits are taken at their word.
  if (isComplex(value)) throw new TooLarge("Cannot tell on which side of a whole number the value is");
  return nearest;
}

/** A value after one more rounding. */
export function rounded(value: Value, error: number): Estimate {
  return { value, error: Math.max(error, logSize(value) + (isComplex(value) ? -15.5 : -63)) };
}

/** The sum of two values. */
export function sum(a: Estimate, b: Estimate): Estimate {
  const value = settle(math.add(a.value, b.value));
  // Complex doubles beside decimals make the sum one of doubles.
  return rounded(value, Math.max(a.error, b.error, isComplex(value) ? logSize(a.value) - 15.5 : -Infinity));
}

/** The product of two values. */
export function product(a: Estimate, b: Estimate): Estimate {
  const error = Math.max(logSize(a.value) + b.error, logSize(b.value) + a.error);
  return rounded(settle(math.multiply(a.value, b.value)), Number.isNaN(error) ? -Infinity : error);
}

/** The decimal logarithm of how much a function magnifies a small error of its argument, at most. */
export function slopeOf(name: FunctionName, x: Value, value: Value): number {
  switch (name) {
    case "ln":
    case "arg":
      return -logSize(x);
    case "tan":
      return 2 * Math.max(0, logSize(value));
    case "sinh":
    case "cosh":
      return Math.max(0, logSize(value));
    case "arcsin":
    case "arccos":
    case "arccosh":
    case "arctanh":
    case "arcsec":
    case "arccsc":
      // Steep at the ends of the domain.
      return 8;
    default:
      return 0;
  }
}

/** A point of the complex plane. */
export function point(re: number, im = 0): Complex {
  return complex(re, im);
}

/** The absolute difference of two values. */
export function distance(a: Value, b: Value): Value {
  const precise = !isComplex(a) && !isComplex(b);
  return settle(
    math.abs(settle(math.add(a, settle(math.multiply(b, precise ? bignumber("-1") : complex(-1))))) as never),
  );
}

/** How many digits of an error bound are left as slack. */
const SLACK = 3;

/**
 * Are two values equal as far as their digits go? `undefined` if so few digits are known that this would say nothing.
 */
export function agree(a: Estimate, b: Estimate): boolean | undefined {
  const difference = logSize(distance(a.value, b.value));
  const tolerance = Math.max(a.error, b.error) + SLACK;
  if (difference > tolerance) return false;
  const precise = !isComplex(a.value) && !isComplex(b.value);
  const size = Math.max(logSize(a.value), logSize(b.value));
  // Equal zeros are known by how small the noise is, other numbers by their digits.
  return tolerance < size - 6 || tolerance < (precise ? -30 : -8) || size === -Infinity ? true : undefined;
}
