/**
 * The sections below the table: one result in all its parts, history, sources, what was left out, and how to read it all.
 *
 * @module
 */

export { chosenPair } from "./differences.ts";
export { openProblem } from "./dialog.ts";
export { historySection } from "./history.ts";
export { excludedSection, readingSection } from "./reading.ts";
export { resultSections } from "./result.ts";
export { sourcesSection } from "./sources.ts";
export type { Child } from "../dom.ts";
