import { assert } from "@std/assert";
import { evaluate } from "mathjs";
import { generateSuite } from "../../../src/suite/mod.ts";
import { assertAnswers, assertSolutionHolds, numbers, type Solver } from "./steps.ts";

const problems = [
  ...await generateSuite("mini-aime", "evaluation", 450, 11),
  ...await generateSuite("mini-aime", "train", 450, 12),
];

/** The integers from low to high. */
function range(low: number, high: number): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

/** How many divisors a factorised number has whose exponents all pass a test, by listing them. */
function countDivisors(factorisation: string, allowed: (exponent: number) => boolean): number {
  let exponents: number[][] = [[]];
  for (const power of factorisation.split("*")) {
    const choices = range(0, Number(power.split("^")[1])).filter(allowed);
    exponents = exponents.flatMap((chosen) => choices.map((exponent) => [...chosen, exponent]));
  }
  return exponents.length;
}

const digitSum = (n: number): number => numbers([...`${n}`].join(" ")).reduce((sum, digit) => sum + digit, 0);
const int = (text: string | undefined): number => Number(text);

/** The n-th term of the arithmetic sequence that starts with the given terms, by walking. */
function walk(terms: readonly number[], n: number): number {
  let [value, next] = terms as [number, number];
  for (let i = 1; i < n; i++) [value, next] = [next, 2 * next - value];
  return value;
}

const solvers: readonly (readonly [RegExp, Solver])[] = [
  [/^Find (.+)$/, ([expression]) => Number(evaluate(expression ?? ""))],
  [/^Last digit of (\d+)\^(\d+)$/, ([a, n]) => Number(BigInt(a ?? "") ** BigInt(n ?? "") % 10n)],
  [/^Term (\d+) of ([\d,]+)$/, ([n, terms]) => walk(numbers(terms ?? ""), int(n))],
  [/^How many terms in (\d+),(\d+),\.\.\.,(\d+)$/, ([a, b, last]) => {
    let count = 1;
    for (let value = int(a); value < int(last); value += int(b) - int(a)) count++;
    return count;
  }],
  [/^Term (\d+) is (\d+), term (\d+) is (\d+), term (\d+)\?$/, ([i, u, j, v, n]) => {
    const found = range(1, 400).flatMap((first) =>
      range(1, 20).filter((d) => first + (int(i) - 1) * d === int(u) && first + (int(j) - 1) * d === int(v))
        .map((d) => walk([first, first + d], int(n)))
    );
    return found.join(" or ");
  }],
  [
    /^Sum (\d+) terms of ([\d,]+)$/,
    ([n, terms]) => range(1, int(n)).reduce((sum, i) => sum + walk(numbers(terms ?? ""), i), 0),
  ],
  [
    /^How many multiples of (\d+) to (\d+)$/,
    ([a, n]) => range(1, int(n)).filter((k) => k % int(a) === 0).length,
  ],
  [
    /^How many multiples of (\d+) from (\d+) to (\d+)$/,
    ([a, low, high]) => range(int(low), int(high)).filter((k) => k % int(a) === 0).length,
  ],
  [
    /^How many multiples of (\d+) or (\d+) to (\d+)$/,
    ([a, b, n]) => range(1, int(n)).filter((k) => k % int(a) === 0 || k % int(b) === 0).length,
  ],
  [/^Digit sum of (.+)$/, ([expression]) => digitSum(Number(evaluate(expression ?? "")))],
  [
    /^gcd of (\d+) and (\d+)$/,
    ([a, b]) => range(1, int(b)).filter((d) => int(a) % d === 0 && int(b) % d === 0).at(-1) ?? 0,
  ],
  [
    /^lcm of (\d+) and (\d+)$/,
    ([a, b]) => range(1, int(a) * int(b)).find((m) => m % int(a) === 0 && m % int(b) === 0) ?? 0,
  ],
  [/^How many divisors of (.+)$/, ([n]) => countDivisors(n ?? "", () => true)],
  [/^How many square divisors of (.+)$/, ([n]) => countDivisors(n ?? "", (exponent) => exponent % 2 === 0)],
  [/^Decimal of (\d+)_(\d)$/, ([digits, base]) => parseInt(digits ?? "", int(base))],
  [/^(\d+) in base (\d)$/, ([n, base]) => int(n).toString(int(base))],
];

Deno.test("mini-aime has the answers that brute force finds", () => assertAnswers(problems, solvers));

Deno.test("mini-aime has solutions whose every step holds", () => problems.forEach(assertSolutionHolds));

Deno.test("mini-aime has integer answers from 0 to 999", () => {
  for (const { question, answer } of problems) {
    assert(/^(0|[1-9]\d{0,2})$/.test(answer), `${question}: ${answer}`);
  }
});
