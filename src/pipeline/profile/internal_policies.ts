/**
 * The parts of a profile about internal policies: how the layer was chosen, and probes during training.
 *
 * @module
 */

import { z } from "zod";

/** How an inspection of the base model came to a layer. */
export interface InternalLayerChoice {
  /** How states were read: `raw`, or `matched` where no layer fulfils the rule so. */
  readonly form: "raw" | "normed" | "matched";
  /** Why this layer, in a sentence. */
  readonly reason: string;
  /** Training problems whose responses were read. */
  readonly problems: number;
  /** Response tokens that were read. */
  readonly tokens: number;
}

/** What is measured during training of a batch that stays the same: prompts, and the base model's responses. */
export interface ProbeProfile {
  /** Steps between probes; the first is of the base model. */
  readonly everySteps: number;
  /** Training problems, evenly from all of them; a response each. */
  readonly problems: number;
  /** The layers, from 1. */
  readonly layers: "all" | readonly number[];
}

/** What the choice of a layer reads: so many training problems, responses to each, and tokens of a response at most. */
export const LAYER_CHOICE = { problems: 16, samples: 2, tokens: 256 } as const;

/** The most tokens of a response that a probe reads. */
export const PROBE_TOKENS = 256;

const count = z.int().positive();

/** The schema of a choice. */
export const layerChoiceSchema: z.ZodType<InternalLayerChoice> = z.strictObject({
  form: z.enum(["raw", "normed", "matched"]).describe("How states were read"),
  reason: z.string().describe("Why this layer, in a sentence"),
  problems: count.describe("Training problems whose responses were read"),
  tokens: count.describe("Response tokens that were read"),
});

/** The schema of probes. */
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
