/**
 * Says whether two answers are equal: numbers, matrices, collections, relations, regions. Exactly where it can, at fixed
 * points where it cannot, and by a stated policy for roundings and units.
 *
 * @module
 */

export { openContext } from "./compare.ts";
export { DEFAULT_POLICY, type Policy } from "./policy.ts";
export { assigned, labelled } from "./relation.ts";
export type { Comparison, Context } from "./scalar.ts";
