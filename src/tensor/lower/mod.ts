/**
 * What becomes of a traced graph: its order, its cost, its text, and ONNX. Nothing here traces new operations.
 *
 * @module
 */

export { elementBytes, type GraphCost, graphCost, scheduleCost, type SymbolSizes } from "./cost.ts";
export {
  type Graph,
  inputName,
  loopBody,
  loopOf,
  nodeInputs,
  orderedNodes,
  resolve,
  usesKernel,
  valueNames,
} from "./graph.ts";
export { OPSET, toOnnx } from "./onnx.ts";
export { print } from "./print.ts";
export { elementCounter, type Kernel, type Schedule, scheduleGraph, type Value } from "./schedule.ts";
