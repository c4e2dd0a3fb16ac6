/**
 * Jobs, and who does them: workers of one process, each a job of its own, or several processes that do each job together.
 *
 * @module
 */

export * from "./job.ts";
export { JobError, Pool, type PoolListener } from "./pool.ts";
export { trainTogether } from "./together.ts";
