/**
 * The stages that compute: training one method with one seed, evaluating one policy. Each keeps its record in the
 * store under a key of everything that can change it, is skipped when the record exists, and goes on where it was stopped.
 *
 * @module
 */

export { type RecordContext, type StageContext } from "./context.ts";
export { evaluate, type EvaluatedPolicy, evaluatedSuites, type EvaluationRecord } from "./evaluate.ts";
export { RUN_LOGS } from "./observer.ts";
export { evaluationKey, trainingKey } from "./keys.ts";
export { ANY_KERNELS, isRecorded, otherEngines, type RecordedRun, recordedRuns } from "./recorded.ts";
export { silenceNotice, SILENT_STEPS, silentSteps, type StepSignal } from "./signal.ts";
export { BusyError, StopFlag, StoppedError } from "./stop.ts";
export {
  alarmedSteps,
  type AlarmName,
  alarmNotices,
  alarmRules,
  type BestState,
  type KeptCompletion,
  type StepLog,
  type TrainingEvaluation,
} from "./steps/mod.ts";
export {
  evaluatedState,
  savedSteps,
  train,
  type TrainedPolicy,
  trainedPolicy,
  type TrainingRecord,
} from "./train.ts";
