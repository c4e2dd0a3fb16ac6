/**
 * What losses need of each response token, and under which names graphs read it.
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
