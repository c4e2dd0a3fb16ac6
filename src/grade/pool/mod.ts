/**
 * Grades many pairs side by side in workers that may run out of time or memory without taking anything else along.
 * Results come in the order of the pairs.
 *
 * @module
 */

export { type GradedLines, gradeLines, type LineOptions } from "./lines.ts";
export { type GradedLine, gradedLine, type LinePair, readPair } from "./line.ts";
export type { GradedPair, Pair } from "./jobs.ts";
export { type PoolOptions, verifyMany } from "./pool.ts";
