/**
 * What is chosen at the moment, and the rows that pass.
 *
 * @module
 */

import type { LeaderboardResult, LeaderboardRow } from "../../leaderboard/mod.ts";
import { board, resultNamed } from "./data.ts";

/** What a reader can choose. */
export interface State {
  /** What the table shows. */
  metric: "average" | "pass";
  /** The filter. */
  text: string;
  /** The profile, or all. */
  profile: string;
  /** Whether older results are shown too. */
  older: boolean;
  /** How the rows of a result are sorted. */
  sort: { readonly column: string; readonly descending: boolean };
  /** The result that the figures are of. */
  result: string;
}

/** What is chosen at the moment. */
export const state: State = {
  metric: "average",
  text: "",
  profile: "",
  older: false,
  sort: { column: "mean", descending: true },
  result: board.results[0]?.name ?? "",
};

/** The rows that pass the filters. */
export function visibleRows(): LeaderboardRow[] {
  const wanted = state.text.trim().toLowerCase();
  return board.rows.filter((row) => {
    const result = resultNamed(row.result);
    if (!result || (!state.older && !result.newest)) return false;
    if (state.profile !== "" && result.profile.name !== state.profile) return false;
    const text = [row.label, row.method, result.name, result.profile.name, result.model.name, result.commit]
      .join(" ").toLowerCase();
    return text.includes(wanted);
  });
}

/** The results of some rows, in the leaderboard's order. */
export function resultsOf(rows: readonly LeaderboardRow[]): LeaderboardResult[] {
  const names = new Set(rows.map((row) => row.result));
  return board.results.filter(({ name }) => names.has(name));
}
