/**
 * Grading of mathematical answers.
 *
 * @module
 */

export type { CandidateSource } from "./extract.ts";
export { DEFAULT_POLICY, type Policy } from "./policy.ts";
export { graderVersion, type Verdict, verify, type VerifyOptions } from "./verify.ts";
