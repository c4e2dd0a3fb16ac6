/**
 * Judges a result: signatures, digests, agreement of statements and record, and completions graded again. What it cannot
 * know it does not claim.
 *
 * @module
 */

export { type Gold, type GoldSource, loadGolds } from "./golds.ts";
export { type Difference, policyName, type Recheck, recheck, type RecheckOptions } from "./recheck.ts";
export {
  type CheckName,
  checks,
  type Problem,
  type Verification,
  verify,
  type VerifyKeys,
} from "./verify.ts";
