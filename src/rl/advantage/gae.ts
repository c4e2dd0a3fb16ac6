/**
 * Returns and generalised advantages along the tokens of a response.
 *
 * @module
 */

import { elementAt, type Rows } from "../masked.ts";

/**
 * Discounted returns R_t = r_t + γ R_{t+1}. The sum restarts at a token that does not count, so rewards behind a gap
 * inside a response do not reach the tokens before it.
 *
 * @throws {RangeError} If the rewards do not cover the mask.
 */
export function discountedReturns(rewards: Rows, mask: Rows, gamma = 1): Float64Array[] {
  return mask.map((row, i) => {
    const returns = new Float64Array(row.length);
    let next = 0;
    for (let t = row.length - 1; t >= 0; t--) {
      returns[t] = elementAt(rewards, i, t) + gamma * next;
      next = row[t] ? returns[t] ?? 0 : 0;
    }
    return returns;
  });
}

/** How far rewards reach back. */
export interface GaeSettings {
  /** The discount γ; default 1. */
  readonly gamma?: number | undefined;
  /** λ: 1 sums all rewards to come, 0 trusts the next value; default 1. */
  readonly lambda?: number | undefined;
}

/**
 * Generalised advantage estimation (Schulman et al., arXiv 1506.02438): δ_t = r_t + γ V_{t+1} − V_t,
 * A_t = δ_t + γλ A_{t+1}. Tokens that do not count are stepped over: V and A of the next one that does are carried to
 * the one before. Advantages are not whitened here.
 *
 * @throws {RangeError} If rewards or values do not cover the mask.
 *
 * @example A reward at the end, and a critic that expected half of it.
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { generalizedAdvantages } from "./gae.ts";
 *
 * const [row] = generalizedAdvantages([[0, 1]], [[0.5, 0.5]], [[1, 1]]);
 * assertEquals([...row ?? []], [0.5, 0.5]);
 * ```
 */
export function generalizedAdvantages(
  rewards: Rows,
  values: Rows,
  mask: Rows,
  { gamma = 1, lambda = 1 }: GaeSettings = {},
): Float64Array[] {
  return mask.map((row, i) => {
    const advantages = new Float64Array(row.length);
    let nextValue = 0, nextAdvantage = 0;
    for (let t = row.length - 1; t >= 0; t--) {
      const value = elementAt(values, i, t);
      if (row[t]) {
        const delta = elementAt(rewards, i, t) + gamma * nextValue - value;
        nextAdvantage = delta + gamma * lambda * nextAdvantage;
        nextValue = value;
      }
      advantages[t] = nextAdvantage;
    }
    return advantages;
  });
}
