/**
 * Means over response tokens, with intervals clustered by problem. Of every quantity only the sum over a problem's tokens
 * is kept: both means and both intervals follow from the sums.
 *
 * @module
 */

import { studentQuantile } from "../stats/mod.ts";
import type { QuantityName, TokenValues } from "./quantity.ts";

/** A mean with its interval; without one where there is only one problem. */
export interface Mean {
  /** The mean. */
  readonly mean: number;
  /** Lower end of the interval. */
  readonly low: number | null;
  /** Upper end of the interval. */
  readonly high: number | null;
}

/** A quantity's means. */
export interface QuantityMeans {
  /** Over all response tokens: longer responses weigh more, as in the paper. */
  readonly token: Mean;
  /** Over the problems, each the mean over its tokens. */
  readonly problem: Mean;
}

/** Coverage of the intervals. */
export const CONFIDENCE = 0.95;

/** A mean ± Student's quantile times a standard error. */
function around(mean: number, error: number, clusters: number): Mean {
  if (clusters < 2) return { mean, low: null, high: null };
  const half = studentQuantile((1 + CONFIDENCE) / 2, clusters - 1) * error;
  return { mean, low: mean - half, high: mean + half };
}

/**
 * Means from the sums of clusters.
 *
 * The token mean is a ratio of sums; its standard error is the cluster-robust one, √(G / (G − 1)) √(Σ_g (S_g − n_g m)²) / n
 * (`clusteredMean` of `src/stats`, from sums). That of the problem mean is the standard deviation of the problems' means
 * over √G.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { meansOf } from "./tally.ts";
 *
 * const { token, problem } = meansOf([2, 9], [1, 3]);
 * assertEquals([token.mean, problem.mean], [2.75, 2.5]);
 * ```
 *
 * @param sums The sum over each problem's tokens.
 * @param counts The number of tokens of each problem.
 */
export function meansOf(sums: ArrayLike<number>, counts: ArrayLike<number>): QuantityMeans {
  const problems = Array.from(sums, (sum, i) => ({ sum, count: counts[i] ?? 0 })).filter(({ count }) =>
    count > 0
  );
  const total = (of: (problem: { sum: number; count: number }) => number): number =>
    problems.reduce((result, problem) => result + of(problem), 0);
  const tokens = total(({ count }) => count), groups = problems.length;
  const mean = total(({ sum }) => sum) / tokens, each = total(({ sum, count }) => sum / count) / groups;
  const between = total(({ sum, count }) => (sum - count * mean) ** 2);
  const spread = total(({ sum, count }) => (sum / count - each) ** 2);
  return {
    token: around(mean, Math.sqrt(between * groups / (groups - 1)) / tokens, groups),
    problem: around(each, Math.sqrt(spread / (groups - 1) / groups), groups),
  };
}

/** Sums of every quantity of every layer by problem. */
export class Tally {
  readonly #problems = new Map<string, number>();
  readonly #owner: readonly number[];
  /** Response tokens of each problem. */
  readonly counts: Float64Array;
  readonly #layers: Map<QuantityName, Float64Array>[] = [];

  /**
   * Begins to count.
   *
   * @param sequences The problem and the number of response tokens of each sequence.
   */
  constructor(sequences: readonly { readonly problem: string; readonly tokens: number }[]) {
    this.#owner = sequences.map(({ problem }) => {
      const known = this.#problems.get(problem) ?? this.#problems.size;
      this.#problems.set(problem, known);
      return known;
    });
    this.counts = new Float64Array(this.#problems.size);
    sequences.forEach(({ tokens }, i) => {
      const owner = this.#owner[i] as number; // one a sequence
      this.counts[owner] = (this.counts[owner] as number) + tokens;
    });
  }

  /** The number of layers, that of the embedding included. */
  get layers(): number {
    return this.#layers.length;
  }

  /** Counts what was measured of a sequence. */
  add(sequence: number, layer: number, values: TokenValues): void {
    const owner = this.#owner[sequence] as number; // one a sequence
    const own = this.#layers[layer] ??= new Map<QuantityName, Float64Array>();
    for (const [name, numbers] of values) {
      const sums = own.get(name) ?? new Float64Array(this.counts.length);
      own.set(name, sums);
      for (const value of numbers) sums[owner] = (sums[owner] as number) + value; // one a problem
    }
  }

  /** The quantities of a layer. */
  names(layer: number): QuantityName[] {
    return [...this.#layers[layer]?.keys() ?? []];
  }

  /** The sums by problem of a quantity of a layer. */
  sums(layer: number, name: QuantityName): Float64Array {
    const sums = this.#layers[layer]?.get(name);
    if (!sums) throw new ReferenceError(`internal: "${name}" was not measured at layer ${layer}`);
    return sums;
  }

  /** The means of a quantity of a layer. */
  means(layer: number, name: QuantityName): QuantityMeans {
    return meansOf(this.sums(layer, name), this.counts);
  }

  /** The token means of a quantity over the layers from 1. */
  curve(name: QuantityName): number[] {
    return Array.from({ length: this.layers - 1 }, (_, i) => this.means(i + 1, name).token.mean);
  }
}
