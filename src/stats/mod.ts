/**
 * Statistics of evaluations: accuracies, intervals, paired comparisons. Numbers in, numbers out.
 *
 * @module
 */

export { averageAtK, failAtK, passAtK } from "./accuracy.ts";
export {
  bootstrapDifference,
  bootstrapMean,
  type BootstrapOptions,
  type Estimate,
  type Scores,
} from "./bootstrap.ts";
export { type ClusteredMean, clusteredMean, type PairedMeans, pairedMeans } from "./clustered.ts";
export { checkStats } from "./golden.ts";
export { type Interval, wilsonInterval } from "./interval.ts";
export { mcnemarExact } from "./mcnemar.ts";
export { normalCumulative, normalQuantile } from "./normal.ts";
