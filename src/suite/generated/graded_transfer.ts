/**
 * The families of `graded-transfer`: what a model that is trained on `graded-arithmetic` is not asked in training. Again
 * a level is a number of applications of one rule.
 *
 * @module
 */

import type { Family } from "../problem.ts";
import { drawDigits, INTEGER, running, worked } from "./graded_arithmetic.ts";
import { polynomial, unordered } from "./notation.ts";

const alternating: Family = {
  name: "alternating",
  form: INTEGER,
  draw(random, level) {
    const digits = drawDigits(random, level + 2);
    const signed = digits.map((digit, i) => i % 2 === 0 ? digit : -digit);
    return {
      question: `Alternating digit sum of ${digits.join("")}`,
      ...worked(running(0, signed, (value, digit) => value + digit).slice(1)),
    };
  },
};

/** The largest x at which a polynomial of a level is asked for, so that values stay below some thousands. */
const LARGEST_X = [9, 6, 4, 3, 3] as const;

const value: Family = {
  name: "value",
  form: INTEGER,
  draw(random, level) {
    const x = random.integer(2, LARGEST_X[level - 1] ?? 3);
    const coefficients = Array.from({ length: level + 2 }, () => random.integer(1, 9));
    return {
      question: `${polynomial(coefficients)} at x=${x}`,
      ...worked(running(0, coefficients, (sum, coefficient) => x * sum + coefficient).slice(1)),
    };
  },
};

const base: Family = {
  name: "base",
  form: INTEGER,
  draw(random, level) {
    const from = random.integer(3, level > 3 ? 5 : 9), digits = drawDigits(random, level + 2, from);
    return {
      question: `Base ${from} number ${digits.join("")} in base 10`,
      ...worked(running(0, digits, (value, digit) => from * value + digit).slice(1)),
    };
  },
};

const recurrence: Family = {
  name: "recurrence",
  form: INTEGER,
  draw(random, level) {
    const first = random.integer(1, 40), second = random.integer(1, 40), place = level + 3;
    const terms = [first, second];
    while (terms.length < place) terms.push((terms.at(-2) ?? 0) + (terms.at(-1) ?? 0));
    let [a, b, n] = [first, second, place];
    while (b >= a && a > 0) [a, b, n] = [b - a, a, n + 1]; // the same sequence, read from an earlier place
    return {
      question: `Each term adds the two before, ${first},${second}, term ${place}`,
      meaning: `Each term adds the two before, ${a},${b}, term ${n}`,
      ...worked(terms.slice(2)),
    };
  },
};

const brackets: Family = {
  name: "brackets",
  form: INTEGER,
  draw(random, level) {
    const a = random.integer(1, 29), b = random.integer(1, 29);
    const parts = Array.from({ length: level }, (_, i) => {
      const [sign, most] = i % 2 === 0 ? ["*", 4] as const : [random.pick(["+", "-"]), 29] as const;
      return { sign, operand: random.integer(2, most) };
    });
    const values = running(
      a + b,
      parts,
      (value, { sign, operand }) =>
        sign === "*" ? value * operand : sign === "+" ? value + operand : value - operand,
    );
    if (Math.min(...values) < 0) return undefined;
    const write = (sum: string): string =>
      parts.reduce(
        (text, { sign, operand }, i) => `${i % 2 === 0 ? `(${text})` : text}${sign}${operand}`,
        sum,
      );
    return {
      question: `Find ${write(`${a}+${b}`)}`,
      meaning: `Find ${write(unordered([a, b]).join("+"))}`,
      ...worked([a + b, ...values]),
    };
  },
};

/** The families of `graded-transfer`, in the order in which problems cycle through them. */
export const gradedTransfer: readonly Family[] = [alternating, value, base, recurrence, brackets];
