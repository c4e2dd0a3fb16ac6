/**
 * Builds the leaderboard from records whose manifests were verified.
 *
 * @module
 */

import { type RegisteredPlan, registeredPlanOf } from "../../stats/mod.ts";
import { compareRecords, methodsOf, tieGroups } from "../compare/mod.ts";
import type { ComparedRecord, CompareOptions, Comparison, Ranged } from "../compare/mod.ts";
import { headline, registeredHeadline } from "./headline.ts";
import {
  type Excluded,
  type Leaderboard,
  LEADERBOARD_SCHEMA,
  type LeaderboardPair,
  type LeaderboardResult,
  type LeaderboardRow,
  type LeaderboardScore,
  type Registration,
} from "./leaderboard.ts";
import { readFirst, sameSettings } from "./order.ts";
import { markedLabel, methodTable, registeredReport, servedText } from "../table/mod.ts";

/** A result's record with what is known of it. */
export interface LeaderboardInput extends Omit<LeaderboardResult, "first" | "headline" | "registered"> {
  /** The record in `results.json`. */
  readonly recordContent: ComparedRecord;
}

/** A result as far as it follows from its record and the settings alone: which is first depends on the others. */
export interface BuiltResult {
  /** The result. */
  readonly result: Omit<LeaderboardResult, "first">;
  /** Its methods, the best first. */
  readonly rows: readonly LeaderboardRow[];
  /** The pairs of its methods. */
  readonly pairs: readonly LeaderboardPair[];
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
  const rows = methodsOf({ name, record }).map(({ name: method, runs }, index): LeaderboardRow => {
    const pass = passes.rows[index];
    const mean = comparison.methods.find((one) => one.method === method);
    const served = servedText(runs);
    if (!pass || !mean) throw new RangeError(`Cannot build the leaderboard: ${name} lacks ${method}`);
    const suites = comparison.cells.filter((cell) => cell.method === method).map(
      ({ suite, average, pass, groups }): [string, LeaderboardScore] => [suite, { average, pass, groups }],
    );
    return {
      result: name,
      manifest,
      key,
      method,
      label: markedLabel(method, runs),
      seeds: runs.flatMap(({ seed }) => seed ?? []),
      mean: {
        average: mean.average,
        pass: ranged(pass.average),
        groups: comparison.methods.length > 1 ? letters.get(method) ?? "" : "",
      },
      suites: Object.fromEntries(suites),
      ...pass.completions,
      ...(served === undefined ? {} : { served }),
    };
  });
  return rows.sort((a, b) => b.mean.average.value - a.mean.average.value);
}

/** A number with its interval, and nothing more. */
function ranged({ value, low, high }: Ranged): Ranged {
  return { value, low, high };
}

/** The most pairs of a plan that are compared: anyone can write a longer one. */
const MOST_REGISTERED = 200;

/** What a record says of its registered plan; a plan that cannot be read is none. */
function registrationOf(
  record: ComparedRecord,
  options: Omit<CompareOptions, "baseline">,
): Registration | null {
  let plan: RegisteredPlan | undefined;
  try {
    plan = registeredPlanOf(record.profile);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!plan || plan.pairs.length > MOST_REGISTERED) return null;
  const report = registeredReport(record, options), { suites, metric, samples, seeds, smallestEffect } = plan;
  if (!report) return null;
  return {
    suites,
    metric,
    samples,
    seeds,
    smallestEffect,
    pairs: report.results.map(({ method, against, planted, evidence, verdict, asPlanted }) => ({
      method,
      against,
      ...(planted === undefined ? {} : { planted }),
      verdict,
      difference: evidence && ranged(evidence.difference),
      detectable: evidence?.detectable ?? null,
      asPlanted,
    })),
    deviations: report.deviations,
  };
}

/** Builds a result: rows, pairs and headline. The same record and settings give the same numbers everywhere. */
export function buildResult(
  { recordContent: record, ...facts }: LeaderboardInput,
  options: Omit<CompareOptions, "baseline"> = {},
): BuiltResult {
  const comparison = compareRecords([{ name: facts.name, record }], options);
  const rows = rowsOf({ recordContent: record, ...facts }, comparison),
    pairs = pairsOf(facts.name, comparison);
  const label = (method: string): string => rows.find((row) => row.method === method)?.label ?? method;
  const judged = pairs.filter(({ suite }) => suite === null).map(
    ({ candidate, baseline, verdict, detectable }) => {
      return { candidate: label(candidate), baseline: label(baseline), verdict, detectable };
    },
  );
  const registered = registrationOf(record, options);
  const said = registered && registeredHeadline(registered.pairs, label);
  return {
    result: { ...facts, registered, headline: said ?? headline(rows.map(({ label }) => label), judged) },
    rows,
    pairs,
  };
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
  const ordered = inputs.toSorted(readFirst);
  const { confidence = 0.95, margin = 0.03, power = 0.8, resamples = 2000, draws = 9999 } = options;
  const built = ordered.map((input) => buildResult(input, options));
  return {
    schema: LEADERBOARD_SCHEMA,
    settings: { confidence, margin, power, resamples, draws },
    results: built.map(({ result }, index) => {
      const first = !ordered.slice(0, index).some((other) => sameSettings(other, result));
      return { ...result, first };
    }),
    rows: built.flatMap(({ rows }) => rows),
    pairs: built.flatMap(({ pairs }) => pairs),
    excluded: excluded.toSorted((a, b) => a.name < b.name ? -1 : 1),
  };
}
