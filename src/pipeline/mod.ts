/**
 * The pipeline: profiles, and the stages that turn them into results.
 *
 * @module
 */

export * from "./experiment.ts";
export * from "./files.ts";
export { examineSuites, type SuiteFinding, type UnreadableGold } from "./examine.ts";
export * from "./plan/mod.ts";
export * from "./overlap.ts";
export * from "./pool/mod.ts";
export * from "./pretrain.ts";
export * from "./profile/mod.ts";
export * from "./reproduce.ts";
export * from "./makers.ts";
export * from "./method_graphs.ts";
export * from "./made.ts";
export * from "./sources.ts";
export {
  type AlarmName,
  ANY_KERNELS,
  type BestState,
  BusyError,
  evaluate,
  type EvaluatedPolicy,
  evaluatedState,
  evaluationKey,
  type EvaluationRecord,
  isRecorded,
  type KeptCompletion,
  otherEngines,
  type RecordContext,
  type RecordedRun,
  recordedRuns,
  RUN_LOGS,
  savedSteps,
  type StageContext,
  type StepLog,
  StopFlag,
  StoppedError,
  train,
  type TrainedPolicy,
  trainedPolicy,
  type TrainingEvaluation,
  trainingKey,
  type TrainingRecord,
} from "./stage/mod.ts";
