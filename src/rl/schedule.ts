/**
 * Learning-rate schedules.
 *
 * @module
 */

/** How the learning rate moves over the optimizer steps of a run. */
export interface LearningRateSchedule {
  /** The highest learning rate. */
  readonly peak: number;
  /** Steps of linear warm-up from 0. */
  readonly warmupSteps: number;
  /** The learning rate at the last step as a share of the peak, reached along a cosine; 1 keeps it constant. */
  readonly finalShare: number;
}

/**
 * The learning rate of an optimizer step, counted from 1, of a run of `total` steps.
 *
 * @example Constant after warm-up
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { learningRateAt } from "./schedule.ts";
 *
 * const schedule = { peak: 1, warmupSteps: 4, finalShare: 1 };
 * assertEquals([1, 2, 4, 9].map((step) => learningRateAt(schedule, step, 10)), [0.25, 0.5, 1, 1]);
 * ```
 */
export function learningRateAt(
  { peak, warmupSteps, finalShare }: LearningRateSchedule,
  step: number,
  total: number,
): number {
  if (step < warmupSteps) return peak * step / warmupSteps;
  const way = total > warmupSteps ? (step - warmupSteps) / (total - warmupSteps) : 1;
  return peak * (finalShare + (1 - finalShare) * (1 + Math.cos(Math.PI * Math.min(1, way))) / 2);
}
