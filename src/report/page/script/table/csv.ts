/**
 * The leaderboard's rows as CSV.
 *
 * @module
 */

import type { LeaderboardScore } from "../../../leaderboard/mod.ts";
import { board, resultNamed } from "../data.ts";

/** A text for a cell; what a spreadsheet could take for a formula gets an apostrophe. */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** All rows as CSV, one line a method and suite; the mean's suite is empty. */
export function csv(): string {
  const head =
    "result,profile,model,revision,method,seeds,suite,samples,avg,avg_low,avg_high,pass,pass_low,pass_high,groups,commit,date,manifest,key,trusted";
  const lines = board.rows.flatMap((row) => {
    const result = resultNamed(row.result);
    if (!result) return [];
    const { profile, model, commit, date, suites, trusted } = result;
    const scores: [string, LeaderboardScore][] = [["", row.mean], ...Object.entries(row.suites)];
    return scores.map(([suite, { average, pass, groups }]) =>
      [
        ...[row.result, profile.name, model.name, model.revision ?? "", row.method].map(csvText),
        ...[row.seeds.join(" "), suite].map(csvText),
        suites.find(({ name }) => name === suite)?.samples ?? "",
        ...[average, pass].flatMap(({ value, low, high }) => [value, low, high]),
        ...[groups, commit ?? "", date, row.manifest, row.key].map(csvText),
        trusted,
      ].join(",")
    );
  });
  return [head, ...lines].join("\r\n") + "\r\n";
}
