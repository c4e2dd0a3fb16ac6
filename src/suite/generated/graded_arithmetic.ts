/**
 * The families of `graded-arithmetic`: one rule each, applied again and again, and all values on the way are asked for.
 * A level is a number of values, one more with each level, and an answer is right only where each of them is.
 *
 * @module
 */

import type { RandomStream } from "../../random.ts";
import type { Draft, Family, RequiredForm } from "../problem.ts";
import { unordered } from "./notation.ts";

/** All answers are tuples of integers, and integers are digits. */
export const INTEGERS: RequiredForm = { wanted: "decimal" };

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

/**
 * A question that asks for values, and the steps to them: each value after what of the question it takes, as in `8=13`, so
 * that a step is a copy and a fact.
 *
 * @param taken What each value takes of the question besides the value before it; nothing where all take the same.
 */
export function asksFor(
  question: string,
  values: readonly number[],
  taken: readonly (string | number)[] = [],
  meaning = question,
): Draft {
  const steps = values.map((value, i) => taken[i] === undefined ? `${value}` : `${taken[i]}=${value}`);
  return { question, meaning, steps, answer: `(${values.join(",")})` };
}

/** So many random integers from low to high. */
export function drawMany(random: RandomStream, count: number, low: number, high: number): number[] {
  return Array.from({ length: count }, () => random.integer(low, high));
}

/** So many random digits, the first of which is not 0. */
export function drawDigits(random: RandomStream, count: number, base = 10): number[] {
  return [random.integer(1, base - 1), ...drawMany(random, count - 1, 0, base - 1)];
}

/** A family that walks through last digits: from a start, by one operation with one number after the other. */
export function residueWalk(
  name: string,
  smallest: number,
  operation: (value: number, operand: number) => number,
): Family {
  return {
    name,
    form: INTEGERS,
    draw(random, level) {
      const start = random.integer(1, 9), operands = drawMany(random, level + 1, smallest, 9);
      const step = (value: number, operand: number) => (operation(value, operand) % 10 + 10) % 10;
      return asksFor(
        `From ${start} ${name} ${operands.join(",")} mod 10`,
        running(start, operands, step),
        operands,
      );
    },
  };
}

const remainder: Family = {
  name: "remainder",
  form: INTEGERS,
  draw(random, level) {
    const modulus = random.pick([3, 7]), digits = drawDigits(random, level + 2);
    return asksFor(
      `Digits ${digits.join(",")} mod ${modulus}`,
      running(0, digits, (value, digit) => (10 * value + digit) % modulus).slice(1),
      digits.slice(1),
    );
  },
};

const iterate: Family = {
  name: "iterate",
  form: INTEGERS,
  draw(random, level) {
    const factor = random.integer(2, 4), term = random.integer(1, 9), start = random.integer(0, 9);
    const times = Array<number>(level + 1).fill(factor);
    return asksFor(
      `From ${start} repeat ${factor}x+${term} mod 10, ${times.length} values`,
      running(start, times, (value) => (factor * value + term) % 10),
    );
  },
};

const sum: Family = {
  name: "sum",
  form: INTEGERS,
  draw(random, level) {
    const [first = 1, ...rest] = drawMany(random, level + 2, 1, 9);
    const terms = [first, ...rest.map((term) => random.integer(0, 1) === 0 ? -term : term)];
    const values = running(0, terms, (value, term) => value + term).slice(1);
    if (Math.min(...values) < 0) return undefined;
    const plus = unordered(terms.filter((term) => term > 0)),
      minus = unordered(terms.filter((term) => term < 0));
    const write = (list: readonly number[]): string =>
      list.map((term, i) => term > 0 && i > 0 ? `+${term}` : `${term}`).join("");
    const taken = terms.slice(1).map((term) => term > 0 ? `+${term}` : `${term}`);
    return asksFor(`Running ${write(terms)}`, values, taken, `Running ${write([...plus, ...minus])}`);
  },
};

/** The families of `graded-arithmetic`, in the order in which problems cycle through them. */
export const gradedArithmetic: readonly Family[] = [
  residueWalk("plus", 1, (value, operand) => value + operand),
  residueWalk("times", 2, (value, operand) => value * operand),
  remainder,
  iterate,
  sum,
];
