/**
 * The numbers of a contest on one or more suites, the problems that changed, and what to know about it.
 *
 * @module
 */

import {
  mcnemarExact,
  type PairedEvidence,
  pairedEvidence,
  type Scores,
  type SeedWidth,
  varianceComponents,
} from "../../stats/mod.ts";
import { percent } from "../table/mod.ts";
import type { ComparisonSettings, Flips, PairedResult } from "./comparison.ts";

/** A suite on which a contest takes place: shares of correct samples, `[seed][problem]`, on the same problems. */
export interface Round {
  readonly suite: string;
  readonly ids: readonly string[];
  readonly samples: number;
  readonly candidate: Scores;
  readonly baseline: Scores;
  /** What to know about how the problems were matched, or null. */
  readonly note: string | null;
}

/** Two sides on the same problems, and where they come from. */
export interface Sides {
  /** Was the candidate, and was the baseline, trained? */
  readonly trained: readonly [boolean, boolean];
  /** Do both come from records that are the same to the byte? */
  readonly sameRecord: boolean;
}

/** The mean of each problem over the seeds. */
function problemMeans(scores: Scores): Float64Array {
  return varianceComponents([scores]).problems[0]?.values ?? new Float64Array();
}

/** McNemar's p-value where each side has a single answer to each problem and no seed could have given others. */
function mcnemar({ candidate, baseline, samples }: Round, { trained }: Sides): number | null {
  const [a, ...more] = candidate, [b, ...others] = baseline;
  if (samples !== 1 || !a || !b || more.length + others.length > 0 || trained.includes(true)) return null;
  const only = (x: readonly number[], y: readonly number[]): number =>
    x.filter((score, i) => score === 1 && y[i] === 0).length;
  return mcnemarExact(only(a, b), only(b, a));
}

/** All that is known of a contest over one or more suites. */
export function evidenceOf(
  rounds: readonly Round[],
  { trained, sameRecord }: Sides,
  settings: ComparisonSettings,
): PairedEvidence {
  return pairedEvidence(
    { scores: rounds.map(({ candidate }) => candidate), trained: trained[0] },
    { scores: rounds.map(({ baseline }) => baseline), trained: trained[1] },
    { ...settings, sameRecord, samples: rounds.map(({ samples }) => samples) },
  );
}

/** The numbers of a contest, as far as a reader needs them. */
export function resultOf(
  rounds: readonly Round[],
  sides: Sides,
  { problems, difference, covers, p, equivalence, detectable, fewSeeds, seedWidth }: PairedEvidence,
  adjusted = p,
): PairedResult {
  const [round] = rounds, { value, low, high } = difference;
  return {
    problems,
    difference: { value, low, high },
    covers,
    p,
    adjusted,
    mcnemar: round && rounds.length === 1 ? mcnemar(round, sides) : null,
    equivalence,
    detectable,
    fewSeeds,
    seedWidth,
  };
}

/** Where the spread of a seed comes from, in words. */
const spreads: Readonly<Record<SeedWidth["from"], (points: string) => string>> = {
  own: (points) => `the spread of the two at hand gives ± ${points} points`,
  pooled: (points) => `a seed's spread from both sides together gives ± ${points} points`,
  other: (points) => `a seed's spread taken from the other side gives ± ${points} points`,
  "noise floor": (points) =>
    `a seed's spread is unknown; by sampling alone two repetitions come ± ${points} points apart (noise floor, A/A)`,
};

/** What seeds are lacking and how wide that makes a difference, or null where there are enough. */
export function seedNote({ fewSeeds, identical, seeds, seedWidth }: PairedEvidence): string | null {
  if (!fewSeeds || identical) return null;
  const counts = `too few seeds (${seeds[0]} against ${seeds[1]})`;
  return seedWidth === null
    ? `${counts}; a seed's spread is unknown`
    : `${counts}; ${spreads[seedWidth.from](percent(seedWidth.half))}`;
}

/** Problems that more than half of all samples solve on one side only. */
export function flipsOf({ ids, candidate, baseline }: Round): Flips {
  const a = problemMeans(candidate), b = problemMeans(baseline);
  const solved = (means: Float64Array, i: number): boolean => (means[i] ?? 0) > 0.5 + 1e-12;
  return {
    fixed: ids.filter((_, i) => solved(a, i) && !solved(b, i)),
    broken: ids.filter((_, i) => !solved(a, i) && solved(b, i)),
  };
}
