/**
 * The part of `inspect.json` about training: which run a model comes from, and what was probed meanwhile.
 *
 * @module
 */

import { z } from "zod";
import type { Mean, ProbeRow } from "../../policy/mod.ts";

/** A training run. */
export interface InspectedRun {
  /** The method's name in records. */
  readonly method: string;
  /** The method's name in tables. */
  readonly label: string;
  /** The seed. */
  readonly seed: number;
  /** Training steps. */
  readonly step: number;
}

/** A training run with its probes. */
export interface ProbedRun extends InspectedRun {
  /** The probes, the base model first. */
  readonly rows: readonly ProbeRow[];
}

/** What the models of an inspection were trained by. */
export interface InspectedTraining {
  /** The profile's name. */
  readonly profile: string;
  /** k: the layer whose policy BuPO trains first, from 1. */
  readonly internalLayer: number;
  /** s_inter: for how many steps. */
  readonly internalSteps: number;
  /** SHA-256 of the `results.json` with these checkpoints; null where there is none. */
  readonly result: string | null;
  /** Probes by run; none where the profile has no probe. */
  readonly probes: readonly ProbedRun[];
}

const count = z.int().nonnegative(), text = z.string();

/** The schema of a mean. */
export const meanSchema: z.ZodType<Mean> = z.strictObject({
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const mean = meanSchema;

/** The schema of a row of `probe/<method>-<seed>.jsonl`. */
export const probeRowSchema: z.ZodType<ProbeRow> = z.strictObject({
  step: count.describe("Training steps before it; 0 is the base model"),
  tokens: count,
  completions: count,
  problems: count,
  entropy: mean.describe("Entropy of π_θ in nats"),
  logprob: mean.describe("ln π_θ of the token"),
  layers: z.array(z.strictObject({
    layer: count.describe("k, from 1"),
    entropy: mean,
    normedEntropy: mean,
    matchedEntropy: mean,
    change: mean.describe("ΔH_Layer in nats"),
    attentionChange: mean.describe("ΔH_ATTN in nats"),
    feedForwardChange: mean.describe("ΔH_FFN in nats"),
    norm: mean,
    logprob: mean,
    klToFinal: mean.describe("KL(πᵏ ‖ π_θ) in nats"),
    klFromFinal: mean.describe("KL(π_θ ‖ πᵏ) in nats"),
    later: z.array(z.strictObject({ layer: count, cosine: mean, kl: mean, reverse: mean })).describe(
      "Later layers l: cos(Hᵏ, Hˡ), KL(πᵏ ‖ πˡ) and KL(πˡ ‖ πᵏ) in nats",
    ),
  })).min(1),
});

const run = { method: text, label: text, seed: count, step: count };

/** The schema of a run. */
export const runSchema: z.ZodType<InspectedRun> = z.strictObject(run);

/** The schema of what models were trained by. */
export const inspectedTrainingSchema: z.ZodType<InspectedTraining> = z.strictObject({
  profile: text,
  internalLayer: count.min(1),
  internalSteps: count,
  result: text.regex(/^[0-9a-f]{64}$/).nullable().describe(
    "SHA-256 of the results.json with these checkpoints",
  ),
  probes: z.array(z.strictObject({ ...run, rows: z.array(probeRowSchema).min(1) })),
});
