/**
 * What a policy earns that copies its questions instead of answering them. `deno task bench:hack` prints it, and a test
 * holds the generated suites to nothing.
 *
 * @module
 */

export {
  type AttackedProblem,
  type Earned,
  type Earnings,
  earnings,
  type RestatementPair,
  restatementPairs,
} from "./earn.ts";
export { type Attack, attacks, formulasOf, restatements } from "./restate.ts";
