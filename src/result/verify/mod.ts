/**
 * Judges a result directory: signatures, digests, agreement of statements and record, and completions graded again. What
 * it cannot know it does not claim.
 *
 * @module
 */

export { type OpenedReport, openReport } from "./inspection.ts";
export { recheck, type RecheckedResult, type RecheckOptions } from "./recheck.ts";
export { type Verification, verificationOf, verify } from "./verify.ts";
