/**
 * Traced tensors, their derivatives, and their lowering to ONNX.
 *
 * @module
 */

export * from "./composite.ts";
export * from "./cost.ts";
export * from "./dimension.ts";
export * from "./grad.ts";
export * from "./graph.ts";
export * from "./onnx.ts";
export * from "./op.ts";
export * from "./operations.ts";
export * from "./print.ts";
export * from "./recompute.ts";
export * from "./schedule.ts";
export * from "./tensor.ts";
export { unbroadcast } from "./vjp.ts";
