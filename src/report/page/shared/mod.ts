/**
 * What the page's script and what builds the page have in common: the blocks of data in the page, and how numbers and
 * axes are written. Nothing here needs Deno or a browser, so that it can be bundled into the page.
 *
 * @module
 */

export * from "./families.ts";
export { basisOf } from "./basis.ts";
export { differingPaths } from "./compared.ts";
export { PAPER } from "./paper.ts";
export {
  type Block,
  blockId,
  type EmbeddedKnowledge,
  type Figures,
  FIGURES_BLOCK,
  LEADERBOARD_BLOCK,
} from "./embedded.ts";
export { counted, listed, parameters, percent, points, samplesOf, short, shortKey } from "./format.ts";
export { niceTicks } from "./ticks.ts";
export { isUncovered, type Uncovered, uncovered } from "./uncovered.ts";
