/**
 * Steps of a run as its log has them, for tests: numbers that float32 holds exactly, and some that are no scalars.
 *
 * @module
 */

import type { LoggedStep } from "../../../src/report/mod.ts";

/** Three steps of a run. */
export const steps: readonly LoggedStep[] = [
  {
    step: 1,
    policy: 3,
    rewardMean: 0.25,
    entropy: 0.5,
    ratio: { least: 1, mean: 1, most: 1 },
    updateLosses: [0.5, null],
  },
  {
    step: 2,
    policy: "full",
    rewardMean: 0.5,
    entropy: 0.25,
    approxKl: -0.0009765625,
    evaluation: { accuracy: 0.375, correct: [1, 2] },
  },
  { step: 300, policy: "full", rewardMean: 0.75, gradientNorm: 1.5e30, tokens: 6178 },
];

/** When the run began, in seconds. */
export const STARTED = 1_800_000_000;
