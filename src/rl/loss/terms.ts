/**
 * The terms of a policy loss as settings: which objective, and which divergence from a reference policy is added to it.
 *
 * @module
 */

import { add, mul, sum, type Tensor } from "../../tensor/mod.ts";
import { type KlEstimator, klLoss } from "./kl.ts";
import { type ClipSettings, policyLoss, type PolicyTokens, sequencePolicyLoss } from "./objective.ts";
import { cispoLoss, type RatioBounds, reinforceLoss } from "./reinforce.ts";

/** Settings of each objective. */
export interface ObjectiveSettingsByKind {
  /** The clipped surrogate with a ratio a token. */
  readonly clip: ClipSettings;
  /** The clipped surrogate with a ratio a sequence. */
  readonly "sequence-clip": ClipSettings;
  /** REINFORCE weighted by a bounded ratio. */
  readonly cispo: RatioBounds;
  /** REINFORCE without a ratio. */
  readonly reinforce: object;
}

/** The objectives. */
export type ObjectiveKind = keyof ObjectiveSettingsByKind;

/** An objective with its settings. */
export type ObjectiveSettings = {
  [K in ObjectiveKind]: { readonly kind: K } & ObjectiveSettingsByKind[K];
}[ObjectiveKind];

/** A divergence from the reference policy that is added to the loss. */
export interface LossKl {
  /** The estimator. */
  readonly estimator: KlEstimator;
  /** β: what it is multiplied by. */
  readonly coefficient: number;
}

/** The terms of a loss. */
export interface LossTerms {
  /** What advantages enter. */
  readonly objective: ObjectiveSettings;
  /** What is added to it; default: nothing. */
  readonly kl?: LossKl | undefined;
}

/** What a policy loss reads; some terms read more than {@linkcode PolicyTokens}. */
export interface LossTokens extends PolicyTokens {
  /** Log-probabilities of the reference policy, or 1 over a sequence's number of tokens that count. */
  readonly extra: (name: "referenceLogprobs" | "sequenceWeights") => Tensor;
}

/** A policy loss and what to report, by output name. */
export interface TracedLoss {
  /** The loss to minimise. */
  readonly loss: Tensor;
  /** What to report: scalars that add up over micro-batches. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** The objectives. */
const objectives: {
  readonly [K in ObjectiveKind]: (tokens: LossTokens, settings: ObjectiveSettingsByKind[K]) => TracedLoss;
} = {
  "clip": policyLoss,
  "sequence-clip": (tokens, settings) =>
    sequencePolicyLoss({ ...tokens, sequenceWeights: tokens.extra("sequenceWeights") }, settings),
  "cispo": cispoLoss,
  "reinforce": reinforceLoss,
};

/** The names of the objectives. */
export const objectiveKinds: readonly ObjectiveKind[] = Object.keys(objectives) as ObjectiveKind[];

/**
 * The loss of some terms, to be traced into a training graph.
 *
 * @example GSPO's loss reads one number more of every token
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { input } from "../../tensor/mod.ts";
 * import { objectiveOf } from "./terms.ts";
 *
 * const token = (name: string) => input(name, "float32", ["batch", "sequence"]), read: string[] = [];
 * objectiveOf({ objective: { kind: "sequence-clip", clipLow: 3e-4, clipHigh: 4e-4 } })({
 *   logprobs: token("logprobs"),
 *   oldLogprobs: token("old_logprobs"),
 *   advantages: token("advantages"),
 *   weights: token("weights"),
 *   metricWeights: token("metric_weights"),
 *   extra: (name) => (read.push(name), token(name)),
 * });
 * assertEquals(read, ["sequenceWeights"]);
 * ```
 */
export function objectiveOf({ objective, kl }: LossTerms): (tokens: LossTokens) => TracedLoss {
  const trace = objectives[objective.kind] as (tokens: LossTokens, settings: object) => TracedLoss;
  return (tokens) => {
    const { loss, metrics } = trace(tokens, objective);
    if (!kl) return { loss, metrics };
    const divergence = { ...tokens, referenceLogprobs: tokens.extra("referenceLogprobs") };
    const report = klLoss({ ...divergence, weights: tokens.metricWeights }, kl.estimator);
    return {
      loss: add(loss, mul(klLoss(divergence, kl.estimator), kl.coefficient)),
      metrics: { ...metrics, kl: sum(report) },
    };
  };
}
