/**
 * Checks against what others computed: reference tensors and gradients, estimators, statistics, published grading
 * cases, and what copying a question earns. `deno task golden`, `bench:grade`, `bench:hack` and tests use it; nothing of a run does.
 *
 * @module
 */

export type { GoldenGroup } from "./agreement.ts";
export { checkGolden, type GoldenResult } from "./golden.ts";
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
} from "./grading/mod.ts";
export {
  type Attack,
  type AttackedProblem,
  attacks,
  type Earned,
  type Earnings,
  earnings,
  type RestatementPair,
  restatementPairs,
  restatements,
} from "./restatement/mod.ts";
