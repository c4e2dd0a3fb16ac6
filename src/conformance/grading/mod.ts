/**
 * Published grading cases of other tools, and how many of them the verifier gets right. `deno task bench:grade` prints
 * them, and a test holds each file to its share.
 *
 * @module
 */

export { type CaseFault, type CaseKind, type GradingCase, readCases } from "./grading_case.ts";
export { type CaseResult, type Score, scoreCase, summarize } from "./score.ts";
export { type Swap, swapCase } from "./swap.ts";
