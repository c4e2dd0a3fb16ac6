/**
 * Results in the forms that other leaderboards and archives read: lm-evaluation-harness, the Hub, Every Eval Ever,
 * RO-Crate. No form may say more than the record does.
 *
 * @module
 */

export {
  EVERY_EVAL_EVER_VERSION,
  everyEvalEverAggregate,
  type EveryEvalEverNames,
  everyEvalEverNames,
  everyEvalEverSample,
  type ExportedSample,
} from "./every_eval_ever.ts";
export { type ExportedDataset, type ExportedResult, type ExportedRun, resultFolder } from "./exported.ts";
export { hubResults } from "./hub_results.ts";
export { lmEvalPath, lmEvalResults } from "./lm_eval.ts";
export { type CrateFiles, reproduceScript, roCrate } from "./ro_crate.ts";
