/**
 * Internal policies: what a layer, its attention and its feed-forward network would say if the output embedding read
 * them, how that changes with depth, and which layer BuPO should train. Sequences in, numbers out.
 *
 * @module
 */

export { type InspectionListener, type InspectionOptions, inspectSequences } from "./inspect.ts";
export { type BatchState, type InspectedModel, type LayerOutput, LayerRunner } from "./layer_runner.ts";
export * from "./quantity.ts";
export type { TopToken } from "./top_tokens.ts";
