/**
 * Training as curves: in a terminal while it runs, as a figure, and in the files that other tools read. The logs are those
 * that runs write, in a store or in a result.
 *
 * @module
 */

export { curveFigure, curvesSvg } from "./figure.ts";
export { mlflowFiles, type MlflowRun } from "./mlflow.ts";
export {
  isStep,
  type LoggedRun,
  type LoggedStep,
  numbersOf,
  readRunLog,
  type ShownMetric,
  shownMetrics,
} from "./shown.ts";
export { crc32c, EVENT_FILE, tensorboardEvents } from "./tensorboard.ts";
export { type CurveStyle, runLine, runLines, sparkline } from "./terminal.ts";
