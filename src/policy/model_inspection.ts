/**
 * One model's inspection as data: means of every layer, boundary, controls, and one completion token by token.
 *
 * @module
 */

import { initializedSource } from "../model/mod.ts";
import type { Sequence } from "../rl/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import {
  type Boundary,
  chooseLayer,
  findBoundary,
  fitRanges,
  type LayerChoice,
  type Ranges,
} from "./boundary.ts";
import { type Survival, survivalOf } from "./control.ts";
import { inspectSequences } from "./inspect.ts";
import type { InspectedModel } from "./layer_runner.ts";
import type { QuantityName } from "./quantity.ts";
import { type Mean, type QuantityMeans, Tally } from "./tally.ts";
import type { TopToken } from "./head/mod.ts";

/** A completion to inspect. */
export interface Completion extends Sequence {
  /** The problem that it answers: intervals are clustered by it. */
  readonly problem: string;
}

/** The quantities of a layer. */
export interface LayerMeans {
  /** The layer, from 1; 0 is the embedding. */
  readonly layer: number;
  /** What the released code calls the layer: one less; null for the embedding. */
  readonly index: number | null;
  /** Means by quantity. */
  readonly values: Readonly<Partial<Record<QuantityName, QuantityMeans>>>;
}

/** The quantities of one completion, layers from 0, a list of a number a token each. */
export interface ExampleRows {
  /** Entropy of the layer's policy, raw. */
  readonly entropy: readonly (readonly number[])[];
  /** The same through the final norm. */
  readonly normedEntropy: readonly (readonly number[])[];
  /** KL(π_layer ‖ π_θ) through the final norm. */
  readonly divergence: readonly (readonly number[])[];
  /** Rank of the sampled token through the final norm. */
  readonly rank: readonly (readonly number[])[];
  /** The raw policy's likeliest tokens, where they were asked for. */
  readonly top: readonly (readonly (readonly TopToken[])[])[];
}

/** What the controls say. */
export interface Controls {
  /** Against all states rescaled to the norm of the last: the layer's entropy, and ΔH_FFN. */
  readonly matched: { readonly entropy: Survival; readonly change: Survival };
  /** Spearman's correlation over the layers of the raw entropy with the norm of the state. */
  readonly norm: Survival;
  /** The sampled token under the full policy, as it is and with the rows of the unembedding shuffled. */
  readonly shuffled: {
    /** Mean log-prob of the sampled token. */
    readonly logprob: Mean;
    /** Mean log-prob of the token that takes its place. */
    readonly shuffledLogprob: Mean;
    /** Mean rank of the sampled token. */
    readonly rank: Mean;
    /** Mean rank of the token that takes its place. */
    readonly shuffledRank: Mean;
  };
  /** Against a model of the same shape with random weights; null if that was left out. */
  readonly random:
    | {
      readonly seed: number;
      readonly entropy: Survival;
      readonly change: Survival;
      readonly layers: readonly LayerMeans[];
    }
    | null;
}

/** A model's inspection. */
export interface ModelInspection {
  /** Response tokens. */
  readonly tokens: number;
  /** Problems. */
  readonly problems: number;
  /** Completions. */
  readonly completions: number;
  /** exp of the mean of −log π_θ over response tokens. */
  readonly perplexity: number;
  /** The embedding and the layers. */
  readonly layers: readonly LayerMeans[];
  /** The paper's rule, on states as they are and rescaled to the norm of the last. */
  readonly boundary: Readonly<Record<"raw" | "matched", Boundary>>;
  /** The paper's three ranges, likewise. */
  readonly ranges: Readonly<Record<"raw" | "matched", Ranges>>;
  /** The layer that is offered for training. */
  readonly choice: LayerChoice;
  /** What is there without the model's training, or follows from sizes alone. */
  readonly controls: Controls;
  /** One completion. */
  readonly example: ExampleRows;
}

/** How a model is inspected. */
export interface ModelInspectionOptions {
  /** Which completion is shown token by token; default 0. */
  readonly example?: number;
  /** How many of the likeliest tokens are kept of it; default none. */
  readonly top?: number;
  /** The seed of the random weights of the control; null leaves it out. Default 1. */
  readonly randomSeed?: number | null;
  /** Told of every layer that is done. */
  readonly onProgress?: (what: "layers" | "layers of the random model", done: number, total: number) => void;
}

