/**
 * The terms of a loss and how they are reduced: policy objectives, KL estimators, corrections, the value loss, and weights
 * of tokens.
 * Traced tensors or plain numbers, and nothing of a model.
 *
 * @module
 */

export {
  type CorrectionKind,
  correctionKinds,
  type CorrectionSettings,
  type CorrectionSettingsByKind,
  type TokenCorrections,
  tokenCorrections,
} from "./correction.ts";
export {
  type KlEstimator,
  klEstimatorNames,
  klEstimators,
  klLoss,
  klNumbers,
  type KlTokens,
  rewardsWithKl,
} from "./kl.ts";
export {
  type ClipSettings,
  crossEntropyLoss,
  type LabelledTokens,
  type PolicyLoss,
  policyLoss,
  type PolicyMetrics,
  type PolicyTokens,
  sequenceLogRatio,
  sequencePolicyLoss,
  type SequencePolicyTokens,
} from "./objective.ts";
export { cispoLoss, type RatioBounds, reinforceLoss } from "./reinforce.ts";
export { type Reduction, reductions, tokenWeights, type Totals } from "./reduction.ts";
export {
  type LossKl,
  type LossTerms,
  type LossTokens,
  type ObjectiveKind,
  objectiveKinds,
  objectiveOf,
  type ObjectiveSettings,
  type ObjectiveSettingsByKind,
  type TracedLoss,
} from "./terms.ts";
export { type ValueLoss, valueLoss, type ValueTokens } from "./value_loss.ts";
