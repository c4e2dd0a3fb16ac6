/**
 * How much of a pattern over the layers is there in a control too.
 *
 * @module
 */

/** How a curve over the layers survives in a control. */
export interface Survival {
  /** Spearman's rank correlation of the two curves; null if one of them is constant or has a single layer. */
  readonly correlation: number | null;
  /** Layers at which both curves have the same sign. */
  readonly sameSign: number;
  /** All layers. */
  readonly layers: number;
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    return below + (values.filter((other) => other === value).length + 1) / 2;
  });
}

/**
 * Spearman's rank correlation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rankCorrelation } from "./control.ts";
 *
 * assertEquals(rankCorrelation([1, 2, 30], [5, 6, 7]), 1);
 * assertEquals(rankCorrelation([1, 1, 1], [5, 6, 7]), null);
 * ```
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const center = (values: readonly number[]): number[] => {
    const own = ranks(values), mean = own.reduce((x, y) => x + y, 0) / own.length;
    return own.map((rank) => rank - mean);
  };
  const x = center(a), y = center(b);
  const dot = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, i) => sum + value * (v[i] as number), 0); // of one length
  const size = Math.sqrt(dot(x, x) * dot(y, y));
  return size > 0 ? dot(x, y) / size : null;
}

/** Compares a curve over the layers with a control's. */
export function survivalOf(curve: readonly number[], control: readonly number[]): Survival {
  return {
    correlation: rankCorrelation(curve, control),
    sameSign: curve.filter((value, i) => Math.sign(value) === Math.sign(control[i] ?? NaN)).length,
    layers: curve.length,
  };
}
