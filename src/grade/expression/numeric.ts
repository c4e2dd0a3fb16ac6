/**
 * The numeric back-end: mathjs with the few functions that are needed. It only ever sees numbers, never text, and no
 * call that could take long: `evaluator.ts` checks sizes before.
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
  type Complex,
  complexDependencies,
  cosDependencies,
  coshDependencies,
  create,
  divideDependencies,
  expDependencies,
  type FactoryFunctionMap,
  logDependencies,
  multiplyDependencies,
  powDependencies,
  sinDependencies,
  sinhDependencies,
  tanDependencies,
  tanhDependencies,
} from "mathjs";
import { TooLarge } from "./budget.ts";
import type { FunctionName } from "./expression.ts";

/** mathjs with 64 digits; the factories are typed as optional, although every one of them exists. */
export const math = create({
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
  complexDependencies,
  cosDependencies,
  coshDependencies,
  divideDependencies,
  expDependencies,
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

/** A decimal of 64 digits. */
export const bignumber = (text: string): BigNumber => math.bignumber(text);
/** A complex double. */
export const complex = (re: number, im = 0): Complex => math.complex(re, im);
/** Is a value a complex double? */
export const isComplex = (value: Value): value is Complex => "re" in value;

/** π and e to 64 digits. */
export const CONSTANTS = {
  pi: math.acos(bignumber("-1")) as unknown as BigNumber,
  e: math.exp(bignumber("1")),
} as const;

/** Is a value known to 64 digits? */
export function isPrecise(value: Value): boolean {
  return !isComplex(value);
}

/** A decimal as a value of 64 digits. */
export function preciseNumber(text: string): BigNumber {
  return bignumber(text);
}

/** The absolute value as a double. */
export function magnitude(value: Value): number {
  return isComplex(value) ? Math.hypot(value.re, value.im) : Math.abs(Number(value.toString()));
}

/** The decimal logarithm of the absolute value, for decimals rounded up to the next integer; -∞ for zero. */
export function logSize(value: Value): number {
  if (isComplex(value)) return Math.log10(Math.hypot(value.re, value.im));
  return value.isZero() ? -Infinity : value.e + 1;
}

/** What mathjs returns, as one of the two kinds of value. */
export function settle(result: unknown): Value {
  if (typeof result === "number") return complex(result);
  return result as Value;
}

/** One function of one argument; reciprocals and inverses are made of the others. */
export const ELEMENTARY: Readonly<Partial<Record<FunctionName, (x: never) => unknown>>> = {
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
};

/** Functions that are the reciprocal of another. */
export const RECIPROCAL: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
  cot: "tan",
  sec: "cos",
  csc: "sin",
  coth: "tanh",
  sech: "cosh",
  csch: "sinh",
};

/** What functions of 64 digits cost, in steps; the others cost 800. */
export const COSTS: Readonly<Partial<Record<FunctionName, number>>> = {
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
export const OF_RECIPROCAL: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
  arccot: "arctan",
  arcsec: "arccos",
  arccsc: "arcsin",
};

/** Functions that are real only for some arguments, and for which. */
export const REAL_DOMAIN: Readonly<Partial<Record<FunctionName, (x: number) => boolean>>> = {
  ln: (x) => x > 0,
  arcsin: (x) => Math.abs(x) <= 1,
  arccos: (x) => Math.abs(x) <= 1,
  arccosh: (x) => x >= 1,
  arctanh: (x) => Math.abs(x) < 1,
};

/** The factorial of a small natural number as a double; anything else has no value here. */
export function factorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 170) throw new TooLarge("Cannot evaluate such a factorial");
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

/** A point of the complex plane. */
export function point(re: number, im = 0): Complex {
  return complex(re, im);
}
