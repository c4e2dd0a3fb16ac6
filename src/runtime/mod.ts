/**
 * Execution providers behind one interface.
 *
 * @module
 */

export * from "./runtime.ts";
export { onnxRuntimeVersion, openRuntime } from "./onnx_runtime.ts";
export { cpuInstructions } from "./instructions.ts";
export { computesIn } from "./precision.ts";
export { fastestSeconds, matrixProductSpeed } from "./speed.ts";
export { cudaInstallation, listAdapters } from "./provider.ts";
export type { Adapter, AdapterKind } from "./vulkan.ts";
