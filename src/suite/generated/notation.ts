/**
 * Integers, and the LaTeX of fractions, surds and polynomials, for generated problems; the one form of questions that
 * ask the same.
 *
 * @module
 */

/** The greatest common divisor of two integers, not both zero. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b);
}

/** The least common multiple of two positive integers. */
export function leastCommonMultiple(a: number, b: number): number {
  return a / greatestCommonDivisor(a, b) * b;
}

/**
 * Operands of a commutative operation, in the one order that all orders of them have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unordered } from "./notation.ts";
 *
 * assertEquals(unordered([24, 5]).join("+"), unordered([5, 24]).join("+"));
 * ```
 */
export function unordered<T extends number | string>(operands: readonly T[]): T[] {
  return operands.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0);
}

/**
 * A power as the power of the smallest base: 4^3 is 2^6.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallestBase } from "./notation.ts";
 *
 * assertEquals(smallestBase(64, 5), [2, 30]);
 * ```
 */
export function smallestBase(base: number, exponent: number): readonly [base: number, exponent: number] {
  for (let root = 2; root * root <= base; root++) {
    let times = 0, rest = base;
    for (; rest % root === 0; rest /= root) times++;
    if (rest === 1) return [root, times * exponent];
  }
  return [base, exponent];
}

/** Is a positive integer free of square factors above 1? */
export function isSquareFree(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % (d * d) === 0) return false;
  return true;
}

/**
 * The LaTeX of a fraction in lowest terms; an integer stays an integer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fraction } from "./notation.ts";
 *
 * assertEquals(fraction(6, -8), "-\\frac{3}{4}");
 * ```
 */
export function fraction(numerator: number, denominator: number): string {
  const divisor = greatestCommonDivisor(numerator, denominator);
  const sign = numerator * denominator < 0 ? "-" : "";
  const [top, bottom] = [Math.abs(numerator / divisor), Math.abs(denominator / divisor)];
  return bottom === 1 ? `${sign}${top}` : `${sign}\\frac{${top}}{${bottom}}`;
}

/** The LaTeX of `factor·√radicand`. */
export function surd(factor: number, radicand: number): string {
  return `${factor === 1 ? "" : factor}\\sqrt{${radicand}}`;
}

/** A number with its sign in front, as the next term of a sum. */
export function signed(n: number): string {
  return n < 0 ? `${n}` : `+${n}`;
}

/**
 * The LaTeX of a polynomial in x from its coefficients, highest power first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { polynomial } from "./notation.ts";
 *
 * assertEquals(polynomial([2, -1, 0, 7]), "2x^3-x^2+7");
 * ```
 */
export function polynomial(coefficients: readonly number[]): string {
  let text = "";
  coefficients.forEach((coefficient, i) => {
    if (coefficient === 0) return;
    const power = coefficients.length - 1 - i;
    const size = Math.abs(coefficient) === 1 && power > 0 ? "" : `${Math.abs(coefficient)}`;
    const sign = coefficient < 0 ? "-" : text === "" ? "" : "+";
    text += sign + size + (power === 0 ? "" : power === 1 ? "x" : `x^${power}`);
  });
  return text === "" ? "0" : text;
}
