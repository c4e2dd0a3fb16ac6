/**
 * The families of `mini-aime`: integer answers from 0 to 999, reached by a few steps of arithmetic, modular,
 * counting and sequence reasoning.
 *
 * @module
 */

import { greatestCommonDivisor, leastCommonMultiple, smallestBase, unordered } from "./notation.ts";
import type { Family, RequiredForm } from "../problem.ts";

/** All answers are integers, and integers are digits. */
const DIGITS: RequiredForm = { wanted: "decimal" };

const arithmetic: Family = {
  name: "arithmetic",
  form: DIGITS,
  draw(random, level) {
    const a = random.integer(2, 9), b = random.integer(11, 99), sign = random.pick(["+", "-"]);
    const c = level === 3 ? random.integer(2, 9) : random.integer(11, 99);
    const d = level === 1 ? random.integer(11, 99) : random.integer(2, 9);
    const first = level === 1 ? b + d : a * b, second = level === 3 ? c * d : c;
    const answer = sign === "+" ? first + second : first - second;
    if (answer < 0) return undefined;
    const start = level === 1 ? `${b}+${d}` : `${a}*${b}`, end = level === 3 ? `${c}*${d}` : `${c}`;
    const product = level === 3 ? unordered([c, d]).join("*") : end;
    const sum = unordered([
      ...(level === 1 ? [`${b}`, `${d}`] : [start]),
      ...(sign === "+" ? [product] : []),
    ]);
    return {
      question: `Find ${start}${sign}${end}`,
      meaning: `Find ${sum.join("+")}${sign === "+" ? "" : `-${product}`}`,
      steps: [
        `${start}=${first}`,
        ...(level === 3 ? [`${end}=${second}`] : []),
        `${first}${sign}${second}=${answer}`,
      ],
      answer,
    };
  },
};

/** The division of n by m with its remainder, as an equation. */
function division(n: number, m: number): string {
  return `${n}=${m}*${Math.floor(n / m)}+${n % m}`;
}

const residue: Family = {
  name: "residue",
  form: DIGITS,
  draw(random, level) {
    const modulus = random.integer(3, 9);
    if (level === 1) {
      const n = random.integer(50, 499);
      return { question: `Find ${n} mod ${modulus}`, steps: [division(n, modulus)], answer: n % modulus };
    }
    const a = random.integer(2, 9), b = level === 2 ? random.integer(11, 99) : random.integer(11, 19);
    const c = random.integer(11, 39);
    const n = level === 2 ? b + c : a * b + c;
    return {
      question: level === 2 ? `Find (${b}+${c}) mod ${modulus}` : `Find (${a}*${b}+${c}) mod ${modulus}`,
      ...(level === 2 ? { meaning: `Find (${unordered([b, c]).join("+")}) mod ${modulus}` } : {}),
      steps: level === 2
        ? [`${b}+${c}=${n}`, division(n, modulus)]
        : [`${a}*${b}=${a * b}`, `${a * b}+${c}=${n}`, division(n, modulus)],
      answer: n % modulus,
    };
  },
};

const lastDigit: Family = {
  name: "last_digit",
  form: DIGITS,
  draw(random, level) {
    const base = level === 1 ? random.integer(2, 19) : random.integer(12, 99);
    const exponent = level === 3 ? random.integer(100, 999) : random.integer(5, 99);
    const cycle = [base % 10];
    for (let next = cycle[0] as number * base % 10; next !== cycle[0]; next = next * base % 10) {
      cycle.push(next);
    }
    const position = exponent % cycle.length;
    return {
      question: `Last digit of ${base}^${exponent}`,
      meaning: `Last digit of ${smallestBase(base, exponent).join("^")}`,
      steps: [`cycle ${cycle.join("")}`, `${exponent} mod ${cycle.length}=${position}`],
      answer: cycle.at(position - 1) as number, // position 0 is the end of the cycle
    };
  },
};

const sequence: Family = {
  name: "sequence",
  form: DIGITS,
  draw(random, level) {
    const first = random.integer(1, 30), difference = random.integer(2, 9);
    const term = (n: number): number => first + (n - 1) * difference;
    if (level === 1) {
      const n = random.integer(8, 40), rise = (n - 1) * difference;
      return {
        question: `Term ${n} of ${first},${term(2)},${term(3)}`,
        steps: [
          `${term(2)}-${first}=${difference}`,
          `${n - 1}*${difference}=${rise}`,
          `${first}+${rise}=${term(n)}`,
        ],
        answer: term(n),
      };
    }
    if (level === 2) {
      const n = random.integer(8, 40), rise = term(n) - first;
      return {
        question: `How many terms in ${first},${term(2)},...,${term(n)}`,
        steps: [`${term(n)}-${first}=${rise}`, `${rise}/${difference}=${n - 1}`, `${n - 1}+1=${n}`],
        answer: n,
      };
    }
    const i = random.integer(2, 9), j = i + random.integer(2, 9), n = j + random.integer(2, 12);
    return {
      question: `Term ${i} is ${term(i)}, term ${j} is ${term(j)}, term ${n}?`,
      steps: [
        `(${term(j)}-${term(i)})/${j - i}=${difference}`,
        `${term(j)}+${n - j}*${difference}=${term(n)}`,
      ],
      answer: term(n),
    };
  },
};

