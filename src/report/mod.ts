/**
 * What people read: the method table.
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
export { markdownTable, outputStyle, terminalTable, type TextStyle } from "./table.ts";
