/**
 * Checks against what others computed: reference tensors and gradients, estimators, statistics, and published grading
 * cases. `deno task golden`, `deno task bench:grade` and tests use it; nothing of a run does.
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
