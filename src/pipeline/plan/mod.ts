/**
 * What a profile needs before anything runs: memory, disk, operations, and whether a machine has them. Shapes only; no
 * weights are read.
 *
 * @module
 */

export { type CostOf, type PlanGraphs, planGraphs, type PolicyCosts } from "./graphs.ts";
export { type Machine, thisMachine, withDevice } from "./machine.ts";
export {
  cacheBytes,
  HOST_TOKEN_BYTES,
  KERNEL_BYTES,
  longestSequence,
  type MemorySettings,
  memorySettings,
  microBatchRows,
  microBatchSizes,
  PROCESS_BYTES,
  processMemory,
  type Stage,
  stages,
  TOKENIZER_BYTES,
  WORKER_BYTES,
  type WorkerMemory,
  workerMemory,
} from "./memory.ts";
export { planModel, type PlannedModel, publishedModelFile } from "./model.ts";
export {
  adviceOf,
  CARD_SHARE,
  cardBytes,
  type CardPlan,
  CARDS,
  changesOf,
  checkFits,
  formatMemory,
  type Plan,
  type PlanOptions,
  planProfile,
} from "./plan.ts";
export {
  type Proposal,
  type ProposalLimits,
  propose,
  proposedChanges,
  proposedFields,
  withProposal,
} from "./proposal.ts";
export {
  EFFICIENCY,
  expectedRounds,
  experimentStorage,
  type ExperimentWork,
  experimentWork,
  MEAN_PROMPT_SHARE,
  MEAN_RESPONSE_SHARE,
  type Operations,
  purposes,
  REFILLED_SHARE,
  type Storage,
  type SuiteSize,
  suiteSizes,
  type Work,
  workSeconds,
} from "./work.ts";
