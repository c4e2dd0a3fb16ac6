/**
 * Profiles: what an experiment is, as data; one that builds on another; its fields in words.
 *
 * @module
 */

export * from "./chain.ts";
export * from "./chosen.ts";
export * from "./fields.ts";
export {
  type InternalLayerChoice,
  LAYER_CHOICE,
  PROBE_TOKENS,
  type ProbeProfile,
} from "./internal_policies.ts";
export { type Json, mergeJson } from "./merge.ts";
export * from "./methods.ts";
export { withOwnFiles } from "./own_files.ts";
export * from "./parts.ts";
export * from "./profile.ts";
export {
  type BestRule,
  type KeepProfile,
  type KeptCompletionsProfile,
  type RunKeeping,
  STATES_KEPT,
  type TrainingEvaluationProfile,
} from "./run_keeping.ts";
export * from "./places.ts";
export { type ServerProfile, type ServerSettings, serverSettings, type Settled } from "./server.ts";
