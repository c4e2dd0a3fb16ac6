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
  /** Whether all results are shown, not only the first of each profile and model. */
  all: boolean;
  /** How the rows of a result are sorted. */
  sort: { readonly column: string; readonly descending: boolean };
  /** Whether each group of columns is shown; what is not named is shown by default where it has room. */
  readonly columns: Map<string, boolean>;
  /** The result that the figures are of. */
  result: string;
}

/** What is chosen at the moment. */
export const state: State = {
  metric: "average",
  text: "",
  profile: "",
  all: false,
  sort: { column: "mean", descending: true },
  columns: new Map(),
  result: board.results[0]?.name ?? "",
};

/** The rows that pass the filters. */
export function visibleRows(): LeaderboardRow[] {
  const wanted = state.text.trim().toLowerCase();
  return board.rows.filter((row) => {
    const result = resultNamed(row.result);
    if (!result || (!state.all && !result.first)) return false;
    if (state.profile !== "" && result.profile.name !== state.profile) return false;
    const { name, profile, model, commit, key } = result;
    return [row.label, row.method, name, profile.name, model.name, commit, key].join(" ").toLowerCase()
      .includes(wanted);
  });
}

/** The results of some rows, in the leaderboard's order. */
export function resultsOf(rows: readonly LeaderboardRow[]): LeaderboardResult[] {
  const names = new Set(rows.map((row) => row.result));
  return board.results.filter(({ name }) => names.has(name));
}
