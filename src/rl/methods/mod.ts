/**
 * Methods as data: each is a named row of choices from the tables of estimators, objectives, reductions, divergences and
 * corrections, with the phases of its training.
 *
 * @module
 */

export {
  batchAdvantages,
  type BatchOutcomes,
  batchOutcomes,
  explainedVariance,
  meanDivergence,
  type RewardedBatch,
} from "./advantages.ts";
export type { BottomUpMethod } from "./bottom_up.ts";
export type { ControlMethod } from "./controls.ts";
export type { GroupMethod } from "./group.ts";
export type { TokenMethod } from "./token.ts";
export {
  type CriticRow,
  type EstimatorRow,
  type KlSettings,
  losses,
  type LossName,
  type LossSettings,
  type Method,
  type RewardSettings,
} from "./method.ts";
export { type Moves, type Part, partOf } from "./parts.ts";
export {
  dependsOn,
  type Phase,
  phaseAt,
  type PhaseContext,
  type PhasePolicy,
  policySteps,
  type RunPhase,
  runPhases,
} from "./phase.ts";
export { alteredRewards, type RewardedResponse, type RewardPlace } from "./rewards.ts";
export { type MethodChanges, methodFault, methodFields } from "./schema.ts";
export { isMethodName, methodLabel, type MethodName, methods } from "./table.ts";
