/**
 * In which order results are shown, and which of several is shown first. Nothing in it is a date: a signer can write
 * any.
 *
 * @module
 */

import type { LeaderboardResult } from "./leaderboard.ts";

/** What the order of a result depends on. */
export type Ordered = Pick<
  LeaderboardResult,
  "name" | "trusted" | "forTests" | "judged" | "place" | "profile" | "model"
>;

/** May a result stand for its profile: it is no run for tests, and its problems and counts were compared? */
export function mayLead({ forTests, judged }: Pick<LeaderboardResult, "forTests" | "judged">): boolean {
  return !forTests && judged.headline;
}

/** A commit's place; what is not committed stands behind all that is. */
function placeOf({ place }: Ordered): number {
  return place ?? Number.MAX_SAFE_INTEGER;
}

/**
 * Orders results: those by trusted keys before others, those that may stand for their profile before those that may not,
 * whole ones before partly checked ones, then later commits before earlier ones, and those that are not committed last.
 * What is left is ordered by name.
 */
export function readFirst(a: Ordered, b: Ordered): number {
  const before = (of: (one: Ordered) => boolean): number => Number(of(b)) - Number(of(a));
  return before(({ trusted }) => trusted) || before(mayLead) || before(({ judged }) => judged.whole) ||
    placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Do two results have the same settings and base model, so that one of them is shown in place of both? */
export function sameSettings(a: Ordered, b: Ordered): boolean {
  return a.profile.digest === b.profile.digest && a.model.digest === b.model.digest;
}
