/**
 * Parts of a model that can move at rates of their own.
 *
 * @module
 */

/** Parts of a model; `lower` are the layers 1 … k, `upper` those above k. */
export type Part = "embeddings" | "lower" | "upper" | "finalNorm" | "head";

/** What the learning rate of parts is multiplied by. */
export type Moves = { readonly [P in Part]?: number | undefined };

/** The parts by their parameters' names; a layer is in `lower` or `upper`. */
const partNames: Readonly<Record<string, Part>> = {
  "model.embed_tokens": "embeddings",
  "model.norm": "finalNorm",
  "lm_head": "head",
};

/** The part that a parameter, or a block of its rows, belongs to. Tied embeddings are `embeddings`. */
export function partOf(parameter: string, internalLayer: number): Part {
  const [, layer] = /^model\.layers\.(\d+)\./.exec(parameter) ?? [];
  if (layer !== undefined) return Number(layer) < internalLayer ? "lower" : "upper"; // names count from 0
  const part = Object.entries(partNames).find(([name]) => parameter.startsWith(`${name}.`))?.[1];
  if (!part) throw new RangeError(`internal: "${parameter}" belongs to no part of a model`);
  return part;
}
