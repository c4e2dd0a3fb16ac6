/**
 * Gradient shards: parts of an update's prompts that are computed each by itself and added as a fixed binary tree, by one
 * process or by several.
 *
 * @module
 */

export { type ShardItem, Shards } from "./shards.ts";
