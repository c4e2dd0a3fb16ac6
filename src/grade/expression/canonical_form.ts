/**
 * The canonical form of a formula: what `algebra.ts` computes.
 *
 * @module
 */

import type { Budget } from "./budget.ts";
import { constantOf, type Polynomial, UNIT } from "./polynomial.ts";
import { divide, type Rational } from "./rational.ts";

/** A quotient of two polynomials. */
export interface CanonicalForm {
  /** The numerator. */
  readonly numerator: Polynomial;
  /** The denominator; never the zero polynomial. */
  readonly denominator: Polynomial;
  /** Does an atom stand for a subexpression that was not understood? Then different forms may still be equal. */
  readonly opaque: boolean;
}

/** The form of a polynomial. */
export function whole(numerator: Polynomial, opaque = false): CanonicalForm {
  return { numerator, denominator: UNIT, opaque };
}

/** The value of a form that is a rational number. */
export function rationalOf(form: CanonicalForm, budget: Budget): Rational | undefined {
  const top = constantOf(form.numerator), bottom = constantOf(form.denominator);
  return top && bottom ? divide(top, bottom, budget) : undefined;
}
