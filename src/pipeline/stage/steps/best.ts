/**
 * The best state of a run, by a rule on training's own data. Which states are compared follows from the rule and their
 * steps alone, so that kills, saved steps and a run's length change nothing.
 *
 * @module
 */

import type { StepMetrics } from "../../../rl/mod.ts";
import type { BestRule, TrainingEvaluationProfile } from "../../profile/mod.ts";

/** The best state so far. */
export interface BestState {
  /** After which step. */
  readonly step: number;
  /** SHA-256 of its weights' file. */
  readonly checkpoint: string;
  /** The number that it is the best by. */
  readonly value: number;
}

/** What of a step tells how good the state after it is. */
export interface ComparedStep {
  /** Mean reward of the step's responses, which the policy before the step's updates gave. */
  readonly rewardMean: number;
  /** The evaluation after the step, where one was due. */
  readonly evaluation?: Pick<TrainingEvaluation, "accuracy"> | undefined;
}

/** What an evaluation during training found. */
export interface TrainingEvaluation {
  /** Share of the responses that are right. */
  readonly accuracy: number;
  /** Share of the problems to which at least one response is right. */
  readonly solved: number;
  /** Right responses of each problem. */
  readonly correct: readonly number[];
  /** Mean response length in tokens. */
  readonly responseLength: number;
  /** Share of responses cut at the length limit. */
  readonly truncated: number;
}

/** What the log of a run has of a step. */
export interface StepLog extends StepMetrics {
  /** The evaluation after the step, where one was due. */
  readonly evaluation?: TrainingEvaluation;
}

/** Is an evaluation due after a step? */
export function evaluationDue({ everySteps }: TrainingEvaluationProfile, step: number): boolean {
  return step % everySteps === 0;
}

/**
 * The number that the state after the last of some steps is compared by; `undefined` if that state is not compared.
 *
 * @param steps All steps so far.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { comparedValue } from "./best.ts";
 *
 * const steps = [0.1, 0.2, 0.4].map((rewardMean) => ({ rewardMean }));
 * assertEquals(comparedValue({ by: "reward", window: 2, everySteps: 1 }, steps), (0.2 + 0.4) / 2);
 * assertEquals(comparedValue({ by: "reward", window: 2, everySteps: 2 }, steps), undefined);
 * ```
 */
export function comparedValue(
  { by, window = 1, everySteps = 1 }: BestRule,
  steps: readonly ComparedStep[],
): number | undefined {
  if (by === "accuracy") return steps.at(-1)?.evaluation?.accuracy;
  if (steps.length % everySteps !== 0 || steps.length < window) return undefined;
  return steps.slice(-window).reduce((sum, { rewardMean }) => sum + rewardMean, 0) / window;
}
