/**
 * The runs of a result one by one: what each training seed came to.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { percent } from "../../shared/mod.ts";
import { labelOf, recordOf } from "../data.ts";
import { type Child, dataTable, scrolled } from "../dom.ts";

/** A mean. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** avg@k and pass@k of every run on every suite, from the signed record. */
export async function seedTable({ name: result }: LeaderboardResult): Promise<Child> {
  const record = await recordOf(result);
  if (!record) return "The browser cannot unpack the record.";
  const { suites, runs } = record;
  const headings = suites.flatMap(({ name, samples }) => [`${name} avg@${samples}`, `pass@${samples}`]);
  const rows = runs.map(({ method, seed, checkpoint, suites: outcomes }) => {
    const scores = suites.map(({ name, samples }) => {
      const counts = outcomes[name]?.correct ?? [];
      return [mean(counts.map((count) => count / samples)), mean(counts.map((count) => count > 0 ? 1 : 0))];
    });
    const average = mean(scores.map(([average = NaN]) => average));
    return [
      `${labelOf(method, result)}${seed === null ? "" : `, seed ${seed}`}`,
      percent(average),
      ...scores.flat().map(percent),
      checkpoint === null ? "–" : checkpoint.slice(0, 12),
    ];
  });
  return scrolled(
    "Seed by seed",
    dataTable("Every run in %", ["Run", "Mean", ...headings, "Checkpoint"], rows),
  );
}
