/**
 * Standard errors of a mean when scores come in clusters (the samples of one problem, variants of one template).
 *
 * @module
 */

/** Mean and standard errors of clustered scores. */
export interface ClusteredMean {
  /** Mean over all scores. */
  readonly mean: number;
  /** Standard error as if all scores were independent: √(Σ (s − mean)² / (n − 1) / n). */
  readonly iid: number;
  /** Cluster-robust standard error: √(Σ_g (Σ_{i∈g} (s_i − mean))²) / n. */
  readonly clustered: number;
  /** The same with the factor √(G / (G − 1)) for G clusters; use this one. */
  readonly clusteredCorrected: number;
  /** √(iid² + Σ_g Σ_{i≠j∈g} dev_i dev_j / n²), or null where that sum is negative. */
  readonly iidPlusCross: number | null;
}

/**
 * Mean and standard errors of scores in clusters, which may differ in size.
 *
 * Source: Liang and Zeger, Biometrika 73, 1986; for evaluations Miller, "Adding error bars to evals",
 * arXiv 2411.00640, section 2.2 (the form with cross terms).
 *
 * @param clusters Scores of each cluster.
 * @throws {RangeError} If there are fewer than two clusters.
 *
 * @example Samples that all agree within a problem carry the information of one
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { clusteredMean } from "./clustered.ts";
 *
 * const { clusteredCorrected } = clusteredMean([[1, 1], [0, 0], [1, 1], [0, 0]]);
 * assertAlmostEquals(clusteredCorrected, Math.sqrt(1 / 3 / 4), 1e-15);
 * ```
 */
export function clusteredMean(clusters: readonly (readonly number[])[]): ClusteredMean {
  if (clusters.length < 2) {
    throw new RangeError(
      `Cannot compute a clustered standard error from ${clusters.length} clusters: expected at least 2`,
    );
  }
  const n = clusters.reduce((sum, cluster) => sum + cluster.length, 0);
  const mean = clusters.flat().reduce((sum, score) => sum + score, 0) / n;
  let squares = 0, between = 0;
  for (const cluster of clusters) {
    let total = 0;
    for (const score of cluster) {
      squares += (score - mean) ** 2;
      total += score - mean;
    }
    between += total ** 2;
  }
  const groups = clusters.length;
  const clustered = Math.sqrt(between) / n;
  const iidVariance = squares / (n - 1) / n;
  const withCross = iidVariance + (between - squares) / n ** 2;
  return {
    mean,
    iid: Math.sqrt(iidVariance),
    clustered,
    clusteredCorrected: clustered * Math.sqrt(groups / (groups - 1)),
    iidPlusCross: withCross < 0 ? null : Math.sqrt(withCross),
  };
}

/**
 * Scores, or paired differences, by cluster, for {@linkcode clusteredMean}: by problem, or by the template or source
 * that several problems are variants of, which gives the larger and then the honest standard error.
 *
 * @param scores The scores.
 * @param labels Cluster of each score.
 * @throws {RangeError} If the lists differ in length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterBy } from "./clustered.ts";
 *
 * assertEquals(clusterBy([1, 0, 0.5], ["a", "b", "a"]), [[1, 0.5], [0]]);
 * ```
 */
export function clusterBy(scores: readonly number[], labels: readonly string[]): number[][] {
  if (scores.length !== labels.length) {
    throw new RangeError(
      `Cannot cluster ${scores.length} scores by ${labels.length} labels: expected one for each`,
    );
  }
  const groups = Map.groupBy(scores.entries(), ([index]) => labels[index]);
  return Array.from(groups.values(), (entries) => entries.map(([, score]) => score));
}

/** Two systems on the same problems. */
export interface PairedMeans {
  /** Mean of the differences, a − b. */
  readonly difference: number;
  /** Standard error of the mean difference: standard deviation of the differences (n − 1) over √n. */
  readonly paired: number;
  /** Standard error if the pairing is ignored: √(se_a² + se_b²). */
  readonly unpaired: number;
}

/** Mean and variance of the mean (n − 1 denominator). */
function meanAndVariance(values: readonly number[]): { mean: number; variance: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n };
}

/**
 * The mean difference of two systems over the same problems.
 *
 * Source: Miller, arXiv 2411.00640, section 4.2 (paired differences of per-problem means).
 *
 * @param a Mean score of the first system on each problem.
 * @param b Mean score of the second system on the same problems in the same order.
 * @throws {RangeError} If the lists differ in length or have fewer than two problems.
 */
export function pairedMeans(a: readonly number[], b: readonly number[]): PairedMeans {
  if (a.length !== b.length || a.length < 2) {
    throw new RangeError(
      `Cannot pair ${a.length} with ${b.length} problems: expected the same number, at least 2`,
    );
  }
  const { mean, variance } = meanAndVariance(a.map((score, i) => score - (b[i] ?? NaN)));
  return {
    difference: mean,
    paired: Math.sqrt(variance),
    unpaired: Math.sqrt(meanAndVariance(a).variance + meanAndVariance(b).variance),
  };
}
