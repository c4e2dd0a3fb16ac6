/**
 * Builds the leaderboard from records whose manifests were verified.
 *
 * @module
 */

import { compareRecords, methodsOf, tieGroups } from "../compare/mod.ts";
import type { ComparedRecord, CompareOptions, Comparison, Ranged } from "../compare/mod.ts";
import { headline } from "./headline.ts";
import {
  type Excluded,
  type Leaderboard,
  LEADERBOARD_SCHEMA,
  type LeaderboardPair,
  type LeaderboardResult,
  type LeaderboardRow,
  type LeaderboardScore,
} from "./leaderboard.ts";
import { labelOf, methodTable } from "../table/mod.ts";

/** A record with what its manifest says; a `ResultRecord` fits. */
export interface LeaderboardInput extends
  Omit<
    LeaderboardResult,
    "profile" | "model" | "graderVersion" | "suites" | "newest" | "headline"
  > {
  /** The name of the result. */
  readonly name: string;
  /** The record in `results.json`. */
  readonly recordContent: ComparedRecord & { readonly base: { readonly parameters: number } };
  /** Content id of the resolved profile. */
  readonly profileDigest: string;
}

/** A string setting of a profile, or nothing. */
function setting(record: ComparedRecord, name: string): string {
  const value = record.profile[name];
  return typeof value === "string" ? value : "";
}

/** Is this the newest of those with its profile's name and its model? */
function isNewest(input: LeaderboardInput, all: readonly LeaderboardInput[]): boolean {
  const same = all.filter(({ recordContent: { profile, base } }) =>
    profile.name === input.recordContent.profile.name && base.digest === input.recordContent.base.digest
  );
  return same.toSorted(newestFirst)[0] === input;
}

/** Orders inputs by descending date, then by name. */
function newestFirst(a: LeaderboardInput, b: LeaderboardInput): number {
  return a.date === b.date ? (a.name < b.name ? -1 : 1) : a.date < b.date ? 1 : -1;
}

/** Differences inside a result. */
function pairsOf(name: string, { pairs, overall }: Comparison): LeaderboardPair[] {
  const over = overall.map((pair) => ({ ...pair, suite: null, flips: null }));
  return [...over, ...pairs].flatMap(
    ({ suite, candidate, baseline, verdict, note, result, flips }): LeaderboardPair[] =>
      result === null ? [] : [{
        result: name,
        suite,
        candidate: candidate.method,
        baseline: baseline.method,
        verdict,
        note,
        difference: result.difference,
        covers: result.covers,
        p: result.adjusted,
        detectable: result.detectable,
        fixed: flips?.fixed ?? [],
        broken: flips?.broken ?? [],
      }],
  );
}

/** Methods of a result, the best first. */
function rowsOf(input: LeaderboardInput, comparison: Comparison): LeaderboardRow[] {
  const { recordContent: record, name, manifest, key } = input;
  const { resamples, confidence } = comparison.settings;
  const passes = methodTable(record, "pass", { resamples, confidence, references: [] });
  const groups = tieGroups(
    comparison.methods.map(({ method, average }) => ({ method, average })),
    comparison.overall,
  );
  const letters = new Map([...groups].map(([{ method }, letter]) => [method, letter]));
  const ranged = ({ value, low, high }: Ranged): Ranged => ({ value, low, high });
  const rows = methodsOf({ name, record }).map(({ name: method, runs }, index): LeaderboardRow => {
    const pass = passes.rows[index];
    const mean = comparison.methods.find((one) => one.method === method);
    if (!pass || !mean) throw new RangeError(`Cannot build the leaderboard: ${name} lacks ${method}`);
    const suites = comparison.cells.filter((cell) => cell.method === method).map(
      ({ suite, average, pass, groups }): [string, LeaderboardScore] => [suite, { average, pass, groups }],
    );
    return {
      result: name,
      manifest,
      key,
      method,
      label: labelOf(method),
      seeds: runs.flatMap(({ seed }) => seed ?? []),
      mean: {
        average: mean.average,
        pass: ranged(pass.average),
        groups: comparison.methods.length > 1 ? letters.get(method) ?? "" : "",
      },
      suites: Object.fromEntries(suites),
      ...pass.completions,
    };
  });
  return rows.sort((a, b) => b.mean.average.value - a.mean.average.value);
}

/**
 * Builds the leaderboard. Methods are compared inside each result only, on the same problems: numbers of different
 * results stand beside each other and are not ranked.
 *
 * @param inputs Results whose manifests hold and that cover their whole profile.
 * @param excluded The others, with the reasons.
 */
export function buildLeaderboard(
  inputs: readonly LeaderboardInput[],
  excluded: readonly Excluded[],
  options: Omit<CompareOptions, "baseline"> = {},
): Leaderboard {
  const ordered = inputs.toSorted(newestFirst);
  const { confidence = 0.95, margin = 0.03, power = 0.8, resamples = 2000, draws = 9999 } = options;
  const built = ordered.map((input) => {
    const { recordContent: record, profileDigest, ...facts } = input;
    const comparison = compareRecords([{ name: input.name, record }], options);
    const rows = rowsOf(input, comparison), pairs = pairsOf(input.name, comparison);
    const judged = pairs.filter(({ suite }) => suite === null).map(({ candidate, baseline, verdict }) => {
      return { candidate: labelOf(candidate), baseline: labelOf(baseline), verdict };
    });
    const result: LeaderboardResult = {
      ...facts,
      profile: {
        name: record.profile.name,
        digest: profileDigest,
        description: setting(record, "description"),
      },
      model: {
        name: setting(record, "model"),
        digest: record.base.digest,
        parameters: record.base.parameters,
      },
      graderVersion: record.graderVersion,
      suites: record.suites.map(({ name, digest, problems, samples }) => {
        return { name, digest, problems: problems.length, samples };
      }),
      newest: isNewest(input, inputs),
      headline: headline(rows.map(({ label }) => label), judged),
    };
    return { result, rows, pairs };
  });
  return {
    schema: LEADERBOARD_SCHEMA,
    settings: { confidence, margin, power, resamples, draws },
    results: built.map(({ result }) => result),
    rows: built.flatMap(({ rows }) => rows),
    pairs: built.flatMap(({ pairs }) => pairs),
    excluded: excluded.toSorted((a, b) => a.name < b.name ? -1 : 1),
  };
}
