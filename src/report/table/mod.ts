/**
 * The method table and how a grid of cells is drawn for a terminal or for Markdown. Everything that is printed in columns
 * uses it.
 *
 * @module
 */

export { type ControlKind, controlsNote, controlsOf } from "./controls.ts";
export {
  breakWords,
  type Cell,
  type Grid,
  gridWidth,
  layOut,
  markdownCell,
  markdownGrid,
  percent,
  plain,
  type TextStyle,
  wrap,
} from "./grid.ts";
export {
  type Completions,
  type Counts,
  type Difference,
  estimateShare,
  isTrained,
  labelOf,
  markedLabel,
  methodLabels,
  type MethodRow,
  type MethodTable,
  methodTable,
  type Metric,
  type RunCounts,
  type SuiteCounts,
  type TableOptions,
} from "./summary.ts";
export { type PairVerdict, verdictMarks } from "./marks.ts";
export { type Sweep, sweepsOf, sweptMethods } from "./sweep.ts";
export {
  fittedGrid,
  type Ranged,
  type SweepScores,
  type SweepTable,
  sweepTables,
  type SweptScore,
} from "./sweep_grid.ts";
export {
  isServed,
  type MaybeServed,
  SERVED_MARK,
  type ServedCounts,
  servedNote,
  servedText,
} from "./served.ts";
export { type RegisteredReport, registeredReport, type RegisteredResult } from "./registered.ts";
export { markdownTable, outputStyle, terminalTable } from "./table.ts";
export { verdictWords } from "./verdict_words.ts";
