/**
 * The page of the leaderboard: one file that opens from disk, with the results in it and the script that checks their
 * signatures in the reader's browser; and the headline result as a picture.
 *
 * @module
 */

export { contentPolicy } from "./content_policy.ts";
export { markup, safeJson } from "./html.ts";
export { type PageInput, type Proof, renderPage } from "./page.ts";
export { renderPicture } from "./picture.ts";
export { type EmbeddedKnowledge, type Figures, isUncovered, listed, niceTicks } from "./shared/mod.ts";
export { type SvgElement, svgElement, svgText } from "./svg.ts";
