/**
 * What the steps of a run tell while it trains: its log, signs of trouble, which state is the best, completions to read.
 * Numbers and batches in, lines and verdicts out.
 *
 * @module
 */

export {
  alarmedSteps,
  type AlarmName,
  alarmNotices,
  type AlarmRule,
  alarmRules,
  FIRST_STEPS,
  NORM_STEPS,
  type WatchedStep,
} from "./alarms.ts";
export {
  type BestState,
  type ComparedStep,
  comparedValue,
  evaluationDue,
  type StepLog,
  type TrainingEvaluation,
} from "./best.ts";
export { completionsDue, type KeptCompletion, keptCompletions } from "./kept_completions.ts";
export { RunLog } from "./run_log.ts";
