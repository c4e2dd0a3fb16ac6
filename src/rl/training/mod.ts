/**
 * Training itself: the learner that holds parameters and optimizer state, the loop of steps around it, its schedule and
 * its metrics, and pretraining.
 *
 * @module
 */

export {
  type Accumulated,
  Learner,
  type LearnerArtifacts,
  type Scores,
  type TokenTargets,
  type UpdateNorms,
} from "./learner.ts";
export { pretrain, type PretrainMetrics, type PretrainSettings } from "./pretrain.ts";
export { checkState, savedParameters } from "./saved_state.ts";
export { learningRateAt, type LearningRateSchedule } from "./schedule.ts";
export {
  rewardMetrics,
  rolloutMetrics,
  type StepMetrics,
  type StepSeconds,
  type UpdateMetric,
  type UpdateMetrics,
  updateMetrics,
} from "./step_metrics.ts";
export {
  LogprobMismatchError,
  stepPolicy,
  stepProblems,
  type TrainerSettings,
  type TrainingTask,
  trainStep,
} from "./trainer.ts";
