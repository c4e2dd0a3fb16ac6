/**
 * How often pairs of simulated methods are called different: equal ones, and ones that differ.
 *
 *     deno run test/stats/calibration.ts 2000     # the table of docs/compare.md, from so many pairs a cell
 *
 * @module
 */

import { RandomStream } from "../../src/random.ts";
import { print } from "../../tasks/shared/command.ts";
import { pairedEvidence, type PairedSide, verdictOf } from "../../src/stats/mod.ts";

/** An evaluation of two methods. */
export interface Design {
  /** Number of problems. */
  readonly problems: number;
  /** Samples of each problem and seed. */
  readonly samples: number;
  /** Training runs of either method; 0 is a base model. */
  readonly seeds: readonly [number, number];
  /** Standard deviation of what a seed does to a problem. */
  readonly shift: number;
  /** Standard deviation of what a seed does to all problems. */
  readonly level: number;
}

/** A gamma variable (Marsaglia and Tsang, ACM Transactions on Mathematical Software 26, 2000). */
function gamma(random: RandomStream, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal(), v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Success probabilities of problems: many that are nearly always or never solved, as in real suites. */
function difficulties(random: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => {
    const x = gamma(random, 0.6);
    return x / (x + gamma(random, 0.8));
  });
}

/** One method's scores: each seed moves every problem by its own amount and all of them by a common one. */
function simulate(
  random: RandomStream,
  problems: readonly number[],
  { samples, shift, level }: Design,
  seeds: number,
  gain: number,
): PairedSide {
  const trained = seeds > 0;
  const scores = Array.from({ length: Math.max(1, seeds) }, () => {
    const own = trained ? level * random.normal() : 0;
    return problems.map((p) => {
      const chance = p + gain + own + (trained ? shift * random.normal() : 0);
      let correct = 0;
      for (let i = 0; i < samples; i++) if (random.uniform() < chance) correct++;
      return correct / samples;
    });
  });
  return { scores: [scores], trained };
}

/** Shares of pairs. */
export interface Rates {
  /** Called worse. */
  readonly worse: number;
  /** Called better. */
  readonly better: number;
  /** Called tied. */
  readonly tied: number;
  /** Whose interval excludes 0, whatever they were called. */
  readonly excluded: number;
  /** Whose p-value is at most 5 %. */
  readonly significant: number;
}

/** What comes out of simulated pairs of which the first method is better by the gain. The same numbers every time. */
export function rates(design: Design, gain: number, pairs: number): Rates {
  const random = new RandomStream("calibration", JSON.stringify(design), gain);
  const count = { worse: 0, better: 0, tied: 0, excluded: 0, significant: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const problems = difficulties(random, design.problems), [a, b] = design.seeds;
    const evidence = pairedEvidence(
      simulate(random, problems, design, a, gain),
      simulate(random, problems, design, b, 0),
      { resamples: 400, draws: 399 },
    );
    const verdict = verdictOf(evidence);
    if (verdict === "worse" || verdict === "better") count[verdict]++;
    if (verdict === "tied within noise") count.tied++;
    if (evidence.difference.low > 0 || evidence.difference.high < 0) count.excluded++;
    if (evidence.p <= 0.05) count.significant++;
  }
  return {
    worse: count.worse / pairs,
    better: count.better / pairs,
    tied: count.tied / pairs,
    excluded: count.excluded / pairs,
    significant: count.significant / pairs,
  };
}

/** The designs of the table: seeds of either side. */
export const contests: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 3],
  [1, 5],
  [2, 3],
  [3, 0],
  [3, 3],
  [5, 5],
];

/** Standard deviations of seeds, as shares. */
export const levels: readonly number[] = [0, 0.015, 0.035];

/** 120 problems of 8 samples. */
export function designOf(seeds: readonly [number, number], level: number): Design {
  return { problems: 120, samples: 8, seeds, shift: 0.05, level };
}

if (import.meta.main) {
  const pairs = Number(Deno.args[0] ?? 2000);
  const percent = (share: number): string => (100 * share).toFixed(1);
  print("| seeds | spread | called different | interval excludes 0 | p ≤ 0.05 | called tied |");
  for (const seeds of contests) {
    for (const level of levels) {
      const { worse, better, tied, excluded, significant } = rates(designOf(seeds, level), 0, pairs);
      const shares = [worse + better, excluded, significant, tied].map(percent).join(" | ");
      print(`| ${seeds.join(" v ")} | ${percent(level)} | ${shares} |`);
    }
  }
}
