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
  "name" | "trusted" | "forTests" | "place" | "profile" | "model" | "manifest"
>;

/**
 * Orders results: those by trusted keys before others, runs for tests last, then later commits before earlier ones and
 * those whose commit is not known last. What is left is ordered by name.
 */
export function readFirst(a: Ordered, b: Ordered): number {
  return Number(b.trusted) - Number(a.trusted) || Number(a.forTests) - Number(b.forTests) ||
    (b.place ?? -1) - (a.place ?? -1) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Do two results have the same settings and base model, so that one of them is shown in place of both? */
export function sameSettings(a: Ordered, b: Ordered): boolean {
  return a.profile.digest === b.profile.digest && a.model.digest === b.model.digest;
}
