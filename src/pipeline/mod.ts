/**
 * The pipeline: profiles, and the stages that turn them into results.
 *
 * @module
 */

export * from "./experiment.ts";
export * from "./files.ts";
export * from "./golden.ts";
export * from "./job.ts";
export * from "./machine.ts";
export * from "./plan.ts";
export * from "./plan_graphs.ts";
export * from "./plan_memory.ts";
export * from "./plan_model.ts";
export * from "./plan_work.ts";
export * from "./pool.ts";
export * from "./pretrain.ts";
export * from "./profile.ts";
export * from "./reproduce.ts";
export * from "./stage.ts";
