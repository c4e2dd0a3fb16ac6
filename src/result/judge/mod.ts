/**
 * Gathers everything that a result is judged by, from its files, and judges it: the one place that commands ask.
 *
 * @module
 */

export { Faults, type Problem } from "./fault.ts";
export { type Judged, judgeFiles, type JudgeOptions, type VerifyKeys } from "./judge_files.ts";
export { graderVersions, knowledgeOf, methodKinds, projectRoot } from "./knowledge.ts";
export { findProblems, type Gold, type GoldProblems, type ProblemSource } from "./problems.ts";
export { type Difference, differenceText, type Recheck, type RegradeOptions } from "./regrade.ts";
export {
  bytesOf,
  contentOf,
  digestOf,
  folderFiles,
  type ResultFiles,
  sealedFiles,
  singleFile,
} from "./result_files.ts";
export { type OpenedStatement, openStatement } from "./signed.ts";
