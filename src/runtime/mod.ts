/**
 * Execution providers behind one interface.
 *
 * @module
 */

export { cpuInstructions, describeMachine } from "./instructions.ts";
export { emptyElements } from "./host_tensor.ts";
export { LIBRARY_VARIABLE } from "./library_place.ts";
export { openRuntime } from "./onnx_runtime.ts";
export { computesIn } from "./precision.ts";
export { listAdapters, onnxRuntimeVersion } from "./provider.ts";
export * from "./runtime.ts";
export { type MatrixProduct, matrixProductSpeed, median, openMatrixProduct, secondsOf } from "./speed.ts";
export type { Adapter, AdapterKind } from "./webgpu/mod.ts";
