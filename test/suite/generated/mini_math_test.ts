import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { derivative, evaluate } from "mathjs";
import { generateSuite, type Problem } from "../../../src/suite/mod.ts";
import { assertAnswers, assertSolutionHolds, numbers, type Solver } from "./steps.ts";

const problems = [
  ...await generateSuite("mini-math", "evaluation", 450, 21),
  ...await generateSuite("mini-math", "train", 450, 22),
];
const ofFamily = (family: string): Problem[] => problems.filter((problem) => problem.family === family);

/** The mathjs expression of a formula in LaTeX. */
function plain(latex: string): string {
  return latex.replace(/\\frac\{(\d+)\}\{(\d+)\}/g, "($1/$2)").replace(/\\sqrt\{(\d+)\}/g, " sqrt($1)")
    .replaceAll("\\cdot", "*").replaceAll("\\div", "/");
}

/** The value of a formula in LaTeX where x stands for a number. */
function valueAt(latex: string, x: number): number {
  return Number(evaluate(plain(latex).replaceAll(")(", ")*("), { x }));
}

/** Asserts that two polynomials agree at more points than their degree. */
function assertSamePolynomial(actual: string, expected: string): void {
  for (const x of [-3, -1, 0, 2, 5]) {
    assertEquals(valueAt(actual, x), valueAt(expected, x), `${actual} ≠ ${expected}`);
  }
}

const point = (x: number, y: number): string => `(${x},${y})`;
const four = (text: string): [number, number, number, number] =>
  numbers(text) as [number, number, number, number];

const solvers: readonly (readonly [RegExp, Solver])[] = [
  [/^(\\frac.*)$/, ([sum]) => {
    const value = evaluate(`fraction(${plain(sum ?? "").replace(/\((\d+)\/(\d+)\)/g, "fraction($1,$2)")})`);
    const [sign, top, bottom] = [value.s < 0 ? "-" : "", `${value.n}`, `${value.d}`];
    return `${sign}\\frac{${top}}{${bottom}}`;
  }],
  [/^(\d+) is what percent of (\d+)$/, ([part, whole]) => `${Number(part) * 100 / Number(whole)}\\%`],
  [
    /^Percent change from (\d+) to (\d+)$/,
    ([from, to]) => `${(Number(to) - Number(from)) * 100 / Number(from)}\\%`,
  ],
  [/^(Up|Down) (\d+)\\%, (up|down) (\d+)\\%, net$/, ([first, p, second, q]) => {
    const scale = (word: string | undefined, n: number): number =>
      word?.toLowerCase() === "up" ? 100 + n : 100 - n;
    return `${scale(first, Number(p)) * scale(second, Number(q)) / 100 - 100}\\%`;
  }],
  [/^Solve (.+)$/, ([equations]) => {
    const found: string[] = [];
    const [left, right] = (equations ?? "").split(", ").map((equation) => {
      const [, a, b, value] = equation.match(/^(\d*)x([+-]\d*)y=(-?\d+)$/) ?? [];
      const coefficient = (text = ""): number => Number(/\d/.test(text) ? text : `${text}1`);
      return [coefficient(a), coefficient(b), Number(value)];
    }) as [[number, number, number], [number, number, number]];
    for (let x = -60; x <= 60; x++) {
      for (let y = -60; y <= 60; y++) {
        if ([left, right].every(([a, b, value]) => a * x + b * y === value)) found.push(point(x, y));
      }
    }
    return found.join(" or ");
  }],
  [/^Midpoint of (.+)$/, ([text]) => {
    const [a, b, c, d] = four(text ?? "");
    return point(a + (c - a) / 2, b + (d - b) / 2);
  }],
  [/^Midpoint (.+), other end$/, ([text]) => {
    const [a, b, c, d] = four(text ?? "");
    return point(a + (a - c), b + (b - d));
  }],
  [/^Vertex of y=(.+)$/, ([parabola]) => {
    const values = Array.from({ length: 61 }, (_, i) => valueAt(parabola ?? "", i - 30));
    const lowest = Math.min(...values), at = values.indexOf(lowest);
    assertEquals(values[at - 1], values[at + 1], `${parabola}: the lowest integer point is not the vertex`);
    return point(at - 30, lowest);
  }],
];

Deno.test("mini-math has the fractions, percentages and tuples that independent solvers find", () => {
  const families = ["fraction_sum", "fraction_product", "percentage", "system", "midpoint", "vertex"];
  assertAnswers(families.flatMap(ofFamily), solvers);
});

Deno.test("mini-math has surds of the right value whose radicand has no square factor", () => {
  for (const { question, answer } of ofFamily("surds")) {
    assertAlmostEquals(valueAt(answer, 0), valueAt(question.replace("Simplify ", ""), 0), 1e-9, question);
    assertMatch(answer, /^\d*\\sqrt\{\d+\}$/);
    const radicand = Number(answer.match(/^\d*\\sqrt\{(\d+)\}$/)?.[1]);
    for (let d = 2; d < radicand; d++) {
      assertEquals(radicand % (d * d) === 0, false, `${question}: ${answer}`);
    }
  }
});

Deno.test("mini-math expands, factors and differentiates correctly", () => {
  for (const { question, answer } of ofFamily("expand")) {
    assertSamePolynomial(answer, question.replace("Expand ", ""));
    assertMatch(answer, /^[^()]+$/);
  }
  for (const { question, answer } of ofFamily("factor")) {
    assertSamePolynomial(answer, question.replace("Factor ", ""));
    assertMatch(answer, /^\(\d*x[+-]\d+\)\(x[+-]\d+\)$/);
  }
  for (const { question, answer } of ofFamily("derivative")) {
    const formula = question.replace("Derivative of ", "").replace(")(", ")*(");
    assertSamePolynomial(answer, derivative(formula, "x").toString());
  }
});

Deno.test("mini-math has solutions whose every step holds", () => problems.forEach(assertSolutionHolds));
