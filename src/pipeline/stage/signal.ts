/**
 * Does a training run learn anything? A step whose groups all have equal rewards updates nothing.
 *
 * @module
 */

import type { StepMetrics } from "../../rl/mod.ts";

/** What of a step tells whether it updated anything. */
export type StepSignal = Pick<StepMetrics, "rewardMean" | "zeroVarianceGroups" | "updateNorm">;

/** Steps in a row without an update after which a run is said to have no signal. */
export const SILENT_STEPS = 5;

/** Did a step update nothing? */
function isSilent({ zeroVarianceGroups, updateNorm }: StepSignal): boolean {
  return zeroVarianceGroups === 1 || updateNorm === 0;
}

/** How many steps at the end of a run updated nothing. */
function silentAtEnd(metrics: readonly StepSignal[]): number {
  return metrics.length - 1 - metrics.findLastIndex((step) => !isSilent(step));
}

/** Why steps had no signal. */
function reason(steps: readonly StepSignal[]): string {
  if (steps.every(({ rewardMean }) => rewardMean === 0)) {
    return "no response was right: look at the prompts, the reference answers and the length of responses";
  }
  if (steps.every(({ rewardMean }) => rewardMean === 1)) {
    return "every response was right: the problems are too easy";
  }
  if (steps.every(({ zeroVarianceGroups }) => zeroVarianceGroups === 1)) {
    return "the responses to each prompt all had the same reward";
  }
  return "no update changed the parameters";
}

/**
 * What is told after a step of a run without signal: at the fifth step in a row, and each time that they have doubled; at
 * the end also where no step of a short run updated anything. `undefined` if there is nothing to tell.
 *
 * @param metrics All steps so far.
 * @param steps Steps of the whole run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { silenceNotice } from "./signal.ts";
 *
 * const wrong = { rewardMean: 0, zeroVarianceGroups: 1, updateNorm: 0 };
 * assertEquals(silenceNotice([wrong, wrong], 10), undefined);
 * assertEquals(silenceNotice(Array(5).fill(wrong), 10)?.startsWith("nothing was learned in 5 steps"), true);
 * ```
 */
export function silenceNotice(metrics: readonly StepSignal[], steps: number): string | undefined {
  const silent = silentAtEnd(metrics);
  const doubled = silent >= SILENT_STEPS && Number.isInteger(Math.log2(silent / SILENT_STEPS));
  const never = metrics.length === steps && silent === steps;
  if (!doubled && !never) return undefined;
  return `nothing was learned in ${silent} step${
    silent === 1 ? "" : "s"
  } in a row, up to step ${metrics.length}: ${reason(metrics.slice(-silent))}`;
}

/**
 * Steps of a run that updated nothing, where the run is to be marked: because they were all, or because some came in a
 * row; `undefined` for other runs.
 */
export function silentSteps(metrics: readonly StepSignal[]): number | undefined {
  const silent = metrics.filter(isSilent).length;
  const longest = Math.max(0, ...metrics.map((_, i) => silentAtEnd(metrics.slice(0, i + 1))));
  return silent > 0 && (silent === metrics.length || longest >= SILENT_STEPS) ? silent : undefined;
}
