/**
 * What losses need of each response token, under which names graphs read it, and what passes give back.
 *
 * @module
 */

/** What the loss needs of one sequence, a number a response token each. */
export interface TokenTargets {
  /** Log-probs before the update; absent: those of the same forward pass, so that every ratio is exactly 1. */
  readonly oldLogprobs?: readonly number[];
  /** Advantages. */
  readonly advantages: readonly number[];
  /** Mask and reduction. */
  readonly weights: readonly number[];
  /** Log-probs under the reference policy, where the loss has a divergence from it. */
  readonly referenceLogprobs?: readonly number[];
  /** 1 over the number of the response's tokens that count, where the loss has a ratio a sequence. */
  readonly sequenceWeights?: readonly number[];
}

/** What a critic's loss needs of one sequence, a number a response token each. */
export interface CriticTargets {
  /** Values before the update. */
  readonly oldValues: readonly number[];
  /** Returns. */
  readonly returns: readonly number[];
  /** Mask and reduction. */
  readonly weights: readonly number[];
}

/** What any loss may need, by the graph's name for it. */
export const targetInputs = {
  old_logprobs: "oldLogprobs",
  advantages: "advantages",
  weights: "weights",
  reference_logprobs: "referenceLogprobs",
  sequence_weights: "sequenceWeights",
  old_values: "oldValues",
  returns: "returns",
} as const satisfies Readonly<Record<string, keyof (TokenTargets & CriticTargets)>>;

/** Numbers per response token by what they are. */
export type AnyTargets = Partial<TokenTargets & CriticTargets>;

/** Outputs with a number a token. */
export const tokenOutputs: ReadonlySet<string> = new Set(["logprobs", "values"]);

/** What a batch's forward and backward passes give besides its gradient. */
export interface Accumulated {
  /** The loss and the objective's metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** log π(token) under the policy that is trained, one list a sequence. */
  readonly logprobs: readonly (readonly number[])[];
}

/** Scores of one sequence, a number a response token each, in nats. */
export interface Scores {
  /** log π(token). */
  readonly logprobs: readonly number[];
  /** The entropy of π at each token. */
  readonly entropy: readonly number[];
  /** log-probs of the internal policy, where the graph has one. */
  readonly layerLogprobs: readonly number[];
  /** Entropy of the internal policy, where the graph has one. */
  readonly layerEntropy: readonly number[];
}

/** The result of an optimizer step. */
export interface UpdateNorms {
  /** The global gradient norm before clipping. */
  readonly gradientNorm: number;
  /** The norm of the parameters' change. */
  readonly updateNorm: number;
  /** Whether a float16 gradient overflowed: then nothing was changed. */
  readonly overflowed: boolean;
}
