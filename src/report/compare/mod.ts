/**
 * Two results side by side: what may be compared, each difference with its interval and verdict, which problems flipped,
 * and the gate for continuous integration.
 *
 * @module
 */

export { compareRecords } from "./compare.ts";
export { cellOf, type Method, methodsOf, scoresOf, tieGroups } from "./compared_method.ts";
export {
  type ComparedRecord,
  type CompareOptions,
  type Comparison,
  COMPARISON_SCHEMA,
  type ComparisonCell,
  type ComparisonInput,
  type ComparisonPair,
  type ComparisonSettings,
  type Fact,
  type FactDifference,
  type Flips,
  type MethodAggregate,
  type PairAggregate,
  type PairedResult,
  type Ranged,
  type Subject,
} from "./comparison.ts";
export { flipTables, type SampledProblem, transcriptTables } from "./flips.ts";
export { type Gate, gate } from "./gate.ts";
export {
  type ComparisonFormat,
  comparisonFormats,
  renderComparison,
  renderTables,
  type Tables,
} from "./render.ts";
export { differenceText, left, right, type Section, shareText } from "./sections.ts";
