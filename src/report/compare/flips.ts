/**
 * Problems whose majority changed, one by one, and the completions of both sides beside each other.
 *
 * @module
 */

import type { Comparison, ComparisonInput, ComparisonPair, Subject } from "./comparison.ts";
import { left, pairText, right, type Section } from "./sections.ts";
import { breakWords, type Cell, plain, wrap } from "../table/mod.ts";
import type { Tables } from "./render.ts";

/** The completions of one policy on one problem. */
export interface SampledProblem {
  /** The method. */
  readonly method: string;
  /** The training seed; absent for a base model. */
  readonly seed?: number | undefined;
  /** The suite. */
  readonly suite: string;
  /** The completions. */
  readonly responses: readonly string[];
}

/** Correct samples of a method on a problem, and all of them, over its seeds. */
function correctOf(
  inputs: readonly ComparisonInput[],
  { input, method }: Subject,
  suite: string,
  problem: string,
): readonly [correct: number, all: number] {
  const record = inputs.find(({ name }) => name === input)?.record;
  const used = record?.suites.find(({ name }) => name === suite);
  const place = used?.problems.indexOf(problem) ?? -1;
  const runs = record?.runs.filter((run) => run.method === method) ?? [];
  const correct = runs.reduce((sum, { suites }) => sum + (suites[suite]?.correct[place] ?? 0), 0);
  return [correct, runs.length * (used?.samples ?? 0)];
}

/** Every problem whose majority changed, of every pair that was compared: fixed first, then broken. */
export function flipTables(comparison: Comparison, inputs: readonly ComparisonInput[]): Tables {
  const rows = comparison.pairs.flatMap((pair) =>
    (["fixed", "broken"] as const).flatMap((direction) =>
      (pair.flips?.[direction] ?? []).map((problem): Cell[] => {
        const [before, ofBefore] = correctOf(inputs, pair.baseline, pair.suite, problem);
        const [after, ofAfter] = correctOf(inputs, pair.candidate, pair.suite, problem);
        return [
          left(direction),
          left(pair.suite),
          left(pairText(pair, comparison)),
          left(problem),
          ...[before, ofBefore, after, ofAfter].map((count) => right(String(count))),
        ];
      })
    )
  );
  const heads = [
    ...["change", "suite", "pair", "problem"].map(left),
    ...["correct before", "samples before", "correct now", "samples now"].map(right),
  ];
  return {
    sections: [{ title: "Problems whose majority changed", rows: [heads, ...rows] }],
    legend: [
      rows.length === 0
        ? "None: on no problem is more than half of the samples correct on one side only."
        : "Fixed: more than half of the samples are correct now and were not before. Broken: the reverse.",
    ],
  };
}

/** A completion's lines, harmless and no wider than a column; on one line where there is no width. */
function linesOf(response: string, width: number | undefined): string[] {
  const lines = response.split(/\r\n|\r|\n/).map((line) => plain(line.replaceAll("\t", "  ")));
  if (width === undefined) return [lines.join(" ⏎ ")];
  return lines.flatMap((line) => wrap(breakWords(line, width), width));
}

/** Two completions beside each other, as rows. */
function besideEachOther(
  heads: readonly [string, string],
  before: string | undefined,
  after: string | undefined,
  width: number | undefined,
): Cell[][] {
  const columns = [before, after].map((text) => linesOf(text ?? "–", width));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => [
    ...heads.map((head) => right(line === 0 ? head : "")),
    ...columns.map((lines) => left(lines[line] ?? "")),
  ]);
}

/** Completions of a method's runs by seed. */
type Runs = ReadonlyMap<number | undefined, readonly string[]>;

/** Runs of the same seed beside each other; where no seed is on both sides, the first beside the first. */
function runsBesideEachOther(
  before: Runs,
  after: Runs,
): (readonly [seeds: string, before: readonly string[], after: readonly string[]])[] {
  const text = (seed: number | undefined): string => String(seed ?? "–");
  const seeds = [...new Set([...before.keys(), ...after.keys()])];
  if (before.size + after.size > seeds.length) {
    return seeds.map((seed) => [text(seed), before.get(seed) ?? [], after.get(seed) ?? []] as const);
  }
  const a = [...before], b = [...after];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => {
    const [[seed, left] = [undefined, []], [other, right] = [undefined, []]] = [a[index], b[index]];
    return [`${text(seed)}/${text(other)}`, left, right] as const;
  });
}

/** The completions of a pair on a problem. */
function transcriptSection(
  pair: ComparisonPair,
  problem: string,
  title: string,
  samples: ReadonlyMap<string, readonly SampledProblem[]>,
  width: number | undefined,
): Section {
  const of = ({ input, method }: Subject): Runs =>
    new Map(
      (samples.get(input) ?? [])
        .filter((line) => line.method === method && line.suite === pair.suite)
        .map(({ seed, responses }) => [seed, responses]),
    );
  const before = of(pair.baseline), after = of(pair.candidate);
  const rows = runsBesideEachOther(before, after).flatMap(([seeds, a, b]) =>
    Array.from(
      { length: Math.max(a.length, b.length) },
      (_, sample) => besideEachOther([seeds, String(sample + 1)], a[sample], b[sample], width),
    ).flat()
  );
  const heads = pair.kind === "records" ? [pair.baseline.input, pair.candidate.input] : [
    pair.baseline.method,
    pair.candidate.method,
  ];
  return {
    title: `${pair.suite}, problem ${problem}, ${title}`,
    rows: [[right("seed"), right("sample"), ...heads.map(left)], ...rows],
  };
}

/**
 * The completions of a problem, those of the baseline beside those of the candidate: of the pairs whose majority on it
 * changed, or of all pairs that have it if it changed in none. Pairs that were refused are shown too: no number is made
 * of them.
 *
 * @param samples The problem's completions by name of the input.
 * @param width Columns of the terminal, if long lines are to be broken.
 */
export function transcriptTables(
  comparison: Comparison,
  inputs: readonly ComparisonInput[],
  problem: string,
  samples: ReadonlyMap<string, readonly SampledProblem[]>,
  width?: number,
): Tables {
  const kind = comparison.inputs.length > 1 ? "records" : "methods";
  const having = comparison.pairs.filter((pair) =>
    pair.kind === kind &&
    [...samples.values()].some((lines) => lines.some(({ suite }) => suite === pair.suite))
  );
  const flipped = having.filter(({ flips }) =>
    flips?.fixed.includes(problem) || flips?.broken.includes(problem)
  );
  const column = width === undefined ? undefined : Math.max(10, Math.floor((width - 16) / 2));
  return {
    sections: (flipped.length > 0 ? flipped : having).map((pair) => {
      const [before, ofBefore] = correctOf(inputs, pair.baseline, pair.suite, problem);
      const [after, ofAfter] = correctOf(inputs, pair.candidate, pair.suite, problem);
      const counts = `${before} of ${ofBefore} correct before, ${after} of ${ofAfter} now`;
      return transcriptSection(pair, problem, `${pairText(pair, comparison)}: ${counts}`, samples, column);
    }),
    legend: [],
  };
}
