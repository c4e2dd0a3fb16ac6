/**
 * The families of `mini-math`: answers that are fractions, surds, percentages, tuples and polynomials, in LaTeX.
 *
 * @module
 */

import {
  fraction,
  greatestCommonDivisor,
  isSquareFree,
  leastCommonMultiple,
  polynomial,
  signed,
  surd,
  unordered,
} from "./notation.ts";
import type { RandomStream } from "../../random.ts";
import type { Family } from "../problem.ts";

/** An integer from -limit to limit, without 0. */
function nonZero(random: RandomStream, limit: number): number {
  return random.pick([-1, 1]) * random.integer(1, limit);
}

const fractionSum: Family = {
  name: "fraction_sum",
  form: { wanted: "lowest terms" },
  draw(random, level) {
    const b = level === 1 ? random.integer(5, 20) : random.integer(2, 9);
    const d = level === 1 ? b : random.integer(2, 9);
    const a = random.integer(1, b - 1), c = random.integer(1, d - 1);
    const coprime = greatestCommonDivisor(a, b) === 1 && greatestCommonDivisor(c, d) === 1;
    if (!coprime || (level > 1 && b === d)) return undefined;
    const sign = level === 3 ? -1 : 1, common = leastCommonMultiple(b, d);
    const [left, right] = [a * common / b, c * common / d], top = left + sign * right;
    if (top % common === 0) return undefined;
    const operator = sign < 0 ? "-" : "+";
    const terms = [`\\frac{${a}}{${b}}`, `\\frac{${c}}{${d}}`], sum = `${top}/${common}`;
    return {
      question: terms.join(operator),
      meaning: (sign < 0 ? terms : unordered(terms)).join(operator),
      steps: [
        level === 1
          ? `${left}${operator}${right}=${top}`
          : `${left}/${common}${operator}${right}/${common}=${sum}`,
      ],
      answer: fraction(top, common),
    };
  },
};

const fractionProduct: Family = {
  name: "fraction_product",
  form: { wanted: "lowest terms" },
  draw(random, level) {
    const limit = level === 1 ? 7 : 9;
    const [a, b, c, d] = [1, 2, 1, 2].map((low) => random.integer(low, limit)) as [
      number,
      number,
      number,
      number,
    ];
    const [top, bottom] = level === 3 ? [a * d, b * c] : [a * c, b * d];
    const coprime = greatestCommonDivisor(a, b) === 1 && greatestCommonDivisor(c, d) === 1;
    if (!coprime || b === 1 || d === 1 || top % bottom === 0) return undefined;
    const [p, q] = level === 3 ? [d, c] : [c, d];
    const tops = unordered([a, p]).join("\\cdot"), bottoms = unordered([b, q]).join("\\cdot");
    return {
      question: `\\frac{${a}}{${b}}${level === 3 ? "\\div" : "\\cdot"}\\frac{${c}}{${d}}`,
      meaning: `\\frac{${tops}}{${bottoms}}`,
      steps: [`${a}*${p}=${top}`, `${b}*${q}=${bottom}`, `gcd ${greatestCommonDivisor(top, bottom)}`],
      answer: fraction(top, bottom),
    };
  },
};

const percentage: Family = {
  name: "percentage",
  form: { wanted: "decimal" },
  draw(random, level) {
    const whole = random.integer(4, 40) * 5, percent = random.integer(2, level === 1 ? 99 : 60);
    const part = whole * percent / 100;
    if (level === 3) {
      const up = random.integer(1, 19) * 5,
        down = random.integer(1, 19) * 5,
        after = (100 + up) * (100 - down) / 100;
      if (!Number.isInteger(after) || after === 100) return undefined;
      const [first, second] = random.pick([["Up", "down"], ["Down", "up"]] as const);
      const [p, q] = first === "Up" ? [up, down] : [down, up];
      const [x, y] = first === "Up" ? [100 + up, 100 - down] : [100 - down, 100 + up];
      return {
        question: `${first} ${p}\\%, ${second} ${q}\\%, net`,
        meaning: `Up ${up}\\%, down ${down}\\%, net`,
        steps: [`${x}*${y}/100=${after}`, `${after}-100=${after - 100}`],
        answer: `${after - 100}\\%`,
      };
    }
    if (!Number.isInteger(part)) return undefined;
    if (level === 1) {
      return {
        question: `${part} is what percent of ${whole}`,
        steps: [`${part}/${whole}=${percent}/100`],
        answer: `${percent}\\%`,
      };
    }
    const change = random.pick([-1, 1]) * part, sign = change < 0 ? "-" : "";
    return {
      question: `Percent change from ${whole} to ${whole + change}`,
      steps: [`${whole + change}-${whole}=${change}`, `${change}/${whole}=${sign}${percent}/100`],
      answer: `${sign}${percent}\\%`,
    };
  },
};