const series: Family = {
  name: "series",
  form: DIGITS,
  draw(random, level) {
    const first = random.integer(1, level === 3 ? 30 : 15), difference = random.integer(1, 9);
    const half = level === 1 ? random.integer(2, 3) : random.integer(3, 6);
    const n = level === 3 ? 2 * half + 1 : 2 * half, answer = n * first + n * (n - 1) / 2 * difference;
    if (answer > 999) return undefined;
    const question = `Sum ${n} terms of ${first},${first + difference},${first + 2 * difference}`;
    if (level === 3) {
      const middle = first + half * difference;
      return {
        question,
        steps: [`${first}+${half}*${difference}=${middle}`, `${n}*${middle}=${answer}`],
        answer,
      };
    }
    const last = first + (n - 1) * difference;
    return {
      question,
      steps: [
        `${first}+${n - 1}*${difference}=${last}`,
        `${first}+${last}=${first + last}`,
        `${half}*${first + last}=${answer}`,
      ],
      answer,
    };
  },
};

const multiples: Family = {
  name: "multiples",
  form: DIGITS,
  draw(random, level) {
    const a = random.integer(3, 9),
      high = random.integer(100, level === 1 ? 499 : 299),
      count = Math.floor(high / a);
    if (level === 1) {
      return { question: `How many multiples of ${a} to ${high}`, steps: [division(high, a)], answer: count };
    }
    if (level === 2) {
      const low = random.integer(20, 99), below = Math.floor((low - 1) / a), answer = count - below;
      return {
        question: `How many multiples of ${a} from ${low} to ${high}`,
        steps: [division(high, a), division(low - 1, a), `${count}-${below}=${answer}`],
        answer,
      };
    }
    const b = random.integer(2, 9), n = random.integer(30, 199);
    if (b >= a || greatestCommonDivisor(a, b) > 1) return undefined;
    const [byA, byB, byBoth] = [Math.floor(n / a), Math.floor(n / b), Math.floor(n / (a * b))];
    const answer = byA + byB - byBoth;
    return {
      question: `How many multiples of ${b} or ${a} to ${n}`,
      steps: [`${byB}+${byA}=${byB + byA}`, `${byB + byA}-${byBoth}=${answer}`],
      answer,
    };
  },
};

const digitSum: Family = {
  name: "digit_sum",
  form: DIGITS,
  draw(random, level) {
    const a = level === 3 ? random.integer(2, 9) : random.integer(101, 899);
    const b = level === 3 ? random.integer(11, 99) : random.integer(101, 899);
    const sign = level === 3 ? "*" : "+";
    const n = level === 1 ? random.integer(1001, 9999) : level === 2 ? a + b : a * b;
    const digits = Array.from(`${n}`, Number), answer = digits.reduce((sum, digit) => sum + digit, 0);
    const total = `${digits.join("+")}=${answer}`;
    return level === 1 ? { question: `Digit sum of ${n}`, steps: [total], answer } : {
      question: `Digit sum of ${a}${sign}${b}`,
      meaning: `Digit sum of ${unordered([a, b]).join(sign)}`,
      steps: [`${a}${sign}${b}=${n}`, total],
      answer,
    };
  },
};

const divisor: Family = {
  name: "common_divisor",
  form: DIGITS,
  draw(random, level) {
    const common = random.integer(2, 20), limit = level === 3 ? 12 : 40;
    const a = common * random.integer(2, limit), b = common * random.integer(2, limit);
    if (a <= b || a > 199) return undefined;
    if (level === 3) {
      const gcd = greatestCommonDivisor(a, b), answer = leastCommonMultiple(a, b);
      if (answer > 999 || a % b === 0) return undefined;
      return {
        question: `lcm of ${b} and ${a}`,
        steps: [`gcd ${gcd}`, `${b}/${gcd}=${b / gcd}`, `${b / gcd}*${a}=${answer}`],
        answer,
      };
    }
    const steps: string[] = [];
    let [x, y] = [a, b];
    while (y > 0) {
      steps.push(`${x} mod ${y}=${x % y}`);
      [x, y] = [y, x % y];
    }
    return steps.length === level + 1 ? { question: `gcd of ${a} and ${b}`, steps, answer: x } : undefined;
  },
};

const divisors: Family = {
  name: "divisors",
  form: DIGITS,
  draw(random, level) {
    const primes = random.shuffle([2, 3, 5, 7, 11, 13]).slice(0, level === 1 ? 2 : 3).sort((a, b) => a - b);
    const exponents = primes.map(() => random.integer(2, 9));
    const choices = exponents.map((exponent) => level === 3 ? Math.floor(exponent / 2) + 1 : exponent + 1);
    const steps: string[] = [];
    const answer = choices.reduce((product, count) => {
      steps.push(`${product}*${count}=${product * count}`);
      return product * count;
    });
    const number = primes.map((prime, i) => `${prime}^${exponents[i]}`).join("*");
    return answer > 999
      ? undefined
      : { question: `How many ${level === 3 ? "square divisors" : "divisors"} of ${number}`, steps, answer };
  },
};

const bases: Family = {
  name: "bases",
  form: DIGITS,
  draw(random, level) {
    const base = level === 1 ? random.integer(3, 6) : random.integer(7, 9);
    const digits = [random.integer(1, base - 1), random.integer(0, base - 1), random.integer(0, base - 1)];
    const steps: string[] = [];
    const value = digits.reduce((high, digit) => {
      steps.push(`${high}*${base}+${digit}=${high * base + digit}`);
      return high * base + digit;
    });
    const written = digits.join("");
    return level < 3 ? { question: `Decimal of ${written}_${base}`, steps, answer: value } : {
      question: `${value} in base ${base}`,
      steps: [division(value, base), division(Math.floor(value / base), base)],
      answer: written,
    };
  },
};

/** The families of `mini-aime`, in the order in which problems cycle through them. */
export const miniAime: readonly Family[] = [
  arithmetic,
  residue,
  lastDigit,
  sequence,
  series,
  multiples,
  digitSum,
  divisor,
  divisors,
  bases,
];
