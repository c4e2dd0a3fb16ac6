/**
 * Numbers of an inspection, picked and written.
 *
 * @module
 */

import type { Mean, QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel } from "./document.ts";

/** The token means of a quantity over the layers from 1; layers without it are left out. */
export function curveOf({ layers }: Pick<InspectedDocumentModel, "layers">, name: QuantityName): LayerMean[] {
  return layers.flatMap(({ layer, values }) => {
    const mean = values[name]?.token;
    return mean ? [{ layer, ...mean }] : [];
  });
}

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

/** The layer that figures of a model point out. */
export function pointedOut(model: InspectedDocumentModel, layer: number | null): number {
  return layer ?? model.choice.layer;
}
