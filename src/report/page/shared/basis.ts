/**
 * What the numbers of a result rest on, or a statement over several.
 *
 * @module
 */

import type { Leaderboard, LeaderboardResult } from "../../leaderboard/mod.ts";
import { counted, listed, samplesOf } from "./format.ts";

/**
 * What a statement rests on, in phrases. Of one result: its profile, problems, seeds and intervals.
 *
 * @param uncounted How many profiles and models have no result that counts.
 */
export function basisOf(
  results: readonly LeaderboardResult[],
  { rows, settings }: Pick<Leaderboard, "rows" | "settings">,
  uncounted = 0,
): string[] {
  const [first, ...more] = results;
  if (!first) return [];
  const left = uncounted === 0 ? [] : [
    `${
      counted(uncounted, "other result")
    } not counted: by no trusted key, for tests, or problems and counts not compared`,
  ];
  const intervals = `${100 * settings.confidence}\u00a0% intervals`;
  if (more.length > 0) {
    return [
      "The first result of each profile and base model, problems and counts compared",
      `${
        counted(results.filter(({ trusted }) => trusted).length, "result")
      } by keys that the publisher trusts`,
      ...left,
      intervals,
    ];
  }
  const { name, profile, suites } = first;
  const problems = suites.reduce((sum, { problems }) => sum + problems, 0);
  const seeds = Math.max(...rows.filter((row) => row.result === name).map((row) => row.seeds.length));
  return [
    `Profile ${profile.name}: avg@${samplesOf(first)}, mean of ${listed(suites.map(({ name }) => name))}`,
    `${counted(problems, "problem")}, ${samplesOf(first)} samples each`,
    seeds > 0 ? counted(seeds, "training seed") : "nothing trained",
    ...left,
    intervals,
  ];
}
