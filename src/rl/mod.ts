/**
 * Reinforcement learning: estimators, objectives, reductions, rollouts, the training loop.
 *
 * @module
 */

export * from "./adamw_golden.ts";
export * from "./advantage.ts";
export * from "./gae.ts";
export * from "./golden.ts";
export * from "./kl.ts";
export * from "./learner.ts";
export * from "./masked.ts";
export * from "./method.ts";
export * from "./model_golden.ts";
export * from "./objective.ts";
export * from "./overlong.ts";
export * from "./placement.ts";
export * from "./pretrain.ts";
export * from "./reduction.ts";
export * from "./sampler.ts";
export * from "./schedule.ts";
export * from "./sequence.ts";
export * from "./step_metrics.ts";
export * from "./trainer.ts";
export * from "./value_loss.ts";
