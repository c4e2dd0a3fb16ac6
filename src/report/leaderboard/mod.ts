/**
 * The leaderboard as data: rows, headline, curves, history and completions to show, out of verified records. The page and
 * the exports are made from it.
 *
 * @module
 */

export { buildLeaderboard, buildResult, type BuiltResult, type LeaderboardInput } from "./build.ts";
export {
  type Curve,
  type CurvePoint,
  lastInternalStep,
  passCurves,
  type StepMetrics,
  type TrainingCost,
  trainingCosts,
  trainingCurves,
  type TrainingLog,
  trainingMetrics,
} from "./figures.ts";
export { headline, type Judged, registeredHeadline } from "./headline.ts";
export { historyOf, type HistoryPoint, type PastRecord } from "./history.ts";
export {
  type Excluded,
  type ExecutedRecords,
  type Leaderboard,
  LEADERBOARD_SCHEMA,
  type LeaderboardPair,
  type LeaderboardResult,
  type LeaderboardRow,
  type LeaderboardScore,
  type RegisteredOutcome,
  type Registration,
  type ResultJudgement,
  type SignedFacts,
} from "./leaderboard.ts";
export { mayLead, type Ordered, readFirst, sameSettings } from "./order.ts";
export { leaderboardJsonSchema, parseLeaderboard } from "./schema.ts";
export { type DescribedRecord, modelOf, signedFacts } from "./signed_facts.ts";
export { type Statement, statementOf } from "./statement.ts";
export {
  type FlippedProblem,
  flippedProblems,
  shortened,
  type Transcript,
  type TranscriptRun,
} from "./transcripts.ts";
