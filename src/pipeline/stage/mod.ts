/**
 * The stages that compute: training one method with one seed, evaluating one policy. Each keeps its record in the
 * store under a key of everything that can change it, is skipped when the record exists, and goes on where it was stopped.
 *
 * @module
 */

export { alarmedSteps, type AlarmName, alarmNotices, alarmRules } from "./alarms.ts";
export { type BestState, type StepLog, type TrainingEvaluation } from "./best.ts";
export { type StageContext } from "./context.ts";
export { type KeptCompletion } from "./kept_completions.ts";
export { RUN_LOGS } from "./observer.ts";
export { evaluate, type EvaluatedPolicy, type EvaluationRecord } from "./evaluate.ts";
export { evaluationKey, trainingKey } from "./keys.ts";
export { silenceNotice, SILENT_STEPS, silentSteps, type StepSignal } from "./signal.ts";
export { BusyError, StopFlag, StoppedError } from "./stop.ts";
export {
  evaluatedState,
  type RecordContext,
  savedSteps,
  train,
  type TrainedPolicy,
  trainedPolicy,
  type TrainingRecord,
} from "./train.ts";
