/**
 * Traced tensors, their derivatives, and their lowering to ONNX.
 *
 * @module
 */

export * from "./add_rows.ts";
export * from "./block_loop.ts";
export * from "./composite.ts";
export * from "./dimension.ts";
export * from "./dtype.ts";
export * from "./grad.ts";
export {
  elementBytes,
  elementCounter,
  type Graph,
  type GraphCost,
  graphCost,
  inputName,
  type Kernel,
  loopBody,
  loopOf,
  nodeInputs,
  OPSET,
  orderedNodes,
  print,
  resolve,
  type Schedule,
  scheduleCost,
  scheduleGraph,
  type SymbolSizes,
  toOnnx,
  usesKernel,
  type Value,
  valueNames,
} from "./lower/mod.ts";
export * from "./op.ts";
export * from "./operations.ts";
export * from "./recompute.ts";
export * from "./scan.ts";
export * from "./tensor.ts";
export { unbroadcast } from "./vjp.ts";
