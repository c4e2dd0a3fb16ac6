/**
 * Rewards: ready parts and modules of the user's own, weighed and added. Modules run in a worker without permissions, in a
 * realm that is made anew for each call.
 *
 * @module
 */

export type { BatchEstimator, Estimator, GradedResponse, Reward, RewardedGroup } from "./interface.ts";
export { type PartName, partNames, type PartSettings } from "./parts.ts";
export { checkModule, type Earned, Rewarder, rewardKey } from "./rewarder.ts";
export { OwnModuleError, Sandbox, type SandboxOptions } from "./sandbox.ts";
export {
  type ModuleReward,
  type NamedReward,
  type PartReward,
  type ProfileReward,
  type RewardItem,
  rewardList,
  rewardSchema,
} from "./schema.ts";
