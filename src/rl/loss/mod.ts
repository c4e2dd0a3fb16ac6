/**
 * The terms of a loss and how they are reduced: policy objectives, KL estimators, the value loss, and weights of tokens.
 * Traced tensors or plain numbers, and nothing of a model.
 *
 * @module
 */

export { type KlEstimator, klEstimators, klLoss, type KlTokens, rewardsWithKl } from "./kl.ts";
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
export { type Reduction, reductions, tokenWeights, type Totals } from "./reduction.ts";
export { type ValueLoss, valueLoss, type ValueTokens } from "./value_loss.ts";
