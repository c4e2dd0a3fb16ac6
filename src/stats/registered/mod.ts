/**
 * Registered plans: what an experiment says before it is run about how it will be read.
 *
 * @module
 */

export {
  deviations,
  type Planted,
  type RegisteredPair,
  type RegisteredPlan,
  registeredPlanOf,
  type RunExtent,
} from "./plan.ts";
