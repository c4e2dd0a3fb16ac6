/**
 * Says of a result what is proved, what nobody checked, and what is false. Plain functions of plain values, which a
 * command and the page's script call alike: nothing here needs Deno, Node or a package.
 *
 * @module
 */

export {
  type Claim,
  type ClaimName,
  claimNames,
  claims,
  notChecked,
  proved,
  together,
  untrue,
} from "./claim.ts";
export { scoresOf } from "./counts.ts";
export type {
  Evidence,
  Found,
  FoundProblems,
  FoundSamples,
  JudgedOutcome,
  JudgedRecord,
  JudgedRun,
  JudgedStatement,
  JudgedSuite,
  Knowledge,
  KnownSuite,
  Regraded,
  ShownScore,
} from "./evidence.ts";
export { type Named, suiteLabel, withLabels } from "./label.ts";
export { judge, type Judgement, partialReason } from "./judge.ts";
export { runName } from "./runs.ts";
export { expectedPredicate } from "./statements.ts";
export { type SuiteJudgement, type SuiteOrigin, suiteOrigins } from "./suites.ts";
