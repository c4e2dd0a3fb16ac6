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
  ANY_KERNELS,
  BusyError,
  evaluate,
  type EvaluatedPolicy,
  evaluationKey,
  type EvaluationRecord,
  isRecorded,
  otherEngines,
  type RecordContext,
  type RecordedRun,
  recordedRuns,
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
