/**
 * The values of the parts of two answers, as far as they tell whether work is left.
 *
 * @module
 */

import {
  Algebra,
  type Budget,
  type CanonicalForm,
  distance,
  Evaluator,
  magnitude,
  type Node,
  type Rational,
  rationalOf,
  TooLarge,
  type Value,
} from "../expression/mod.ts";

/** Values that differ by no more than this share are one. */
const CLOSE = 1e-9;

/** Computes values under one budget; what is too large or not defined has none. */
export class Values {
  readonly #budget: Budget;
  readonly #algebra: Algebra;

  /** Opens a store of values. */
  constructor(budget: Budget) {
    this.#budget = budget;
    this.#algebra = new Algebra(budget);
  }

  /** The canonical form of a formula, "long" if its numbers have too many digits to be kept. */
  form(node: Node): CanonicalForm | "long" {
    try {
      return this.#algebra.form(node);
    } catch (error) {
      if (error instanceof TooLarge) return "long";
      throw error;
    }
  }

  /** The value of a formula that is known to be rational; "long" if it may be, and has too many digits to be kept. */
  rational(node: Node): Rational | "long" | undefined {
    const form = this.form(node);
    return form === "long" ? form : rationalOf(form, this.#budget);
  }

  /** The value of a formula without letters as a double. */
  approximate(node: Node): Value | undefined {
    try {
      return new Evaluator(this.#budget, new Map()).value(node);
    } catch (error) {
      if (error instanceof TooLarge) return undefined;
      throw error;
    }
  }

  /** Are two values one? */
  close(a: Value, b: Value): boolean {
    const size = magnitude(a);
    return magnitude(distance(a, b)) <= Math.max(CLOSE * size, size === 0 ? 1e-300 : 0);
  }
}
