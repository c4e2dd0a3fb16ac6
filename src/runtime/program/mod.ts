/**
 * Graphs that many runs compute with the same weights: on the CPU constants that kernels have arranged for themselves, on a
 * device tensors that are fed to each run.
 *
 * @module
 */

export { addConstants, type ConstantGraph, constantGraph } from "./constant_graph.ts";
export { boundProgram, fedProgram } from "./program.ts";
export { type Argument, type FunctionName, functions, type OrtLibrary } from "../ort_library.ts";
