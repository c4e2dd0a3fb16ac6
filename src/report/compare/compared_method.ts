/**
 * One method of a result: its numbers on a suite and over several, and its tie groups.
 *
 * @module
 */

import {
  type Estimate,
  interquartileMean,
  noiseFloor,
  normalQuantile,
  passAtK,
  type Scores,
  stratifiedBootstrap,
} from "../../stats/mod.ts";
import type {
  ComparisonCell,
  ComparisonInput,
  ComparisonPair,
  ComparisonSettings,
  MethodAggregate,
  Ranged,
  Subject,
} from "./comparison.ts";
import { estimateShare, isServed } from "../table/mod.ts";

/** The runs of one method. */
export interface Method {
  /** The result that they are of. */
  readonly input: ComparisonInput;
  /** Its name. */
  readonly name: string;
  /** The base model's, or those of each seed. */
  readonly runs: ComparisonInput["record"]["runs"];
}

/** The methods of an input in the order of their first runs; only the chosen one where one was chosen. */
export function methodsOf(input: ComparisonInput): Method[] {
  const groups = Map.groupBy(input.record.runs, ({ method }) => method);
  return Array.from(groups, ([name, runs]) => ({ input, name, runs }))
    .filter(({ name }) => name === (input.method ?? name));
}

/** A method as the comparison names it. */
export function subject({ input, name, runs }: Method): Subject {
  return { input: input.name, method: name, ...(isServed(runs) ? { served: true } : {}) };
}

/** Shares of correct samples of a method on a suite, `[seed][problem]`, at the given positions. */
export function scoresOf(
  { runs }: Method,
  suite: string,
  samples: number,
  positions?: readonly number[],
): Scores {
  return runs.map(({ suites }) => {
    const correct = suites[suite]?.correct ?? [];
    return (positions ?? [...correct.keys()]).map((position) => (correct[position] ?? NaN) / samples);
  });
}

/** Each seed's mean over the problems. */
export function runMeans(scores: Scores): number[] {
  return scores.map((row) => row.reduce((sum, score) => sum + score, 0) / row.length);
}

/** Without what only the computation needs. */
function ranged({ value, low, high }: Estimate): Ranged {
  return { value, low, high };
}

/** One method on one suite; tie groups are filled in later. */
export function cellOf(method: Method, suite: string, settings: ComparisonSettings): ComparisonCell {
  const used = method.input.record.suites.find(({ name }) => name === suite);
  const samples = used?.samples ?? 0, problems = used?.problems.length ?? 0;
  const scores = scoresOf(method, suite, samples);
  const pass = scores.map((row) =>
    row.map((share) => passAtK(samples, Math.round(share * samples), samples))
  );
  const completions = method.runs.length * problems * samples;
  const rate = (member: "truncated" | "unparsed" | "tokens"): number =>
    method.runs.reduce((sum, { suites }) => sum + (suites[suite]?.[member] ?? 0), 0) / completions;
  const noise = noiseFloor(scores, samples);
  return {
    ...subject(method),
    suite,
    problems,
    samples,
    seeds: method.runs.length,
    average: ranged(estimateShare([scores], settings)),
    pass: ranged(estimateShare([pass], settings)),
    truncated: rate("truncated"),
    unparsed: rate("unparsed"),
    tokens: rate("tokens"),
    noise: noise === null ? null : noise * normalQuantile((1 + settings.confidence) / 2),
    groups: "",
  };
}

/** With fewer runs, the interval of the interquartile mean would say more about their number than about seeds. */
const FEWEST_RUNS = 3;

/** A method over several suites. */
export function aggregate(
  method: Method,
  suites: readonly string[],
  settings: ComparisonSettings,
): MethodAggregate {
  const strata = suites.map((suite) => {
    const samples = method.input.record.suites.find(({ name }) => name === suite)?.samples ?? 0;
    return scoresOf(method, suite, samples);
  });
  const middle = stratifiedBootstrap([strata.map(runMeans)] as const, interquartileMean, settings);
  return {
    ...subject(method),
    suites,
    average: ranged(estimateShare(strata, settings)),
    interquartileMean: middle.value,
    interval: method.runs.length < FEWEST_RUNS ? null : middle.interval,
  };
}

/**
 * Groups by letters: maximal sets of methods among which no pair was called better, the best first. Methods stand in
 * descending order of their accuracy; a group is a run of neighbours in this order. That two share a letter says that they
 * were not told apart, not that they were shown to be equal. Without a letter where not every pair was compared.
 *
 * Source: the compact letter display of Piepho, Journal of Computational and Graphical Statistics 13, 2004, for runs
 * of neighbours.
 */
export function tieGroups<Cell extends Pick<ComparisonCell, "method" | "average">>(
  cells: readonly Cell[],
  pairs: readonly Pick<ComparisonPair, "candidate" | "baseline" | "verdict">[],
): Map<Cell, string> {
  const ranked = cells.toSorted((a, b) => b.average.value - a.average.value);
  const apart = (a: Cell, b: Cell): boolean =>
    pairs.some(({ candidate, baseline, verdict }) =>
      (verdict === "better" || verdict === "worse") &&
      new Set([candidate.method, baseline.method, a.method, b.method]).size === 2
    );
  const letters = new Map<Cell, string>(ranked.map((cell) => [cell, ""]));
  if (pairs.length < cells.length * (cells.length - 1) / 2) return letters;
  let reached = 0, group = 0;
  for (const [start, first] of ranked.entries()) {
    let end = start + 1;
    while (
      end < ranked.length && ranked.slice(start, end).every((cell) => !apart(cell, ranked[end] ?? first))
    ) end++;
    if (end <= reached) continue;
    reached = end;
    const letter = String.fromCodePoint(97 + group++ % 26);
    for (const cell of ranked.slice(start, end)) letters.set(cell, (letters.get(cell) ?? "") + letter);
  }
  return letters;
}
