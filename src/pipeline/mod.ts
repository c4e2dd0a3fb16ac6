/**
 * The pipeline: profiles, and the stages that turn them into results.
 *
 * @module
 */

export * from "./experiment.ts";
export * from "./files.ts";
export * from "./golden.ts";
export * from "./job.ts";
export * from "./pool.ts";
export * from "./pretrain.ts";
export * from "./profile.ts";
export * from "./reproduce.ts";
export * from "./stage.ts";
