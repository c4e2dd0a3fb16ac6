/**
 * How figures and texts write numbers and layers.
 *
 * @module
 */

import type { Mean } from "../../policy/mod.ts";

/** A mean at a place of a chart's axis. */
export interface Place extends Mean {
  /** The layer, 0 for the embedding; or the training step, 0 for the base model. */
  readonly at: number;
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

/** What the places of a chart are. */
export interface Axis {
  /** What stands below it. */
  readonly name: string;
  /** A place in words. */
  readonly say: (at: number) => string;
}

/** A layer by both of its names. */
export function layerName(layer: number): string {
  return layer === 0 ? "embedding" : `layer ${layer} (index ${layer - 1})`;
}

/** Layers from left to right. */
export const layerAxis: Axis = { name: "layer", say: layerName };

/** Training steps from left to right. */
export const stepAxis: Axis = {
  name: "training step",
  say: (step) => step === 0 ? "base model" : `after step ${step}`,
};
