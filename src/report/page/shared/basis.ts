/**
 * What the numbers of a result rest on.
 *
 * @module
 */

import type { Leaderboard, LeaderboardResult } from "../../leaderboard/mod.ts";
import { listed, samplesOf } from "./format.ts";

/** What a result's headline rests on, in phrases: profile, metric and suites; problems and samples; seeds; intervals. */
export function basisOf(
  { name, profile, suites }: LeaderboardResult,
  { rows, settings }: Pick<Leaderboard, "rows" | "settings">,
): string[] {
  const samples = samplesOf({ suites });
  const problems = suites.reduce((sum, { problems }) => sum + problems, 0);
  const seeds = Math.max(...rows.filter((row) => row.result === name).map((row) => row.seeds.length));
  return [
    `Profile ${profile.name}: avg@${samples}, mean of ${listed(suites.map(({ name }) => name))}`,
    `${problems} problems, ${samples} samples each`,
    seeds > 0 ? `${seeds} training seed${seeds === 1 ? "" : "s"}` : "nothing trained",
    `${100 * settings.confidence} % intervals`,
  ];
}
