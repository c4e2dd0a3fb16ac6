/**
 * How figures and texts write numbers and layers.
 *
 * @module
 */

import type { Mean } from "../../../policy/mod.ts";

/** A layer's mean. */
export interface LayerMean extends Mean {
  /** The layer; 0 is the embedding. */
  readonly layer: number;
}

/** A number in three digits with a real minus. */
export function short(value: number): string {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.001 || size >= 1e5)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

/** A mean with its interval, where it has one. */
export function ranged({ mean, low, high }: Mean): string {
  return low === null || high === null ? short(mean) : `${short(mean)} [${short(low)}, ${short(high)}]`;
}

/** A layer by both of its names. */
export function layerName(layer: number): string {
  return layer === 0 ? "embedding" : `layer ${layer} (index ${layer - 1})`;
}
