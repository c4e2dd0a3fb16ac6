/**
 * Corrections for a sampler that is not quite the policy it samples for: weights from w = exp(log π_old − log π_sampler),
 * one a token, that the policy loss is multiplied by. The divergence term is not.
 *
 * @module
 */

import { elementAt, type Rows } from "../masked.ts";

/** Settings of each correction. */
export interface CorrectionSettingsByKind {
  /** No weight. */
  readonly none: object;
  /** Truncated importance sampling, min(w, most). */
  readonly truncate: {
    /** The largest weight. */
    readonly most: number;
  };
  /** w within bounds, 0 outside (IcePop). */
  readonly mask: {
    /** The smallest weight that counts. */
    readonly least: number;
    /** The largest weight that counts. */
    readonly most: number;
  };
}

/** The corrections. */
export type CorrectionKind = keyof CorrectionSettingsByKind;

/** A correction with its settings. */
export type CorrectionSettings = {
  [K in CorrectionKind]: { readonly kind: K } & CorrectionSettingsByKind[K];
}[CorrectionKind];

/** The weight of a token from its importance weight. */
const corrections: {
  readonly [K in CorrectionKind]: (weight: number, settings: CorrectionSettingsByKind[K]) => number;
} = {
  none: () => 1,
  truncate: (weight, { most }) => Math.min(weight, most),
  mask: (weight, { least, most }) => weight < least || weight > most ? 0 : weight,
};

/** The names of the corrections. */
export const correctionKinds: readonly CorrectionKind[] = Object.keys(corrections) as CorrectionKind[];

/** Weights, and what to report of the importance weights before anything was cut from them. */
export interface TokenCorrections {
  /** The weight of every token. */
  readonly weights: Float64Array[];
  /** The smallest importance weight; 1 without tokens. */
  readonly least: number;
  /** Their mean. */
  readonly mean: number;
  /** The largest. */
  readonly most: number;
  /** The share of tokens whose weight is not the importance weight. */
  readonly cut: number;
}

/**
 * The weights of tokens.
 *
 * @param oldLogprobs log π_old(token), one row a response.
 * @param samplerLogprobs log π(token) as the sampler had it.
 * @throws {RangeError} If the rows do not have the same lengths.
 */
export function tokenCorrections(
  oldLogprobs: Rows,
  samplerLogprobs: Rows,
  settings: CorrectionSettings,
): TokenCorrections {
  const correct = corrections[settings.kind] as (weight: number, settings: object) => number;
  let least = Infinity, most = -Infinity, sum = 0, count = 0, cut = 0;
  const weights = samplerLogprobs.map((row, i) =>
    Float64Array.from(row, (logprob, t) => {
      const importance = Math.exp(elementAt(oldLogprobs, i, t) - logprob);
      const weight = correct(importance, settings);
      least = Math.min(least, importance);
      most = Math.max(most, importance);
      sum += importance;
      count++;
      if (weight !== importance) cut++;
      return weight;
    })
  );
  if (count === 0) return { weights, least: 1, mean: 1, most: 1, cut: 0 };
  return { weights, least, mean: sum / count, most, cut: cut / count };
}