/** The quantities that a control's layers keep. */
const controlled: readonly QuantityName[] = [
  "entropy.layer.raw",
  "entropy.layer.normed",
  "change.layer.raw",
  "change.attn.raw",
  "change.ffn.raw",
  "norm.layer",
];

function layersOf(tally: Tally, keep: (name: QuantityName) => boolean): LayerMeans[] {
  return Array.from({ length: tally.layers }, (_, layer) => ({
    layer,
    index: layer === 0 ? null : layer - 1,
    values: Object.fromEntries(
      tally.names(layer).filter(keep).map((name) => [name, tally.means(layer, name)]),
    ),
  }));
}

/**
 * Inspects a model on completions, and a model of the same shape with random weights on the same tokens.
 *
 * @throws {RangeError} If there is nothing to inspect, or weights are not finite.
 */
export async function inspectModel(
  runtime: Runtime,
  model: InspectedModel,
  completions: readonly Completion[],
  { example = 0, top = 0, randomSeed = 1, onProgress }: ModelInspectionOptions = {},
): Promise<ModelInspection> {
  if (!completions[example]) {
    throw new RangeError(
      `Cannot show completion ${example + 1} of ${model.name}: there are ${completions.length} completions`,
    );
  }
  const sizes = completions.map(({ problem, response }) => ({ problem, tokens: response.length }));
  const tally = new Tally(sizes), layers = model.config.layers;
  const rows = { entropy: [], normedEntropy: [], divergence: [], rank: [], top: [] } as {
    -readonly [K in keyof ExampleRows]: ExampleRows[K][number][];
  };
  await inspectSequences(runtime, model, completions, {
    onLayer(sequence, layer, values, likeliest) {
      tally.add(sequence, layer, values);
      if (sequence !== example) return;
      const list = (name: QuantityName): number[] => Array.from(values.get(name) ?? []);
      rows.entropy[layer] = list("entropy.layer.raw");
      rows.normedEntropy[layer] = list("entropy.layer.normed");
      rows.divergence[layer] = list("kl_to_final.layer.normed");
      rows.rank[layer] = list("rank.layer.normed");
      rows.top[layer] = likeliest;
    },
    onProgress: (done, total) => onProgress?.("layers", done, total),
  }, { top });
  let random: Controls["random"] = null;
  const curves = (of: Tally, form: "raw" | "matched") => ({
    entropy: of.curve(`entropy.layer.${form}`),
    change: of.curve(`change.ffn.${form}`),
  });
  const raw = curves(tally, "raw"), matched = curves(tally, "matched");
  if (randomSeed !== null) {
    const other = new Tally(sizes), { config } = model;
    const untrained = { name: "the random model", config, weights: initializedSource(config, randomSeed) };
    await inspectSequences(runtime, untrained, completions, {
      onLayer: (sequence, layer, values) => other.add(sequence, layer, values),
      onProgress: (done, total) => onProgress?.("layers of the random model", done, total),
    });
    const { entropy, change } = curves(other, "raw");
    random = {
      seed: randomSeed,
      entropy: survivalOf(raw.entropy, entropy),
      change: survivalOf(raw.change, change),
      layers: layersOf(other, (name) => controlled.includes(name)),
    };
  }
  const last = (name: QuantityName): Mean => tally.means(layers, name).token;
  const boundary = { raw: findBoundary(tally, "raw"), matched: findBoundary(tally, "matched") };
  return {
    tokens: tally.counts.reduce((a, b) => a + b, 0),
    problems: tally.counts.filter((count) => count > 0).length,
    completions: completions.length,
    perplexity: Math.exp(-last("logprob.layer.normed").mean),
    layers: layersOf(tally, () => true),
    boundary,
    ranges: { raw: fitRanges(raw.change), matched: fitRanges(matched.change) },
    choice: chooseLayer(layers, boundary, matched.change),
    controls: {
      matched: {
        entropy: survivalOf(raw.entropy, matched.entropy),
        change: survivalOf(raw.change, matched.change),
      },
      norm: survivalOf(raw.entropy, tally.curve("norm.layer")),
      shuffled: {
        logprob: last("logprob.layer.normed"),
        shuffledLogprob: last("shuffled_logprob.layer.normed"),
        rank: last("rank.layer.normed"),
        shuffledRank: last("shuffled_rank.layer.normed"),
      },
      random,
    },
    example: rows,
  };
}
