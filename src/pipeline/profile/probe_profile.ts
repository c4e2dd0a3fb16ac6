/**
 * The part of a profile about probes during training.
 *
 * @module
 */

import { z } from "zod";

/** What is measured during training of a batch that stays the same: prompts, and the base model's responses. */
export interface ProbeProfile {
  /** Steps between probes; the first is of the base model. */
  readonly everySteps: number;
  /** Training problems, evenly from all of them; a response each. */
  readonly problems: number;
  /** The layers, from 1. */
  readonly layers: "all" | readonly number[];
}

const count = z.int().positive();

/** Its schema. */
export const probeSchema: z.ZodType<ProbeProfile> = z.strictObject({
  everySteps: count.describe("Steps between probes; the first is of the base model"),
  problems: count.describe("Training problems, evenly from all of them; a response of the base model each"),
  layers: z.union([
    z.literal("all"),
    z.array(count).min(1).refine(
      (layers) => new Set(layers).size === layers.length,
      "expected each layer once",
    ).meta({ uniqueItems: true }),
  ]).describe("The layers, from 1"),
});
