/**
 * What a method is made of: choices from the tables of estimators, objectives, reductions, divergences and corrections, and
 * the phases of its training. There is no code of a method's own.
 *
 * @module
 */

import type { AdvantageEstimator, AdvantageSettings } from "../advantage/mod.ts";
import type { CorrectionSettings, KlEstimator, ObjectiveSettings, Reduction } from "../loss/mod.ts";
import type { OwnModule } from "../../module/mod.ts";
import type { Phase } from "./phase.ts";

/** An objective, and how the losses of tokens become one number. */
export interface LossSettings {
  /** What advantages enter. */
  readonly objective: ObjectiveSettings;
  /** What the sum over tokens is divided by. */
  readonly reduction: Reduction;
}

/** A divergence from the frozen base model. */
export interface KlSettings {
  /** Part of the loss, or taken from each token's reward. */
  readonly in: "loss" | "reward";
  /** The estimator. */
  readonly estimator: KlEstimator;
  /** β: what it is multiplied by. */
  readonly coefficient: number;
}

/** What is done to the rewards that a grader gives, in this order. */
export interface RewardSettings {
  /** The share of responses whose reward is as graded; the others have 1 minus it. Default 1. */
  readonly right?: number | undefined;
  /** Each step's rewards are shuffled among all of its responses, so that they say nothing. Default false. */
  readonly shuffled?: boolean | undefined;
  /** The soft penalty on overlong responses: its buffer as a share of the longest response, and the most it takes. */
  readonly overlong?: { readonly buffer: number; readonly factor: number } | undefined;
}

/** A critic, beside the policy. */
export interface CriticRow {
  /** Its learning rate over that of the policy. */
  readonly learningRateFactor: number;
  /** How far a value may move from its old one before its gradient stops. */
  readonly clip: number;
}

/** How rewards become advantages. */
export interface EstimatorRow extends AdvantageSettings {
  /** The estimator. */
  readonly kind: AdvantageEstimator;
  /** The module that computes them; `own` needs it, and no other has one. */
  readonly module?: OwnModule | undefined;
}

/** A row of the comparison. */
export interface Method {
  /** How tables call it. */
  readonly label: string;
  /** How rewards become advantages. */
  readonly estimator: EstimatorRow;
  /** The loss; default: that which the profile names for all methods. */
  readonly loss?: LossSettings | undefined;
  /** The divergence from the base model that is paid for; default: none. */
  readonly kl?: KlSettings | undefined;
  /** Weights for a sampler that is not quite the policy; default: none. */
  readonly correction?: CorrectionSettings | undefined;
  /** What is trained, and for how long; the last phase lasts for the rest. */
  readonly phases: readonly Phase[];
  /** What is done to rewards; default: nothing. */
  readonly rewards?: RewardSettings | undefined;
  /** Groups of equal rewards are dropped and sampled anew from further prompts, so many times a step at most. */
  readonly dynamicSampling?: { readonly refills: number } | undefined;
  /** A critic; the estimator `gae` needs it, and no other reads it. */
  readonly critic?: CriticRow | undefined;
  /** Which responses count in the loss: all, or those with a reward above 0. Default `all`. */
  readonly trainsOn?: "all" | "rewarded" | undefined;
  /** β₂ of AdamW, or how many updates it remembers, 1/(1 − β₂), as a share of the run's; default: the profile's. */
  readonly beta2?: number | { readonly memory: number } | undefined;
}

/** The names of loss settings, by source. */
export type LossName = "reference" | "paper" | "clip-higher";

/** The loss settings: those of the released code, those of the paper's text, and DAPO's asymmetric clip. */
export const losses: Readonly<Record<LossName, LossSettings>> = {
  "reference": {
    objective: { kind: "clip", clipLow: 0.2, clipHigh: 0.2, dualClip: 10 },
    reduction: "token-mean",
  },
  "paper": { objective: { kind: "clip", clipLow: 0.2, clipHigh: 0.2 }, reduction: "sequence-mean" },
  "clip-higher": {
    objective: { kind: "clip", clipLow: 0.2, clipHigh: 0.28, dualClip: 10 },
    reduction: "token-mean",
  },
};
