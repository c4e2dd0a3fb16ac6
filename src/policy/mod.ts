/**
 * Internal policies: what a layer, its attention and its feed-forward network would say if the output embedding read
 * them, how that changes with depth, and which layer BuPO should train. Sequences in, numbers out.
 *
 * @module
 */

export {
  type Boundary,
  type BoundaryCandidate,
  chooseLayer,
  findBoundary,
  fitRanges,
  type LayerChoice,
  type LayerRange,
  type Ranges,
} from "./boundary.ts";
export { type CompletionFormat, parseCompletions } from "./completions.ts";
export { type InspectionCost, inspectionCost, type InspectionSize, probeCost } from "./cost.ts";
export { rankCorrelation, type Survival, survivalOf } from "./control.ts";
export { type InspectionListener, type InspectionOptions, inspectSequences } from "./inspect.ts";
export { type BatchState, type InspectedModel, type LayerOutput, LayerRunner } from "./layer_runner.ts";
export {
  type Completion,
  type Controls,
  type ExampleRows,
  inspectModel,
  type LayerMeans,
  type ModelInspection,
  type ModelInspectionOptions,
} from "./model_inspection.ts";
export {
  type LaterLayer,
  type ProbedLayer,
  type ProbeReading,
  type ProbeRow,
  probeSequences,
} from "./probe.ts";
export * from "./quantity.ts";
export { type ResponseSettings, sampleResponses } from "./respond.ts";
export { CONFIDENCE, type Mean, meansOf, type QuantityMeans, Tally } from "./tally.ts";
export type { Rows, TopToken } from "./head/mod.ts";
