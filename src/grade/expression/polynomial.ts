/**
 * Polynomials with rational coefficients over atoms, with the relations i² = -1 and √p² = p.
 *
 * @module
 */

import { type Budget, TooLarge } from "./budget.ts";
import {
  add as addRational,
  compare as compareRational,
  divide as divideRational,
  integer,
  multiply as multiplyRational,
  ONE,
  power as powerRational,
  type Rational,
  ZERO,
} from "./rational.ts";

/** A product of powers of atoms with a coefficient. */
export interface Term {
  /** The coefficient; never zero. */
  readonly coefficient: Rational;
  /** The exponents, at least 1, by the atom's name. */
  readonly powers: ReadonlyMap<string, number>;
}

/** A sum of terms by the key of their powers. */
export type Polynomial = ReadonlyMap<string, Term>;

const MAX_TERMS = 400;
/** The atom √p is this sign and the prime p. */
export const SQUARE_ROOT = "√";
const NO_POWERS: ReadonlyMap<string, number> = new Map();

/** The polynomial of a rational number. */
export const constant = (value: Rational): Polynomial =>
  value.numerator === 0n ? new Map() : new Map([["", { coefficient: value, powers: NO_POWERS }]]);
/** The polynomial 1. */
export const UNIT: Polynomial = constant(ONE);
/** The polynomial of one atom. */
export const atom = (name: string): Polynomial =>
  new Map([[`${name}^1`, { coefficient: ONE, powers: new Map([[name, 1]]) }]]);
/** The value of a polynomial that is a rational number. */
export function constantOf(polynomial: Polynomial): Rational | undefined {
  if (polynomial.size === 0) return ZERO;
  return polynomial.size === 1 ? polynomial.get("")?.coefficient : undefined;
}

/** A polynomial as text, its terms in a fixed order. */
export function textOf(polynomial: Polynomial): string {
  return [...polynomial].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { coefficient: { numerator, denominator } }]) => `${numerator}/${denominator}*${key}`).join(
      "+",
    );
}

/** Adds and multiplies polynomials under one budget. */
export class PolynomialRing {
  readonly #budget: Budget;

  /** Opens a ring that pays from a budget. */
  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** The rational number c with a = c · b, if there is one. */
  proportion(a: Polynomial, b: Polynomial): Rational | undefined {
    const [key, first] = [...a][0] ?? ["", undefined];
    const partner = b.get(key);
    if (!first || !partner || a.size !== b.size) return undefined;
    const factor = divideRational(first.coefficient, partner.coefficient, this.#budget);
    return this.equal(a, this.product(b, constant(factor))) ? factor : undefined;
  }

  /** Are two polynomials the same? */
  equal(a: Polynomial, b: Polynomial): boolean {
    if (a === b) return true;
    if (a.size !== b.size) return false;
    for (const [key, { coefficient }] of a) {
      const other = b.get(key)?.coefficient;
      if (!other || compareRational(coefficient, other) !== 0) return false;
    }
    return true;
  }

  /** The sum of two polynomials. */
  sum(a: Polynomial, b: Polynomial): Polynomial {
    const result = new Map(a);
    for (const [key, term] of b) this.#accumulate(result, key, term);
    return result;
  }

  /** The product of two polynomials. */
  product(a: Polynomial, b: Polynomial): Polynomial {
    if (a === UNIT) return b;
    if (b === UNIT) return a;
    const result = new Map<string, Term>();
    for (const x of a.values()) {
      for (const y of b.values()) {
        const term = this.#termProduct(x, y);
        const key = [...term.powers].sort(([p], [q]) => (p < q ? -1 : 1)).map(([p, n]) => `${p}^${n}`).join(
          "*",
        );
        this.#accumulate(result, key, term);
      }
    }
    return result;
  }

  #accumulate(result: Map<string, Term>, key: string, term: Term): void {
    this.#budget.spend(5);
    const before = result.get(key);
    const coefficient = before
      ? addRational(before.coefficient, term.coefficient, this.#budget)
      : term.coefficient;
    if (coefficient.numerator === 0n) result.delete(key);
    else result.set(key, { coefficient, powers: term.powers });
    if (result.size > MAX_TERMS) {
      throw new TooLarge(`Cannot keep a polynomial of more than ${MAX_TERMS} terms`);
    }
  }

  #termProduct(a: Term, b: Term): Term {
    this.#budget.spend(5 + a.powers.size + b.powers.size);
    let coefficient = multiplyRational(a.coefficient, b.coefficient, this.#budget);
    if (b.powers.size === 0) return { coefficient, powers: a.powers };
    const powers = new Map(a.powers);
    for (const [name, exponent] of b.powers) {
      let total = (powers.get(name) ?? 0) + exponent;
      const square = name === " i"
        ? integer(-1)
        : name.startsWith(SQUARE_ROOT)
        ? integer(BigInt(name.slice(1)))
        : undefined;
      if (square && total >= 2) {
        coefficient = multiplyRational(
          coefficient,
          powerRational(square, BigInt(total >> 1), this.#budget),
          this.#budget,
        );
        total &= 1;
      }
      if (total === 0) powers.delete(name);
      else powers.set(name, total);
    }
    return { coefficient, powers };
  }
}
