/**
 * Says whether two answers are equal: numbers, matrices, collections, relations, regions. Exactly where it can, at fixed
 * points where it cannot, and by a stated policy for roundings and units.
 *
 * @module
 */

export { allow, type Allowance, ALLOWANCES, type Granted } from "./allowance.ts";
export { withCombinations } from "./combination.ts";
export { openContext } from "./compare.ts";
export { DEFAULT_POLICY, type Policy } from "./policy.ts";
export { type End, type Interval, type Region, regionOf } from "./region.ts";
export { assigned, labelled } from "./relation.ts";
export { type Comparison, type Context, isNaturalPair } from "./scalar.ts";
