/**
 * What the WebGPU provider needs besides a graph: products without transposed copies, replacements for kernels that
 * compute wrong numbers, and the adapters of this machine.
 *
 * @module
 */

export { type AdaptedGraph, forWebGpu } from "./graph.ts";
export { type Adapter, type AdapterKind, vulkanAdapters } from "./vulkan.ts";
