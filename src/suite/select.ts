/**
 * Seeded selections from a suite.
 *
 * @module
 */

import { randomKey } from "../random.ts";

/**
 * Draws problems at random: the first ones in the order of a random number that belongs to seed and problem. The draw
 * does not depend on the order in which the problems come, and a smaller draw is the beginning of a larger one.
 *
 * @throws {RangeError} If there are fewer than asked for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectProblems } from "./select.ts";
 *
 * const problems = ["a", "b", "c", "d"].map((id) => ({ id }));
 * assertEquals(selectProblems(problems, 2, 1), selectProblems(problems.toReversed(), 3, 1).slice(0, 2));
 * ```
 */
export function selectProblems<T extends { readonly id: string }>(
  problems: readonly T[],
  count: number,
  seed: number,
): T[] {
  if (count > problems.length) {
    throw new RangeError(`Cannot select ${count} of ${problems.length} problems`);
  }
  const ranked = problems.map((problem) => ({ problem, key: randomKey("selection", seed, problem.id) }));
  ranked.sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1] || (a.problem.id < b.problem.id ? -1 : 1));
  return ranked.slice(0, count).map(({ problem }) => problem);
}
