/**
 * Checks this folder's functions against reference values that other implementations computed.
 *
 * @module
 */

import { z } from "zod";
import type { GoldenGroup } from "./agreement.ts";
import {
  averageAtK,
  clusteredMean,
  failAtK,
  mcnemarExact,
  normalQuantile,
  pairedMeans,
  passAtK,
  wilsonInterval,
} from "../stats/mod.ts";

/** A computed value and its reference, under the name of its group; null is a value that must not exist. */
type Pair = readonly [group: string, actual: number | null, expected: number | null];

const number = z.number(), numbers = z.array(number), matrix = z.array(numbers);

const passFile = z.object({
  cases: z.array(z.object({ n: number, c: number, k: number, pass_at_k: number, complement: number })),
  datasets: z.array(z.object({
    num_samples: number,
    num_correct: numbers,
    expected: z.array(z.object({ k: number, mean_pass_at_k: number })),
  })),
});

const averageFile = z.object({
  datasets: z.array(z.object({
    correct: matrix,
    expected: z.array(z.object({ k: number, per_problem: numbers, avg_at_k: number })),
  })),
});

const clusteredFile = z.object({
  cases: z.array(z.object({
    scores_by_cluster: matrix,
    expected: z.object({
      mean: number,
      se_iid: number,
      se_clustered_cr0: number,
      se_clustered_cr1: number,
      se_clustered_iid_plus_cross: number.nullable(),
    }),
  })),
  paired: z.array(z.object({
    a: matrix,
    b: matrix,
    expected: z.object({ mean_difference: number, se_paired: number, se_unpaired: number }),
  })),
});

const mcnemarFile = z.object({ cases: z.array(z.object({ b: number, c: number, p_exact: number })) });

const wilsonFile = z.object({
  cases: z.array(
    z.object({ successes: number, n: number, confidence: number, z: number, low: number, high: number }),
  ),
});

/** The mean of a list. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How each reference file is compared, by its name without `.json`. */
const checks: Readonly<Record<string, (json: unknown) => Pair[]>> = {
  pass_at_k: (json) => {
    const { cases, datasets } = passFile.parse(json);
    return [
      ...cases.flatMap(({ n, c, k, pass_at_k, complement }): Pair[] => [
        ["pass@k", passAtK(n, c, k), pass_at_k],
        ["1 - pass@k", failAtK(n, c, k), complement],
      ]),
      ...datasets.flatMap(({ num_samples, num_correct, expected }) =>
        expected.map(({ k, mean_pass_at_k }): Pair => [
          "mean pass@k",
          mean(num_correct.map((c) => passAtK(num_samples, c, k))),
          mean_pass_at_k,
        ])
      ),
    ];
  },
  avg_at_k: (json) =>
    averageFile.parse(json).datasets.flatMap(({ correct, expected }) =>
      expected.flatMap(({ k, per_problem, avg_at_k }): Pair[] => {
        const counts = correct.map((samples) => samples.slice(0, k).reduce((sum, c) => sum + c, 0));
        return [
          ["avg@k", averageAtK(counts, k), avg_at_k],
          ...per_problem.map((
            share,
            i,
          ): Pair => ["avg@k of a problem", averageAtK(counts.slice(i, i + 1), k), share]),
        ];
      })
    ),
  clustered_se: (json) => {
    const { cases, paired } = clusteredFile.parse(json);
    return [
      ...cases.flatMap(({ scores_by_cluster, expected }): Pair[] => {
        const actual = clusteredMean(scores_by_cluster);
        return [
          ["mean", actual.mean, expected.mean],
          ["standard error, independent", actual.iid, expected.se_iid],
          ["standard error, clustered", actual.clustered, expected.se_clustered_cr0],
          ["standard error, clustered, corrected", actual.clusteredCorrected, expected.se_clustered_cr1],
          ["standard error, cross terms", actual.iidPlusCross, expected.se_clustered_iid_plus_cross],
        ];
      }),
      ...paired.flatMap(({ a, b, expected }): Pair[] => {
        const actual = pairedMeans(a.map(mean), b.map(mean));
        return [
          ["difference", actual.difference, expected.mean_difference],
          ["standard error, paired", actual.paired, expected.se_paired],
          ["standard error, unpaired", actual.unpaired, expected.se_unpaired],
        ];
      }),
    ];
  },
  mcnemar: (json) =>
    mcnemarFile.parse(json).cases.map(({ b, c, p_exact }): Pair => ["p", mcnemarExact(b, c), p_exact]),
  wilson: (json) =>
    wilsonFile.parse(json).cases.flatMap((row): Pair[] => {
      const { low, high } = wilsonInterval(row.successes, row.n, row.confidence);
      return [
        ["z", normalQuantile((1 + row.confidence) / 2), row.z],
        ["low", low, row.low],
        ["high", high, row.high],
      ];
    }),
};

/** Relative error; absolute where the reference is 0; infinite where only one of the two exists. */
function error(actual: number | null, expected: number | null): number {
  if (actual === null || expected === null) return actual === expected ? 0 : Infinity;
  const gap = Math.abs(actual - expected) / (expected === 0 ? 1 : Math.abs(expected));
  return Number.isNaN(gap) ? Infinity : gap;
}

/**
 * Compares this folder's functions with one reference file.
 *
 * @param name The file's name without `.json`: pass_at_k, avg_at_k, clustered_se, mcnemar or wilson.
 * @param json The file's parsed content.
 * @returns The worst error of each group of values.
 * @throws {RangeError} If no function belongs to the name.
 */
export function checkStats(name: string, json: unknown): GoldenGroup[] {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (!check) {
    throw new RangeError(
      `Cannot check the statistics file "${name}": expected one of ${Object.keys(checks).join(", ")}`,
    );
  }
  const groups = Map.groupBy(check(json), ([group]) => group);
  return Array.from(groups, ([group, pairs]) => ({
    name: `${name}: ${group}`,
    worst: Math.max(...pairs.map(([, actual, expected]) => error(actual, expected))),
    tolerance: 1e-12,
    count: pairs.length,
  }));
}
