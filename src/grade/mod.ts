/**
 * Grading of mathematical answers.
 *
 * @module
 */

export { DEFAULT_POLICY, type Policy } from "./compare/mod.ts";
export { CANDIDATE_SOURCES, type CandidateSource, THINKING_TAGS } from "./extract/mod.ts";
export type { FormRules, WantedForm } from "./form/mod.ts";
export { formulaKey } from "./formula_key.ts";
export {
  type GradedLine,
  gradedLine,
  type GradedLines,
  type GradedPair,
  gradeLines,
  type LineOptions,
  type LinePair,
  type Pair,
  type PoolOptions,
  readPair,
  verifyMany,
} from "./pool/mod.ts";
export { graderVersion, SCORING, type Verdict, verify, type VerifyOptions } from "./verify.ts";
