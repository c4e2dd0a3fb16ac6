/**
 * The suites of problems: generated ones, and how problems are put to a model.
 *
 * @module
 */

export type { DraftProblem, Level, Problem, Split } from "./problem.ts";
export * from "./digest.ts";
export * from "./generate.ts";
export * from "./prompt.ts";
