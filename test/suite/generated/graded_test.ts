import { assert, assertEquals } from "@std/assert";
import { evaluate } from "mathjs";
import { type GeneratedProblem, generatedSuites, generateSuite } from "../../../src/suite/mod.ts";

const names = ["graded-arithmetic", "graded-transfer"] as const;
const LEVELS = 5;

/** Problems of both splits. */
async function problemsOf(name: (typeof names)[number]): Promise<GeneratedProblem[]> {
  return [
    ...await generateSuite(name, "evaluation", 400, 11),
    ...await generateSuite(name, "train", 600, 12),
  ];
}

const suites = await Promise.all(names.map(problemsOf));

const mod = (n: bigint, modulus: bigint): number => Number((n % modulus + modulus) % modulus);
const big = (text = ""): bigint[] => text.split(",").map(BigInt);
const prefixes = (text: string): string[] =>
  text.split(",").map((_, i, digits) => digits.slice(0, i + 1).join("")).slice(1);

/** Each kind of question, and another way to its values than the generator's: each from the beginning, without residues. */
const solvers: readonly (readonly [RegExp, (groups: string[]) => number[]])[] = [
  [
    /^From (\d) (plus|minus|times) ([\d,]+) mod (\d+)$/,
    ([start = "", word, list, modulus = ""]) =>
      big(list).map((_, i) => {
        const operands = big(list).slice(0, i + 1);
        const sum = operands.reduce((a, b) => a + b), product = operands.reduce((a, b) => a * b);
        const first = BigInt(start);
        return mod(
          word === "plus" ? first + sum : word === "minus" ? first - sum : first * product,
          BigInt(modulus),
        );
      }),
  ],
  [
    /^Digits ([\d,]+) mod (\d+)$/,
    ([n = "", m = ""]) => prefixes(n).map((part) => mod(BigInt(part), BigInt(m))),
  ],
  [
    /^Digits ([\d,]+) base (\d) mod 10$/,
    ([n = "", base = ""]) => prefixes(n).map((part) => parseInt(part, Number(base)) % 10),
  ],
  [/^From (\d) repeat (\d)x\+(\d) mod 10, (\d) values$/, (groups) => {
    // aⁿ x + c (aⁿ⁻¹ + … + 1), reduced once
    const [x = 0n, a = 0n, c = 0n, count = 0n] = groups.map(BigInt);
    return Array.from({ length: Number(count) }, (_, i) => {
      const powers = Array.from({ length: i + 1 }, (_, k) => a ** BigInt(k)).reduce((sum, power) =>
        sum + power
      );
      return mod(a ** BigInt(i + 1) * x + c * powers, 10n);
    });
  }],
  [
    /^Running (.+)$/,
    ([formula = ""]) =>
      Array.from(formula.matchAll(/[+-]/g), ({ index }) => Number(evaluate(formula.slice(0, index + 2)))),
  ],
  [
    /^Alternating ([\d,]+)$/,
    ([n = ""]) =>
      prefixes(n).map((part) => Number(evaluate([...part].map((d, i) => (i % 2 ? "-" : "+") + d).join("")))),
  ],
  [/^Horner ([\d,]+) at (\d) mod 10$/, ([list = "", x = ""]) =>
    big(list).map((_, i) => {
      const terms = big(list).slice(0, i + 1).map((coefficient, k) =>
        coefficient * BigInt(x) ** BigInt(i - k)
      );
      return mod(terms.reduce((sum, term) => sum + term), 10n);
    }).slice(1)],
  [/^After (\d),(\d) next a\+(\d?)b mod 10, (\d) values$/, ([a = "", b = "", factor = "", count = ""]) => {
    const terms = [BigInt(a), BigInt(b)];
    while (terms.length < Number(count) + 2) {
      terms.push((terms.at(-2) ?? 0n) + BigInt(factor || 1) * (terms.at(-1) ?? 0n));
    }
    return terms.slice(2).map((term) => mod(term, 10n));
  }],
];

Deno.test("the graded suites' answers are right, and the steps of their solutions are the answer's values", () => {
  for (const { question, answer, solution } of suites.flat()) {
    const solved = solvers.flatMap(([pattern, solve]) => {
      const match = pattern.exec(question);
      return match ? [solve(match.slice(1)).join(",")] : [];
    });
    assertEquals(solved, [answer.slice(1, -1)], question);
    const [steps = "", boxed] = solution.split(" \\boxed");
    assertEquals(boxed, `{${answer}}`);
    assertEquals(
      steps.split(", ").map((step) => step.replace(/^[+-]?\d=/, "")).join(","),
      answer.slice(1, -1),
    );
  }
});

Deno.test("a level of a graded suite is a number of values, and questions grow with it", () => {
  for (const problems of suites) {
    for (const [family, own] of Map.groupBy(problems, (problem) => problem.family)) {
      const byLevel = Map.groupBy(own, ({ level }) => level);
      assertEquals([...byLevel.keys()].sort(), [1, 2, 3, 4, 5]);
      let before = 0;
      for (let level = 1; level <= LEVELS; level++) {
        const found = byLevel.get(level) ?? [];
        assertEquals(
          new Set(found.map(({ answer }) => answer.split(",").length)),
          new Set([level + 1]),
          family,
        );
        const longest = Math.max(...found.map(({ question, solution }) => question.length + solution.length));
        assert(longest > before, `${family} ${level} is as long as ${level - 1}`);
        before = longest;
      }
    }
  }
});

Deno.test("the suites say how many levels they have", async () => {
  for (const [name, { levels, families }] of Object.entries(generatedSuites)) {
    const found = await generateSuite(
      name as keyof typeof generatedSuites,
      "train",
      families.length * levels,
      1,
    );
    assertEquals(found.map(({ level }) => level), found.map((_, i) => 1 + Math.floor(i / families.length)));
  }
});
