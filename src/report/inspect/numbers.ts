/**
 * Numbers of an inspection, picked.
 *
 * @module
 */

import type { QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel } from "./document.ts";
import type { LayerMean } from "./draw/mod.ts";

/** The token means of a quantity over the layers from 1; layers without it are left out. */
export function curveOf({ layers }: Pick<InspectedDocumentModel, "layers">, name: QuantityName): LayerMean[] {
  return layers.flatMap(({ layer, values }) => {
    const mean = values[name]?.token;
    return mean ? [{ layer, ...mean }] : [];
  });
}

/** The layer that figures of a model point out. */
export function pointedOut(model: InspectedDocumentModel, layer: number | null): number {
  return layer ?? model.choice.layer;
}
