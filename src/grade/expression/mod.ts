/**
 * The typed tree that an answer is read into, and exact arithmetic on it: rational numbers, polynomials, surds, and values
 * at points with an error bound. Everything works within a budget of steps.
 *
 * @module
 */

export { Algebra } from "./algebra.ts";
export { Budget, OutOfSteps, TooLarge } from "./budget.ts";
export { type CanonicalForm, rationalOf } from "./canonical_form.ts";
export { agree, distance, type Estimate, point } from "./estimate.ts";
export { Evaluator } from "./evaluator.ts";
export {
  type Binder,
  children,
  contains,
  freeSymbols,
  type FunctionName,
  identical,
  integerNode,
  isInteger,
  keyOf,
  mapChildren,
  negative,
  type Node,
  quotient,
  type RelationOperator,
  substitute,
  typeOf,
  withSign,
} from "./expression.ts";
export { isPrecise, magnitude, preciseNumber, type Value } from "./numeric.ts";
export { agreeInComplexDigits } from "./complex_digits.ts";
export { sharesFactor } from "./common_factor.ts";
export { constantOf, type Polynomial, type Term, textOf } from "./polynomial.ts";
export { type Rational, rational } from "./rational.ts";
