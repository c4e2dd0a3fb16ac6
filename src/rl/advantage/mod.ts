/**
 * Advantages: what a response's reward is worth against its group, against a critic, or when it is too long. Numbers in,
 * numbers out.
 *
 * @module
 */

export {
  type AdvantageBatch,
  type AdvantageEstimator,
  advantageEstimators,
  type Advantages,
  type AdvantageSettings,
  estimatorNames,
  groupAdvantages,
  type GroupEstimator,
  groupEstimators,
  type GroupSettings,
  outcomeRewards,
} from "./advantage.ts";
export { discountedReturns, type GaeSettings, generalizedAdvantages } from "./gae.ts";
export { overlongPenalty, type OverlongSettings } from "./overlong.ts";
