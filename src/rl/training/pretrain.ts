/**
 * Pretraining: supervised cross-entropy on worked solutions, through the same artifacts as reinforcement learning.
 *
 * @module
 */

import type { UpdateNorms } from "../targets.ts";
import type { Learner } from "./learner.ts";
import { learningRateAt, type LearningRateSchedule } from "../schedule.ts";
import { NonFiniteError } from "../non_finite.ts";
import type { Sequence } from "../sequence.ts";

/** How long and on how much a model is pretrained. */
export interface PretrainSettings {
  /** Optimizer steps. */
  readonly steps: number;
  /** Examples a step. */
  readonly examplesPerStep: number;
  /** The learning rate. */
  readonly schedule: LearningRateSchedule;
  /** The most padded positions of a micro-batch. */
  readonly microBatchTokens: number;
}

/** What a pretraining step reports. */
export interface PretrainMetrics extends Omit<UpdateNorms, "overflowed"> {
  /** The step, from 1. */
  readonly step: number;
  /** Mean −log π over the response tokens, in nats. */
  readonly loss: number;
  /** Response tokens in the batch. */
  readonly tokens: number;
}

/**
 * Pretrains the learner's full policy; its training graph must hold the cross-entropy objective.
 *
 * @param example The example at an index of an endless stream.
 * @throws {NonFiniteError} If the loss, the gradient or the parameters' change is not finite: it names the step and holds
 * the examples, by their index.
 */
export async function pretrain(
  learner: Learner,
  example: (index: number) => Sequence,
  settings: PretrainSettings,
  onStep: (metrics: PretrainMetrics) => void,
): Promise<void> {
  for (let step = 1; step <= settings.steps; step++) {
    const first = (step - 1) * settings.examplesPerStep;
    const sequences = Array.from({ length: settings.examplesPerStep }, (_, i) => example(first + i));
    const tokens = sequences.reduce((total, { response }) => total + response.length, 0);
    const targets = sequences.map(({ response }) => {
      const zeros = response.map(() => 0);
      return { oldLogprobs: zeros, advantages: zeros, weights: response.map(() => 1 / tokens) };
    });
    try {
      const { metrics: { loss = NaN } } = await learner.accumulate(
        "full",
        sequences,
        targets,
        tokens,
        settings.microBatchTokens,
      );
      const { overflowed: _, ...norms } = await learner.step(
        "full",
        learningRateAt(settings.schedule, step, settings.steps),
      );
      onStep({ step, loss, tokens, ...norms });
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      const responses = sequences.map(({ response }, i) => ({ problem: first + i, response }));
      throw error.with({ step, policy: "full", batch: { responses } });
    }
  }
}
