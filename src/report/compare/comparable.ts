/**
 * Whether two suites of the same name may be compared, and in what two results differ besides.
 *
 * @module
 */

import type { ComparisonInput, Fact, FactDifference } from "./comparison.ts";

/** The common problems of a suite in two inputs, or why there is no comparison. */
export type Match =
  | {
    /** Why the two are not compared. */
    readonly refused: string;
  }
  | {
    /** Positions of the common problems, `[candidate, baseline]`, in the baseline's order. */
    readonly positions: readonly (readonly [number, number])[];
    /** What a reader has to know, or null. */
    readonly note: string | null;
  };

/** The start of a digest. */
function short(digest: string): string {
  return digest.slice(0, 8);
}

/** Why an input is not a full run, or undefined. */
function partialReason({ name, partial }: ComparisonInput): string | undefined {
  return partial === undefined ? undefined : `${name} is a partial run (${partial})`;
}

/**
 * Matches the problems of a suite in two inputs by id. Refused are partial runs, and suites that differ in grader
 * version, number of samples, problem ids, or content id (problem texts, template, sampling settings).
 *
 * @param unequal Whether suites with different problems are refused or cut down to the common ones; then template and
 * sampling cannot be told from the content id any more, and the note says so.
 */
export function matchSuite(
  candidate: ComparisonInput,
  baseline: ComparisonInput,
  suite: string,
  unequal: "refuse" | "intersect" = "refuse",
): Match {
  const partial = partialReason(candidate) ?? partialReason(baseline);
  if (partial !== undefined) return { refused: partial };
  const find = ({ record }: ComparisonInput) => record.suites.find(({ name }) => name === suite);
  const a = find(candidate), b = find(baseline);
  if (!a || !b) return { refused: `${a ? baseline.name : candidate.name} was not evaluated on it` };
  const [grader, other] = [candidate.record.graderVersion, baseline.record.graderVersion];
  if (grader !== other) return { refused: `grader versions differ: ${grader} and ${other}` };
  if (a.samples !== b.samples) {
    return { refused: `samples of each problem differ: ${a.samples} and ${b.samples}` };
  }
  const places = new Map(a.problems.map((id, position) => [id, position]));
  const positions = b.problems.flatMap((id, position) => {
    const place = places.get(id);
    return place === undefined ? [] : [[place, position] as const];
  });
  const lost = [a.problems.length - positions.length, b.problems.length - positions.length] as const;
  if (lost[0] > 0 || lost[1] > 0) {
    const text = `${lost[0]} problems only in ${candidate.name}, ${lost[1]} only in ${baseline.name}`;
    if (unequal === "refuse" || positions.length === 0) return { refused: `problems differ: ${text}` };
    return {
      positions,
      note: `over ${positions.length} common problems (${text}); template and sampling unchecked`,
    };
  }
  if (a.digest !== b.digest) {
    return {
      refused: `problem texts, template or sampling differ: suite digests ${short(a.digest)} and ${
        short(b.digest)
      }`,
    };
  }
  return { positions, note: null };
}

/** All leaves of a JSON value by path; lists are leaves. */
function* leaves(value: Fact, path: string): Generator<readonly [string, Fact]> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) yield [path, value];
  else for (const [member, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${member}`);
}

/** What is known of an input, by name of the fact. */
function factsOf({ record, commit, dirty, environment }: ComparisonInput): Map<string, Fact> {
  return new Map<string, Fact>([
    ["commit", commit ?? null],
    ["dirty", dirty ?? "unknown"],
    ["base model", record.base.digest],
    ["grader", record.graderVersion],
    ...Object.entries(environment ?? {}).map(([name, value]) => [`environment.${name}`, value] as const),
    ...leaves(record.profile, "profile"),
  ]);
}

/** The facts in which inputs differ, in the order of their first appearance. */
export function factDifferences(inputs: readonly ComparisonInput[]): FactDifference[] {
  const all = inputs.map(factsOf);
  const names = new Set(all.flatMap((facts) => [...facts.keys()]));
  return [...names]
    .map((fact) => ({ fact, values: all.map((facts) => facts.get(fact) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
