/**
 * Which layer's policy to train: the paper's rule, the last layer whose feed-forward network raises the entropy, with what
 * speaks for it; and the three ranges of layers that the paper sees in ΔH_FFN.
 *
 * @module
 */

import { RandomStream } from "../random.ts";
import type { FormName } from "./quantity.ts";
import { CONFIDENCE, type Mean, meansOf, type Tally } from "./tally.ts";

/** A layer that the rule could choose. */
export interface BoundaryCandidate {
  /** The layer, from 1. */
  readonly layer: number;
  /** ΔH_FFN in nats, over all response tokens. */
  readonly change: Mean;
  /** In which share of resamples of the problems the layer is the last with ΔH_FFN > 0; null with one problem. */
  readonly share: number | null;
}

/** What the rule says of a model. */
export interface Boundary {
  /** The last layer with ΔH_FFN > 0; null if there is none. */
  readonly layer: number | null;
  /** The middle 95 % of the rule's choices over resamples of the problems, 0 for none; null with one problem. */
  readonly interval: readonly [number, number] | null;
  /** All layers with ΔH_FFN > 0, those first that are chosen most often, then the later ones. */
  readonly candidates: readonly BoundaryCandidate[];
}

/** A range of layers, both ends included; null if it is empty. */
export type LayerRange = readonly [number, number] | null;

/** The three ranges of the paper (section 3.2). */
export interface Ranges {
  /** ΔH_FFN above 0. */
  readonly exploration: LayerRange;
  /** ΔH_FFN about 0. */
  readonly integration: LayerRange;
  /** ΔH_FFN below 0. */
  readonly convergence: LayerRange;
}

/** Resamples of the problems. */
const RESAMPLES = 1000;

/** The last layer (from 1) of a curve that is above 0; 0 if there is none. */
function lastPositive(curve: readonly number[]): number {
  return curve.findLastIndex((value) => value > 0) + 1;
}

/** The rule's choice over resamples of the problems with fixed random numbers, sorted. */
function resampled(sums: readonly Float64Array[], counts: Float64Array): number[] {
  const random = new RandomStream("boundary"), groups = counts.length;
  return Array.from({ length: RESAMPLES }, () => {
    const drawn = Array.from({ length: groups }, () => random.integer(0, groups - 1));
    return lastPositive(sums.map((own) => drawn.reduce((sum, g) => sum + (own[g] as number), 0))); // one a problem
  }).sort((a, b) => a - b);
}

/** Applies the rule to one way of reading states. */
export function findBoundary(tally: Tally, form: FormName): Boundary {
  const sums = Array.from({ length: tally.layers - 1 }, (_, i) => tally.sums(i + 1, `change.ffn.${form}`));
  const changes = sums.map((own) => meansOf(own, tally.counts).token);
  const chosen = tally.counts.length < 2 ? undefined : resampled(sums, tally.counts);
  const share = (layer: number): number | null =>
    chosen ? chosen.filter((each) => each === layer).length / chosen.length : null;
  const candidates = changes.flatMap((change, i): BoundaryCandidate[] => {
    return change.mean > 0 ? [{ layer: i + 1, change, share: share(i + 1) }] : [];
  });
  const tail = (1 - CONFIDENCE) / 2, end = RESAMPLES - 1;
  return {
    layer: lastPositive(changes.map(({ mean }) => mean)) || null,
    interval: chosen
      ? [chosen[Math.floor(tail * end)] as number, chosen[Math.ceil((1 - tail) * end)] as number] // within the list
      : null,
    candidates: candidates.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0) || b.layer - a.layer),
  };
}

/**
 * The three ranges as a least-squares fit of steps to a curve: first a level that is not below 0, then 0, then a level
 * that is not above 0; of equal fits the one with the longest middle.
 *
 * @param curve ΔH_FFN of the layers from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitRanges } from "./boundary.ts";
 *
 * assertEquals(fitRanges([2, 1.8, 0.1, -0.1, 0, -3, -2.5]), {
 *   exploration: [1, 2],
 *   integration: [3, 5],
 *   convergence: [6, 7],
 * });
 * ```
 */
export function fitRanges(curve: readonly number[]): Ranges {
  const squares = (values: readonly number[], level: number): number =>
    values.reduce((sum, value) => sum + (value - level) ** 2, 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  let best = { first: 0, last: 0, error: Infinity };
  for (let first = 0; first <= curve.length; first++) {
    for (let last = first; last <= curve.length; last++) {
      const [up, flat, down] = [curve.slice(0, first), curve.slice(first, last), curve.slice(last)] as const;
      const error = squares(up, Math.max(0, mean(up))) + squares(flat, 0) +
        squares(down, Math.min(0, mean(down)));
      const better = error < best.error - 1e-12;
      const longer = error < best.error + 1e-12 && last - first > best.last - best.first;
      if (better || longer) best = { first, last, error };
    }
  }
  const range = (from: number, to: number): LayerRange => from < to ? [from + 1, to] : null;
  return {
    exploration: range(0, best.first),
    integration: range(best.first, best.last),
    convergence: range(best.last, curve.length),
  };
}

/** The layer that is offered for training, and why. */
export interface LayerChoice {
  /** The layer, from 1. */
  readonly layer: number;
  /** How states were read. */
  readonly form: FormName;
  /** Why this one, in a sentence. */
  readonly reason: string;
}

/**
 * The layer that is offered for training. The last layer is never offered: without the final norm its policy is nearly
 * the full one.
 *
 * @param layers L.
 * @param matched ΔH_FFN of states rescaled to the norm of the last, of the layers from 1.
 */
export function chooseLayer(
  layers: number,
  boundaries: Readonly<Record<"raw" | "matched", Boundary>>,
  matched: readonly number[],
): LayerChoice {
  const below = (form: "raw" | "matched"): number =>
    Math.max(0, ...boundaries[form].candidates.map(({ layer }) => layer).filter((layer) => layer < layers));
  const raw = below("raw"), rescaled = below("matched");
  if (raw > 0) {
    return {
      layer: raw,
      form: "raw",
      reason: `it is the last of the layers below ${layers} with ΔH_FFN > 0`,
    };
  }
  const none = `no layer below ${layers} has ΔH_FFN > 0`;
  if (rescaled > 0) {
    return {
      layer: rescaled,
      form: "matched",
      reason: `${none}; with all states rescaled to the norm of the last it is the last one that has`,
    };
  }
  const inner = matched.slice(0, Math.max(1, layers - 1)), largest = Math.max(...inner);
  return {
    layer: inner.indexOf(largest) + 1,
    form: "matched",
    reason:
      `${none}, with states rescaled to the norm of the last neither; there it is the one with the largest ΔH_FFN`,
  };
}
