/**
 * The page's drawings, as SVG: line charts with bands, and intervals on a scale. Each chart comes with its data as a
 * table.
 *
 * @module
 */

export type { ChartPoint, LineChart, Series, XTick } from "./chart.ts";
export { intervalBar, intervalScale, type Scale } from "./interval_bar.ts";
export { lineChart } from "./line_chart.ts";
