/**
 * How the methods of a profile and model did over time: the results on the leaderboard and those before them.
 *
 * @module
 */

import type { ComparedRecord } from "../compare/mod.ts";
import { rounded } from "./figures.ts";
import type { Leaderboard } from "./leaderboard.ts";
import { labelOf, methodTable } from "../table/mod.ts";

/** A method of a result, as far as its history goes. */
export interface HistoryPoint {
  /** The profile's name and the model: what a line of history has in common. */
  readonly series: string;
  /** The method. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** SHA-256 of `results.json`: what tells results apart. */
  readonly record: string;
  /** The commit that it was made from; where that is unknown, the one that holds it, or its name. */
  readonly commit: string;
  /** When; RFC 3339. */
  readonly date: string;
  /** Version of the grader. */
  readonly grader: string;
  /** avg@k, mean over the suites. */
  readonly value: number;
  /** Lower end of its interval. */
  readonly low: number;
  /** Upper end of its interval. */
  readonly high: number;
}

/** A result that is no longer on disk; its signature holds. */
export interface PastRecord {
  /** Its record. */
  readonly record: ComparedRecord;
  /** SHA-256 of its `results.json`. */
  readonly digest: string;
  /** The commit that it was made from, or the one that holds it. */
  readonly commit: string;
  /** When it was made; RFC 3339 in UTC. */
  readonly date: string;
}

/** What a point of history says of its place and numbers. */
type Place = Omit<HistoryPoint, "method" | "label" | "value" | "low" | "high">;

function pointOf(
  place: Place,
  method: string,
  { value, low, high }: Pick<HistoryPoint, "value" | "low" | "high">,
): HistoryPoint {
  return {
    ...place,
    commit: place.commit.slice(0, 10),
    method,
    label: labelOf(method),
    value: rounded(value),
    low: rounded(low),
    high: rounded(high),
  };
}

/** A line of history: one profile and one model. */
function seriesOf(profile: string, model: string): string {
  return `${profile} · ${model.slice(0, 8)}`;
}

/**
 * The history of the leaderboard's results and of those before them, oldest first. A result counts once, wherever it
 * was found.
 *
 * @param past Results of the same profiles that were found in commits.
 */
export function historyOf(
  { results, rows, settings: { resamples, confidence } }: Leaderboard,
  past: readonly PastRecord[] = [],
): HistoryPoint[] {
  const points = results.flatMap(({ name, record, profile, model, commit, date, graderVersion: grader }) => {
    const series = seriesOf(profile.name, model.digest);
    return rows.filter(({ result }) => result === name).map(({ method, mean }) =>
      pointOf({ series, record, commit: commit ?? name, date, grader }, method, mean.average)
    );
  });
  const seen = new Set(results.map(({ record }) => record));
  for (const { record, digest, commit, date } of past) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const series = seriesOf(record.profile.name, record.base.digest), grader = record.graderVersion;
    for (
      const { method, average } of methodTable(record, "avg", { resamples, confidence, references: [] }).rows
    ) {
      points.push(pointOf({ series, record: digest, commit, date, grader }, method, average));
    }
  }
  return points.sort((a, b) => a.date < b.date ? -1 : a.date > b.date ? 1 : 0);
}
