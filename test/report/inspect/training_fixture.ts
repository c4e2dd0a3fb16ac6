/**
 * A training of small models with random weights, for tests of what is drawn and said of it.
 *
 * @module
 */

import type { ProbeRow } from "../../../src/policy/mod.ts";
import type { InspectedDocumentModel, Inspection } from "../../../src/report/mod.ts";
import { inspectedModel, inspectionOf } from "./fixture.ts";

/** The training steps that are probed. */
export const STEPS = [0, 5, 10];

const base = await inspectedModel("tiny");

/** The base model with another entropy at every layer, as if it had been trained. */
function trained(label: string, seed: number, change: number): InspectedDocumentModel {
  const layers = base.layers.map(({ layer, index, values }) => {
    const moved = (name: "entropy.layer.raw" | "entropy.layer.normed" | "change.ffn.raw", by: number) => {
      const own = values[name];
      return own ? { [name]: { ...own, token: { ...own.token, mean: own.token.mean + by } } } : {};
    };
    return {
      layer,
      index,
      values: {
        ...values,
        ...moved("entropy.layer.raw", change * layer + seed / 1000),
        ...moved("entropy.layer.normed", change + seed / 1000),
        ...moved("change.ffn.raw", 0),
      },
    };
  });
  const run = { method: label.toLowerCase(), label, seed, step: 10 };
  return {
    ...base,
    name: `${label} seed ${seed}`,
    digest: `${seed}`.repeat(64),
    run,
    layers,
    perplexity: base.perplexity + change,
    source: { ...base.source, from: "base" },
    controls: { ...base.controls, random: null },
  };
}

/** A row of probes whose numbers say where they come from. */
export function probeRow(step: number, seed: number, change: number): ProbeRow {
  const mean = (value: number) => ({ mean: value, low: value - 0.1, high: value + 0.1 });
  const moved = change * step / 10 + (step > 0 ? seed / 1000 : 0);
  return {
    step,
    tokens: 30,
    completions: 4,
    problems: 4,
    entropy: mean(0.5 + moved),
    logprob: mean(-0.25 - moved),
    layers: [1, 2, 3].map((layer) => ({
      layer,
      entropy: mean(4 - layer + moved),
      normedEntropy: mean(2),
      matchedEntropy: mean(1),
      change: mean(-0.4 + moved),
      attentionChange: mean(0.3),
      feedForwardChange: mean(-0.2),
      norm: mean(10 * layer),
      logprob: mean(-1),
      klToFinal: mean(3.5 - layer),
      klFromFinal: mean(4 - layer),
      later: [2, 3].filter((later) => later > layer).map((later) => ({
        layer: later,
        cosine: mean(0.9 - 0.1 * (later - layer)),
        kl: mean(later - layer),
        reverse: mean(2 * (later - layer)),
      })),
    })),
  };
}

/** Two methods of some seeds: one changes entropies by −0.1 a layer, the other by 0.2. */
export function trainingInspection(seeds: readonly number[] = [1, 2, 3]): Inspection {
  const kinds = [["GRPO", -0.1], ["BuPO", 0.2]] as const;
  const models = kinds.flatMap(([label, change]) => seeds.map((seed) => trained(label, seed, change)));
  return {
    ...inspectionOf(base, ...models),
    training: {
      profile: "tiny",
      internalLayer: 2,
      internalSteps: 5,
      result: null,
      probes: kinds.flatMap(([label, change]) =>
        seeds.map((seed) => ({
          method: label.toLowerCase(),
          label,
          seed,
          step: 10,
          rows: STEPS.map((step) => probeRow(step, seed, change)),
        }))
      ),
    },
  };
}
