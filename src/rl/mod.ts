/**
 * Reinforcement learning: estimators, objectives, reductions, rollouts, the training loop.
 *
 * @module
 */

export {
  type AdvantageBatch,
  type AdvantageEstimator,
  advantageEstimators,
  type Advantages,
  type AdvantageSettings,
  discountedReturns,
  type GaeSettings,
  generalizedAdvantages,
  groupAdvantages,
  type GroupEstimator,
  type GroupSettings,
  outcomeRewards,
  overlongPenalty,
  type OverlongSettings,
} from "./advantage/mod.ts";
export {
  type ClipSettings,
  crossEntropyLoss,
  type KlEstimator,
  klEstimators,
  klLoss,
  type KlTokens,
  type LabelledTokens,
  type PolicyLoss,
  policyLoss,
  type PolicyMetrics,
  type PolicyTokens,
  type Reduction,
  reductions,
  rewardsWithKl,
  sequenceLogRatio,
  sequencePolicyLoss,
  type SequencePolicyTokens,
  tokenWeights,
  type Totals,
  type ValueLoss,
  valueLoss,
  type ValueTokens,
} from "./loss/mod.ts";
export * from "./masked.ts";
export * from "./method.ts";
export * from "./non_finite.ts";
export * from "./placement.ts";
export * from "./prefill.ts";
export * from "./sampler.ts";
export * from "./sequence.ts";
export {
  type Accumulated,
  checkState,
  Learner,
  type LearnerArtifacts,
  learningRateAt,
  type LearningRateSchedule,
  LogprobMismatchError,
  pretrain,
  type PretrainMetrics,
  type PretrainSettings,
  rewardMetrics,
  rolloutMetrics,
  savedParameters,
  type Scores,
  type StepMetrics,
  stepPolicy,
  stepProblems,
  type StepSeconds,
  type TokenTargets,
  type TrainerSettings,
  type TrainingTask,
  trainStep,
  type UpdateMetric,
  type UpdateMetrics,
  updateMetrics,
  type UpdateNorms,
} from "./training/mod.ts";