const squareFree = [2, 3, 5, 6, 7, 10, 11, 13];

const surds: Family = {
  name: "surds",
  form: { wanted: "lowest terms" },
  draw(random, level) {
    if (level === 2) {
      const a = random.integer(2, 30), b = random.integer(2, 30), n = a * b;
      let root = Math.floor(Math.sqrt(n));
      while (n % (root * root) !== 0) root--;
      if (root === 1 || root * root === n || root === a || root === b) return undefined;
      const rest = n / (root * root);
      return {
        question: `\\sqrt{${a}}\\cdot\\sqrt{${b}}`,
        meaning: unordered([a, b]).map((n) => `\\sqrt{${n}}`).join("\\cdot"),
        steps: [`${a}*${b}=${n}`, `${n}=${root}^2*${rest}`],
        answer: surd(root, rest),
      };
    }
    const a = random.integer(2, 15), b = random.integer(2, 9);
    if (level === 1) {
      const rest = random.integer(2, 43), n = a * a * rest, outer = random.integer(1, 5);
      if (!isSquareFree(rest) || n > 999) return undefined;
      return {
        question: `Simplify ${surd(outer, n)}`,
        steps: outer === 1 ? [`${n}=${a}^2*${rest}`] : [`${n}=${a}^2*${rest}`, `${outer}*${a}=${outer * a}`],
        answer: surd(outer * a, rest),
      };
    }
    const rest = random.pick(squareFree),
      sign = random.pick(["+", "-"]),
      total = sign === "+" ? a + b : a - b;
    if (total < 1 || a * a * rest > 999) return undefined;
    const [m, n] = [a * a * rest, b * b * rest];
    const sum = m === n ? `Simplify ${surd(2, m)}` : unordered([m, n]).map((k) => `\\sqrt{${k}}`).join("+");
    return {
      question: `\\sqrt{${m}}${sign}\\sqrt{${n}}`,
      ...(sign === "+" ? { meaning: sum } : {}),
      steps: [`${m}=${a}^2*${rest}`, `${n}=${b}^2*${rest}`, `${a}${sign}${b}=${total}`],
      answer: surd(total, rest),
    };
  },
};

/** Draws the product (px+a)(x+b): p is 1 below level 3, and both constants are positive at level 1. */
function drawProduct(random: RandomStream, level: number): readonly [p: number, a: number, b: number] {
  if (level === 1) return [1, random.integer(1, 25), random.integer(1, 25)];
  if (level === 2) return [1, nonZero(random, 15), nonZero(random, 15)];
  return [random.integer(2, 7), random.integer(1, 9), random.integer(1, 12)];
}

/** The sum and product of constants that expand (px+a)(x+b), as equations. */
function productSteps(p: number, a: number, b: number): readonly string[] {
  const sum = p === 1 ? `${a}${signed(b)}` : `${p}*${b}+${a}`;
  return [`${sum}=${p * b + a}`, `${a}*${b}=${a * b}`];
}

const expand: Family = {
  name: "expand",
  form: { wanted: "expanded" },
  draw(random, level) {
    const [p, a, b] = drawProduct(random, level);
    const product = polynomial([p, p * b + a, a * b]);
    return {
      question: `Expand (${polynomial([p, a])})(${polynomial([1, b])})`,
      meaning: `Expand to ${product}`,
      steps: productSteps(p, a, b),
      answer: product,
    };
  },
};

const factor: Family = {
  name: "factor",
  form: { wanted: "factored" },
  draw(random, level) {
    const [p, a, b] = drawProduct(random, level);
    if ((p === 1 && a > b) || greatestCommonDivisor(p, a) > 1) return undefined;
    return {
      question: `Factor ${polynomial([p, p * b + a, a * b])}`,
      steps: productSteps(p, a, b),
      answer: `(${polynomial([p, a])})(${polynomial([1, b])})`,
    };
  },
};

