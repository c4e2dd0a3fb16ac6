/**
 * How a profile's methods did over commits: the results on the leaderboard and those before them.
 *
 * @module
 */

import type { ComparedRecord } from "../compare/mod.ts";
import { rounded } from "./figures.ts";
import type { Leaderboard } from "./leaderboard.ts";
import { labelOf, methodTable } from "../table/mod.ts";

/** A method of a result, as far as its history goes. */
export interface HistoryPoint {
  /** What a line of history has in common: settings, base model, suites and grader. */
  readonly series: string;
  /** What the line is called: the profile's name. */
  readonly title: string;
  /** The method. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** SHA-256 of `results.json`: what tells results apart. */
  readonly record: string;
  /** The commit that it was made from; where that is unknown, the one that holds it, or its name. */
  readonly commit: string;
  /** The commit's place in git history, 0 the newest; null where it is not committed. */
  readonly place: number | null;
  /** When, as the signer wrote; RFC 3339. */
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
  /** Content id of its profile. */
  readonly profileDigest: string;
  /** SHA-256 of its `results.json`. */
  readonly digest: string;
  /** The commit that it was made from, or the one that holds it. */
  readonly commit: string;
  /** The place of the commit that holds it, 0 the newest. */
  readonly place: number;
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

/** What a score depends on besides the code: only such results stand on one line. */
function seriesOf(
  profileDigest: string,
  model: { readonly digest: string },
  grader: string,
  suites: readonly { readonly name: string; readonly digest: string }[],
): string {
  return [profileDigest, model.digest, grader, ...suites.map(({ digest }) => digest)].map((id) =>
    id.slice(0, 12)
  ).join(" ");
}

/** The points of a result without what only tells where it is from. */
function numbersOf(points: readonly HistoryPoint[]): string {
  return JSON.stringify(
    points.map(({ series, method, value, low, high }) => [series, method, value, low, high]),
  );
}

/** Orders results: by their commits' places, those that are not committed last, by the date that was signed. */
function olderFirst([a]: readonly HistoryPoint[], [b]: readonly HistoryPoint[]): number {
  if (!a || !b) return 0;
  return (b.place ?? -1) - (a.place ?? -1) || (a.date < b.date ? -1 : a.date > b.date ? 1 : 0);
}

/**
 * The history of the leaderboard's results and of those before them, oldest first. A result counts once, wherever it
 * was found, and runs that only repeat the numbers of an earlier one are no points of their own: the same settings give
 * the same numbers.
 *
 * @param past Results of the same profiles that were found in commits.
 */
export function historyOf(
  { results, rows, settings: { resamples, confidence } }: Leaderboard,
  past: readonly PastRecord[] = [],
): HistoryPoint[] {
  const found = past.map(({ record, profileDigest, digest, commit, place, date }): HistoryPoint[] => {
    const { base, graderVersion: grader, suites, profile } = record;
    const where: Place = {
      series: seriesOf(profileDigest, base, grader, suites),
      title: profile.name,
      record: digest,
      commit,
      place,
      date,
      grader,
    };
    const table = methodTable(record, "avg", { resamples, confidence, references: [] });
    return table.rows.map(({ method, average }) => pointOf(where, method, average));
  });
  for (const { name, record, profile, model, suites, commit, place, date, graderVersion } of results) {
    const where: Place = {
      series: seriesOf(profile.digest, model, graderVersion, suites),
      title: profile.name,
      record,
      commit: commit ?? name,
      place,
      date,
      grader: graderVersion,
    };
    const own = rows.filter(({ result }) => result === name);
    found.push(own.map(({ method, mean }) => pointOf(where, method, mean.average)));
  }
  const seen = new Set<string>();
  // Methods in one order, so that the same numbers are the same wherever they were found.
  const sorted = found.map((points) => points.toSorted((a, b) => a.method < b.method ? -1 : 1));
  return sorted.sort(olderFirst).filter((points) => seen.size < seen.add(numbersOf(points)).size).flat();
}
