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
  estimatorNames,
  type GaeSettings,
  generalizedAdvantages,
  groupAdvantages,
  type GroupEstimator,
  groupEstimators,
  type GroupSettings,
  outcomeRewards,
  overlongPenalty,
  type OverlongSettings,
} from "./advantage/mod.ts";
export {
  cispoLoss,
  type ClipSettings,
  type CorrectionKind,
  correctionKinds,
  type CorrectionSettings,
  type CorrectionSettingsByKind,
  crossEntropyLoss,
  type KlEstimator,
  klEstimatorNames,
  klEstimators,
  klLoss,
  klNumbers,
  type KlTokens,
  type LabelledTokens,
  type LossKl,
  type LossTerms,
  type LossTokens,
  type ObjectiveKind,
  objectiveKinds,
  objectiveOf,
  type ObjectiveSettings,
  type ObjectiveSettingsByKind,
  type PolicyLoss,
  policyLoss,
  type PolicyMetrics,
  type PolicyTokens,
  type RatioBounds,
  type Reduction,
  reductions,
  reinforceLoss,
  rewardsWithKl,
  sequenceLogRatio,
  sequencePolicyLoss,
  type SequencePolicyTokens,
  type TokenCorrections,
  tokenCorrections,
  tokenWeights,
  type Totals,
  type TracedLoss,
  type ValueLoss,
  valueLoss,
  type ValueTokens,
} from "./loss/mod.ts";
export * from "./extremes.ts";
export * from "./masked.ts";
export * from "./methods/mod.ts";
export * from "./non_finite.ts";
export { scoreResponses } from "./passes.ts";
export * from "./placement.ts";
export * from "./prefill.ts";
export * from "./sampler.ts";
export * from "./schedule.ts";
export * from "./sequence.ts";
export * from "./targets.ts";
export {
  type Batch,
  type Beside,
  checkState,
  type CriticMetrics,
  dividedState,
  joinedState,
  Learner,
  type LearnerArtifacts,
  LogprobMismatchError,
  type OptimizerChoice,
  type OutcomeGroup,
  type OwnRewards,
  pretrain,
  type PretrainMetrics,
  type PretrainSettings,
  rewardMetrics,
  type RewardMoments,
  type RolloutMetric,
  rolloutMetrics,
  type SampledResponse,
  savedParameters,
  scoredPlaces,
  scoresAll,
  type StepMetrics,
  stepPhase,
  stepPolicy,
  stepProblems,
  type StepSeconds,
  type TrainerSettings,
  type TrainingTask,
  trainStep,
  type UpdateMetric,
  type UpdateMetrics,
  updateMetrics,
  walkProblems,
} from "./training/mod.ts";
