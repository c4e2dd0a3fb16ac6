import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { evaluate } from "mathjs";
import type { GeneratedProblem, Problem } from "../../../src/suite/mod.ts";

/** Recomputes the answer of a question from the groups of the pattern that the question matches. */
export type Solver = (groups: readonly string[]) => string | number;

/** The numbers in a text. */
export function numbers(text: string): number[] {
  return Array.from(text.matchAll(/-?\d+/g), ([digits]) => Number(digits));
}

/** Asserts that every numeric equation of a solution holds and that the solution ends in the boxed answer. */
export function assertSolutionHolds({ question, answer, solution }: GeneratedProblem): void {
  const box = ` \\boxed{${answer}}`;
  assert(solution.endsWith(box), `${question}: "${solution}" does not end in its boxed answer`);
  for (const step of solution.slice(0, -box.length).split(", ")) {
    const sides = step.split("=");
    if (sides.length < 2 || /[xy]/.test(step)) continue;
    const [left, right] = sides.map((side) => Number(evaluate(side))) as [number, number];
    assertAlmostEquals(left, right, 1e-9, `${question}: the step ${step} is wrong`);
  }
}

/** Asserts that every answer is the one that exactly one independent solver finds. */
export function assertAnswers(
  problems: readonly Problem[],
  solvers: readonly (readonly [RegExp, Solver])[],
): void {
  for (const { question, answer } of problems) {
    const matches = solvers.flatMap(([pattern, solve]) => {
      const match = question.match(pattern);
      return match ? [`${solve(match.slice(1))}`] : [];
    });
    assertEquals(matches, [answer], `${question} has another answer`);
  }
}
