/**
 * The families of `graded-arithmetic`: one rule each, applied again and again, so that a level is a number of
 * applications. A solution lists the values on the way, and nothing else: each follows from the one before it and from
 * the next part of the question.
 *
 * @module
 */

import type { RandomStream } from "../../random.ts";
import type { Family, RequiredForm } from "../problem.ts";
import { unordered } from "./notation.ts";

/** All answers are integers, and integers are digits. */
export const INTEGER: RequiredForm = { wanted: "decimal" };

/** The values that a rule gives from a start, one for each part, without the start. */
export function running<T>(
  start: number,
  parts: readonly T[],
  rule: (value: number, part: T) => number,
): number[] {
  const values: number[] = [];
  for (const part of parts) values.push(rule(values.at(-1) ?? start, part));
  return values;
}

/** What was computed: the last value is the answer, the ones before it are the steps. */
export function worked(values: readonly number[]): { readonly steps: string[]; readonly answer: number } {
  return { steps: values.slice(0, -1).map((value) => `${value}`), answer: values.at(-1) as number };
}

/** So many random digits, the first of which is not 0. */
export function drawDigits(random: RandomStream, count: number, base = 10): number[] {
  return Array.from({ length: count }, (_, i) => random.integer(i === 0 ? 1 : 0, base - 1));
}

const sum: Family = {
  name: "sum",
  form: INTEGER,
  draw(random, level) {
    const terms = Array.from({ length: level + 2 }, (_, i) => {
      const size = random.integer(11, 99);
      return i > 0 && random.integer(0, 1) === 0 ? -size : size;
    });
    const values = running(0, terms, (value, term) => value + term).slice(1);
    if (Math.min(...values) < 0) return undefined;
    const plus = unordered(terms.filter((term) => term > 0)),
      minus = unordered(terms.filter((term) => term < 0));
    const write = (list: readonly number[]): string =>
      list.map((term, i) => term > 0 && i > 0 ? `+${term}` : `${term}`).join("");
    return {
      question: `Find ${write(terms)}`,
      meaning: `Find ${write([...plus, ...minus])}`,
      ...worked(values),
    };
  },
};

const product: Family = {
  name: "product",
  form: INTEGER,
  draw(random, level) {
    const factor = random.integer(2, 9), digits = drawDigits(random, level + 1);
    return {
      question: `Find ${factor}*${digits.join("")}`,
      ...worked(running(0, digits, (value, digit) => 10 * value + factor * digit)),
    };
  },
};

const remainder: Family = {
  name: "remainder",
  form: INTEGER,
  draw(random, level) {
    const modulus = random.integer(3, 9), digits = drawDigits(random, level + 2);
    return {
      question: `Find ${digits.join("")} mod ${modulus}`,
      ...worked(running(0, digits, (value, digit) => (10 * value + digit) % modulus).slice(1)),
    };
  },
};

const digitSum: Family = {
  name: "digit_sum",
  form: INTEGER,
  draw(random, level) {
    const digits = drawDigits(random, 2 * level + 1);
    return {
      question: `Digit sum of ${digits.join("")}`,
      ...worked(running(0, digits, (value, digit) => value + digit).slice(1)),
    };
  },
};

const iterate: Family = {
  name: "iterate",
  form: INTEGER,
  draw(random, level) {
    const modulus = random.pick([7, 10]), times = level + 1;
    const factor = random.integer(2, modulus - 1), term = random.integer(1, modulus - 1);
    const start = random.integer(0, modulus - 1);
    return {
      question: `From ${start}, ${times} times ${factor}x+${term} mod ${modulus}`,
      ...worked(running(start, Array(times).fill(factor), (value) => (factor * value + term) % modulus)),
    };
  },
};

/** The families of `graded-arithmetic`, in the order in which problems cycle through them. */
export const gradedArithmetic: readonly Family[] = [sum, product, remainder, digitSum, iterate];
