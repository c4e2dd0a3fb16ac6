/**
 * What people read: the method table, and comparisons of results.
 *
 * @module
 */

export {
  type Completions,
  type Counts,
  type Difference,
  type MethodRow,
  type MethodTable,
  methodTable,
  type Metric,
  type RunCounts,
  type SuiteCounts,
  type TableOptions,
  type Verdict,
  verdict,
} from "./summary.ts";
export { compareRecords } from "./compare.ts";
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
  type PairVerdict,
  type Ranged,
  type Subject,
  verdictMarks,
} from "./comparison.ts";
export type { Section } from "./comparison_sections.ts";
export { flipTables, type SampledProblem, transcriptTables } from "./flips.ts";
export { type Gate, gate } from "./gate.ts";
export type { Cell, TextStyle } from "./grid.ts";
export { paperTables, type PublishedNote, type PublishedNumbers, type PublishedScore } from "./paper.ts";
export { publishedNumbers, type PublishedTables } from "./published.ts";
export {
  type ComparisonFormat,
  comparisonFormats,
  renderComparison,
  renderTables,
  type Tables,
} from "./render_comparison.ts";
export { markdownTable, outputStyle, terminalTable } from "./table.ts";
