/**
 * Statistics of evaluations: accuracies, intervals, paired comparisons. Numbers in, numbers out.
 *
 * @module
 */

export { averageAtK, countCorrect, failAtK, passAtK } from "./accuracy.ts";
export {
  type Aggregate,
  type AggregateOptions,
  improvementInterval,
  interquartileMean,
  probabilityOfImprovement,
  type RunScores,
  stratifiedBootstrap,
} from "./aggregate.ts";
export {
  bootstrapDifference,
  bootstrapMean,
  type BootstrapOptions,
  type Estimate,
  type IntervalMethod,
  intervalMethods,
} from "./bootstrap.ts";
export { clusterBy, type ClusteredMean, clusteredMean, type PairedMeans, pairedMeans } from "./clustered.ts";
export {
  type Components,
  type ProblemLevel,
  type Scores,
  type SeedLevel,
  type SeedModel,
  varianceComponents,
} from "./components.ts";
export { type Interval, wilsonInterval } from "./interval.ts";
export { majorityAtK } from "./majority.ts";
export { mcnemarExact } from "./mcnemar.ts";
export { normalCumulative, normalQuantile } from "./normal.ts";
export {
  type Coverage,
  FEWEST_SEEDS,
  type PairedEvidence,
  pairedEvidence,
  type PairedSettings,
  type PairedSide,
  type SeedWidth,
} from "./paired.ts";
export { holm, pairedPermutation, type PermutationTest } from "./permutation.ts";
export {
  equivalenceTest,
  minimumDetectableEffect,
  noiseFloor,
  type PairedDesign,
  plannedEffect,
  type Precision,
  requiredProblems,
  type TestPlan,
} from "./power.ts";
export { studentCumulative, studentQuantile } from "./student.ts";
export {
  deviations,
  type Planted,
  type RegisteredPair,
  type RegisteredPlan,
  registeredPlanOf,
  type RunExtent,
} from "./registered/mod.ts";
export { type Verdict, verdictOf } from "./verdict.ts";
