/**
 * The stages that compute: training one method with one seed, evaluating one policy. Each keeps its record in the
 * store under a key of everything that can change it, is skipped when the record exists, and goes on where it was stopped.
 *
 * @module
 */

export { type RecordContext, type StageContext, takenKeys } from "./context.ts";
export { evaluate, type EvaluatedPolicy, evaluatedSuites, type EvaluationRecord } from "./evaluate.ts";
export { evaluationKey, trainingKey } from "./keys.ts";
export { silenceNotice, SILENT_STEPS, silentSteps, type StepSignal } from "./signal.ts";
export { BusyError, StopFlag, StoppedError } from "./stop.ts";
export {
  KIND as TRAINING_KIND,
  savedSteps,
  STATES_KEPT,
  train,
  type TrainedPolicy,
  trainedPolicy,
  type TrainingRecord,
} from "./train.ts";
