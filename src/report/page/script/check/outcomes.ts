/**
 * The checks of all results, begun as soon as the page is there.
 *
 * @module
 */

import { board } from "../data.ts";
import { type Outcome, verifyResult } from "./check.ts";

const outcomes: ReadonlyMap<string, Promise<Outcome>> = new Map(
  board.results.map((result) => [result.name, verifyResult(result)]),
);

/** The outcome for a result. */
export function outcomeOf(name: string): Promise<Outcome> {
  return outcomes.get(name) ?? Promise.reject(new Error(`there is no result named ${name}`));
}

/** The outcomes of all results, in the leaderboard's order. */
export function allOutcomes(): Promise<Outcome[]> {
  return Promise.all(outcomes.values());
}
