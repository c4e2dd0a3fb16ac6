/**
 * Execution providers behind one interface.
 *
 * @module
 */

export { cpuInstructions } from "./instructions.ts";
export { onnxRuntimeVersion, openRuntime } from "./onnx_runtime.ts";
export { computesIn } from "./precision.ts";
export { cudaInstallation, listAdapters } from "./provider.ts";
export * from "./runtime.ts";
export { fastestSeconds, matrixProductSpeed } from "./speed.ts";
export type { Adapter, AdapterKind } from "./webgpu/mod.ts";
