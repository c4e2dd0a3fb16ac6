/**
 * The pipeline: profiles, and the stages that turn them into results.
 *
 * @module
 */

export * from "./experiment.ts";
export * from "./files.ts";
export * from "./job.ts";
export {
  cacheBytes,
  changesOf,
  checkFits,
  type CostOf,
  deviceBytes,
  EFFICIENCY,
  experimentStorage,
  type ExperimentWork,
  experimentWork,
  formatMemory,
  HOST_TOKEN_BYTES,
  KERNEL_BYTES,
  longestSequence,
  type Machine,
  MEAN_PROMPT_SHARE,
  MEAN_RESPONSE_SHARE,
  type MemorySettings,
  microBatchRows,
  type Operations,
  type Plan,
  type PlanGraphs,
  planGraphs,
  planModel,
  type PlannedModel,
  type PlanOptions,
  planProfile,
  type PolicyCosts,
  PROCESS_BYTES,
  processMemory,
  type Proposal,
  publishedModelFile,
  type Stage,
  stages,
  type Storage,
  type SuiteSize,
  suiteSizes,
  thisMachine,
  TOKENIZER_BYTES,
  withDevice,
  type Work,
  WORKER_BYTES,
  type WorkerMemory,
  workerMemory,
  workSeconds,
} from "./plan/mod.ts";
export * from "./overlap.ts";
export * from "./pool.ts";
export * from "./pretrain.ts";
export * from "./profile/mod.ts";
export * from "./reproduce.ts";
export * from "./makers.ts";
export * from "./made.ts";
export * from "./sources.ts";
export {
  BusyError,
  evaluate,
  type EvaluatedPolicy,
  evaluationKey,
  type EvaluationRecord,
  type RecordContext,
  savedSteps,
  type StageContext,
  StopFlag,
  StoppedError,
  train,
  type TrainedPolicy,
  trainedPolicy,
  trainingKey,
  type TrainingRecord,
} from "./stage/mod.ts";
