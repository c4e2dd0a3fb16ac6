/**
 * Numbers of an inspection, picked.
 *
 * @module
 */

import type { QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel } from "./document.ts";
import type { Place, Pointed } from "../draw/mod.ts";

/** The token means of a quantity over the layers from 1; layers without it are left out. */
export function curveOf({ layers }: Pick<InspectedDocumentModel, "layers">, name: QuantityName): Place[] {
  return layers.flatMap(({ layer, values }) => {
    const mean = values[name]?.token;
    return mean ? [{ at: layer, ...mean }] : [];
  });
}

/** The layer that figures of a model point out. */
export function pointedOut(model: InspectedDocumentModel, layer: number | null): number {
  return layer ?? model.choice.layer;
}

/** A layer as charts point it out. */
export function pointedLayer(layer: number): Pointed {
  return { at: layer, name: `k = ${layer}` };
}
