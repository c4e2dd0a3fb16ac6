/**
 * Charts over layers and heat maps, as SVG: pieces of a page, and files of their own. Numbers in, markup out.
 *
 * @module
 */

export { barChart, type Chart, legendPanel, lineChart, type Pointed, type Series } from "./charts.ts";
export { figureStyle } from "./figure_style.ts";
export {
  type HeatMap,
  heatMap,
  type HeatScale,
  type MapRow,
  type TokenColumn,
  tokenMap,
} from "./heat_map.ts";
export { panelSvg, renderFigure } from "./picture.ts";
export type { Figure, Panel } from "./svg.ts";
export { type Axis, layerAxis, layerName, type Place, ranged, short, stepAxis } from "./written.ts";
