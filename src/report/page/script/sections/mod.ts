/**
 * The sections below the table: differences, curves, history, sources, what was left out, and how to read it all.
 *
 * @module
 */

export { passSection, trainingSection } from "./curves.ts";
export { differences } from "./differences.ts";
export { historySection } from "./history.ts";
export { excludedSection, readingSection } from "./reading.ts";
export { sourcesSection } from "./sources.ts";
