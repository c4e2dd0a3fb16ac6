/**
 * The ONNX artifacts: training, evaluation, optimizer, prefill and rollout graphs.
 *
 * @module
 */

export * from "./build.ts";
export * from "./cache.ts";
export * from "./critic.ts";
export * from "./evaluation.ts";
export * from "./inputs.ts";
export * from "./inspection.ts";
export * from "./layer_inspection.ts";
export * from "./optimizer.ts";
export * from "./policy_graph.ts";
export * from "./prefill.ts";
export * from "./rollout.ts";
export * from "./sampling.ts";
export * from "./training.ts";
