/**
 * The families of `graded-transfer`: what a model that is trained on `graded-arithmetic` is not asked in training, some
 * of it near to that and some far. Again a level is a number of values.
 *
 * @module
 */

import type { Family } from "../problem.ts";
import { asksFor, drawDigits, drawMany, INTEGERS, residueWalk, running } from "./graded_arithmetic.ts";

const alternating: Family = {
  name: "alternating",
  form: INTEGERS,
  draw(random, level) {
    const digits = drawDigits(random, level + 2);
    const signed = digits.map((digit, i) => i % 2 === 0 ? digit : -digit);
    return asksFor(
      `Alternating ${digits.join(",")}`,
      running(0, signed, (value, digit) => value + digit).slice(1),
      digits.map((digit, i) => i % 2 === 0 ? `+${digit}` : `-${digit}`).slice(1),
    );
  },
};

const horner: Family = {
  name: "horner",
  form: INTEGERS,
  draw(random, level) {
    const x = random.integer(2, 4), coefficients = drawMany(random, level + 2, 1, 9);
    return asksFor(
      `Horner ${coefficients.join(",")} at ${x} mod 10`,
      running(0, coefficients, (value, coefficient) => (x * value + coefficient) % 10).slice(1),
      coefficients.slice(1),
    );
  },
};

const base: Family = {
  name: "base",
  form: INTEGERS,
  draw(random, level) {
    const from = random.integer(3, 6), digits = drawDigits(random, level + 2, from);
    return asksFor(
      `Digits ${digits.join(",")} base ${from} mod 10`,
      running(0, digits, (value, digit) => (from * value + digit) % 10).slice(1),
      digits.slice(1),
    );
  },
};

const recurrence: Family = {
  name: "recurrence",
  form: INTEGERS,
  draw(random, level) {
    const factor = random.integer(1, 3), terms = drawMany(random, 2, 0, 9);
    const question = `After ${terms.join(",")} next a+${factor === 1 ? "" : factor}b mod 10, ${
      level + 1
    } values`;
    while (terms.length < level + 3) terms.push(((terms.at(-2) ?? 0) + factor * (terms.at(-1) ?? 0)) % 10);
    return asksFor(question, terms.slice(2));
  },
};

/** The families of `graded-transfer`, in the order in which problems cycle through them. */
export const gradedTransfer: readonly Family[] = [
  residueWalk("minus", 1, (value, operand) => value - operand),
  alternating,
  horner,
  base,
  recurrence,
];
