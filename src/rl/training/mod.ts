/**
 * Training itself: the learner that holds parameters and optimizer state, the loop of steps around it, and
 * its metrics, and pretraining.
 *
 * @module
 */

export type { Batch } from "./batch.ts";
export { Learner, type LearnerArtifacts, type OptimizerChoice } from "./learner.ts";
export { pretrain, type PretrainMetrics, type PretrainSettings } from "./pretrain.ts";
export { checkState, dividedState, joinedState, savedParameters } from "./saved_state.ts";
export {
  type CriticMetrics,
  rewardMetrics,
  type RewardMoments,
  type RolloutMetric,
  rolloutMetrics,
  type StepMetrics,
  type StepSeconds,
  type UpdateMetric,
  type UpdateMetrics,
  updateMetrics,
} from "./step_metrics.ts";
export { type ShardItem, Shards } from "./shard/mod.ts";
export { stepProblems, walkProblems } from "./sampling.ts";
export { LogprobMismatchError, scoredPlaces, scoresAll } from "./scoring.ts";
export {
  type Beside,
  type OutcomeGroup,
  type OwnRewards,
  type SampledResponse,
  stepPhase,
  stepPolicy,
  type TrainerSettings,
  type TrainingTask,
} from "./settings.ts";
export { trainStep } from "./trainer.ts";
