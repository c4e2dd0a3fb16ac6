/**
 * What people read: the method table, and comparisons of results.
 *
 * @module
 */

export {
  type Completions,
  type Counts,
  type Difference,
  type MethodRow,
  type MethodTable,
  methodTable,
  type Metric,
  type RunCounts,
  type SuiteCounts,
  type TableOptions,
  type Verdict,
  verdict,
} from "./summary.ts";
export { compareRecords } from "./compare.ts";
export {
  type ComparedRecord,
  type CompareOptions,
  type Comparison,
  COMPARISON_SCHEMA,
  type ComparisonCell,
  type ComparisonInput,
  type ComparisonPair,
  type ComparisonSettings,
  type Fact,
  type FactDifference,
  type Flips,
  type MethodAggregate,
  type PairAggregate,
  type PairedResult,
  type PairVerdict,
  type Ranged,
  type Subject,
  verdictMarks,
} from "./comparison.ts";
export type { Section } from "./comparison_sections.ts";
export { flipTables, type SampledProblem, transcriptTables } from "./flips.ts";
export { type Gate, gate } from "./gate.ts";
export type { Cell, TextStyle } from "./grid.ts";
export { paperTables, type PublishedNote, type PublishedNumbers, type PublishedScore } from "./paper.ts";
export { publishedNumbers, type PublishedTables } from "./published.ts";
export {
  type ComparisonFormat,
  comparisonFormats,
  renderComparison,
  renderTables,
  type Tables,
} from "./render_comparison.ts";
export { markdownTable, outputStyle, terminalTable } from "./table.ts";
export { buildLeaderboard, type LeaderboardInput } from "./build_leaderboard.ts";
export {
  type Curve,
  type CurvePoint,
  lastInternalStep,
  passCurves,
  type StepMetrics,
  trainingCurves,
  type TrainingLog,
  trainingMetrics,
} from "./figures.ts";
export { headline, type Judged } from "./headline.ts";
export { historyOf, type HistoryPoint, type PastRecord } from "./history.ts";
export {
  type Excluded,
  type Leaderboard,
  LEADERBOARD_SCHEMA,
  leaderboardJsonSchema,
  type LeaderboardPair,
  type LeaderboardResult,
  type LeaderboardRow,
  type LeaderboardScore,
  parseLeaderboard,
} from "./leaderboard.ts";
export { type PageInput, type Proof, renderPage } from "./page/page.ts";
export {
  type FlippedProblem,
  flippedProblems,
  shortened,
  type Transcript,
  type TranscriptRun,
} from "./transcripts.ts";
export {
  EVERY_EVAL_EVER_VERSION,
  everyEvalEverAggregate,
  type EveryEvalEverNames,
  everyEvalEverNames,
  everyEvalEverSample,
  type ExportedSample,
} from "./export/every_eval_ever.ts";
export type { ExportedResult, ExportedRun } from "./export/exported.ts";
export { hubResults } from "./export/hub_results.ts";
export { lmEvalPath, lmEvalResults } from "./export/lm_eval.ts";
export { type CrateFiles, reproduceScript, roCrate } from "./export/ro_crate.ts";
