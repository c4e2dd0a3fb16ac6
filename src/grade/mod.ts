/**
 * Grading of mathematical answers.
 *
 * @module
 */

export {
  type CaseFault,
  type CaseKind,
  type CaseResult,
  type GradingCase,
  readCases,
  type Score,
  scoreCase,
  summarize,
  type Swap,
  swapCase,
} from "./cases.ts";
export { CANDIDATE_SOURCES, type CandidateSource } from "./extract.ts";
export type { GradedPair, Pair } from "./jobs.ts";
export { DEFAULT_POLICY, type Policy } from "./policy.ts";
export { type PoolOptions, verifyMany } from "./pool.ts";
export { graderVersion, SCORING, type Verdict, verify, type VerifyOptions } from "./verify.ts";