const system: Family = {
  name: "system",
  form: { wanted: "decimal" },
  draw(random, level) {
    const x = random.integer(1, level === 1 ? 30 : 12),
      y = random.integer(1, level === 1 ? 30 : 12),
      sum = x + y;
    const answer = `(${x},${y})`, end = [`x=${x}`, `y=${y}`];
    if (level === 1) {
      return {
        question: `Solve x+y=${sum}, x-y=${x - y}`,
        steps: [`${sum}${signed(x - y)}=${2 * x}`, ...end],
        answer,
      };
    }
    const a = random.integer(2, 6), b = level === 2 ? 1 : random.integer(2, 6), value = a * x + b * y;
    if (b >= a) return undefined;
    const scale = greatestCommonDivisor(a, b),
      rest = value - b * sum,
      difference = b === 1 ? `${value}-${sum}` : `${value}-${b}*${sum}`;
    return {
      question: `Solve ${a}x+${b === 1 ? "" : b}y=${value}, x+y=${sum}`,
      meaning: `Solve ${a / scale}x+${b / scale}y=${value / scale}, x+y=${sum}`,
      steps: [`${difference}=${rest}`, ...end],
      answer,
    };
  },
};

const midpoint: Family = {
  name: "midpoint",
  form: { wanted: "decimal" },
  draw(random, level) {
    const low = level === 1 ? 0 : -9, high = level === 1 ? 20 : 9;
    const [a, b, c, d] = [0, 1, 2, 3].map(() => random.integer(low, high)) as [
      number,
      number,
      number,
      number,
    ];
    if (a === c && b === d) return undefined;
    if (level === 3) {
      const [x, y] = [2 * a - c, 2 * b - d];
      return {
        question: `Midpoint (${a},${b}), end (${c},${d}), other end`,
        steps: [`2*${a}${signed(-c)}=${x}`, `2*${b}${signed(-d)}=${y}`],
        answer: `(${x},${y})`,
      };
    }
    if ((a + c) % 2 !== 0 || (b + d) % 2 !== 0) return undefined;
    return {
      question: `Midpoint of (${a},${b}) and (${c},${d})`,
      meaning: `Midpoint of x ${unordered([a, c]).join(" and ")}, y ${unordered([b, d]).join(" and ")}`,
      steps: [`${a}${signed(c)}=${a + c}`, `${b}${signed(d)}=${b + d}`],
      answer: `(${(a + c) / 2},${(b + d) / 2})`,
    };
  },
};

const vertex: Family = {
  name: "vertex",
  form: { wanted: "decimal" },
  draw(random, level) {
    const a = level === 3 ? random.integer(2, 5) : 1,
      h = level === 1 ? random.integer(1, 12) : nonZero(random, 9);
    const k = random.integer(level === 1 ? 1 : -20, 30), constant = a * h * h + k;
    const square = a === 1 ? `${h * h}` : `${a}*${h * h}`;
    return {
      question: `Vertex of y=${polynomial([a, -2 * a * h, constant])}`,
      steps: [`${2 * a * h}/${2 * a}=${h}`, `${constant}-${square}=${k}`],
      answer: `(${h},${k})`,
    };
  },
};

const derivative: Family = {
  name: "derivative",
  form: { wanted: "expanded" },
  draw(random, level) {
    const a = random.integer(2, 12), b = nonZero(random, level === 1 ? 15 : 9), c = nonZero(random, 9);
    if (level === 3) {
      const p = random.integer(2, 9), q = random.integer(1, 9), r = random.integer(1, 9);
      return {
        question: `Derivative of (${polynomial([p, q])})(${polynomial([1, r])})`,
        meaning: `Derivative of ${polynomial([p, p * r + q, q * r])}`,
        steps: [`2*${p}=${2 * p}`, `${p}*${r}+${q}=${p * r + q}`],
        answer: polynomial([2 * p, p * r + q]),
      };
    }
    const coefficients = level === 1 ? [a, b, c] : [a, b, c, random.integer(1, 9)];
    const slope = level === 1 ? [2 * a, b] : [3 * a, 2 * b, c];
    return {
      question: `Derivative of ${polynomial(coefficients)}`,
      steps: level === 1 ? [`2*${a}=${2 * a}`] : [`3*${a}=${3 * a}`, `2*${b}=${2 * b}`],
      answer: polynomial(slope),
    };
  },
};

/** The families of `mini-math`, in the order in which problems cycle through them. */
export const miniMath: readonly Family[] = [
  fractionSum,
  fractionProduct,
  percentage,
  surds,
  expand,
  factor,
  system,
  midpoint,
  vertex,
  derivative,
];
