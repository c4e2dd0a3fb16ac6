/**
 * Probes during training: internal policies on a batch that stays the same. A probe draws no random number and touches no
 * parameter, so that what is trained is the same bytes with and without it.
 *
 * @module
 */

import type { TensorSource } from "../../model/mod.ts";
import { type Completion, type ProbeRow, probeSequences, sampleResponses } from "../../policy/mod.ts";
import type { Runtime } from "../../runtime/mod.ts";
import { PROBE_TOKENS } from "../profile/mod.ts";
import type { StageContext } from "./context.ts";

/** The seed of the responses. */
const SEED = 1;

/** Looks at a model in training. */
export interface Probe {
  /** Is a probe due after a step? 0 is before the first. */
  isDue(step: number): boolean;
  /** Probes the parameters after a step. */
  read(step: number, weights: TensorSource): Promise<ProbeRow>;
}

/** The batch: problems evenly from all that are trained on, and the base model's response to each. */
async function probeBatch(
  { experiment: { profile, model, training } }: StageContext,
  runtime: Runtime,
  count: number,
): Promise<Completion[]> {
  const chosen = Array.from({ length: count }, (_, i) => Math.floor(i * training.problems.length / count));
  const base = { name: "the base model", config: model.config, weights: model.weights };
  const rollouts = await sampleResponses(runtime, base, chosen.map((at) => training.prompts[at] ?? []), {
    samples: 1,
    seed: SEED,
    temperature: profile.temperature,
    maxResponseTokens: Math.min(PROBE_TOKENS, profile.maxResponseTokens),
    endIds: model.tokenizer.endIds,
    batch: profile.rolloutBatch,
  });
  return rollouts.map(({ prompt, response }, i) => {
    return { problem: training.problems[chosen[i] ?? 0]?.id ?? "", prompt, response };
  });
}

/** Opens the probe that a profile asks for. The batch follows from the profile alone: a run that goes on has the same. */
export async function openProbe(context: StageContext, runtime: Runtime): Promise<Probe | undefined> {
  const { profile: { training: { probe } }, model: { config } } = context.experiment;
  if (!probe) return undefined;
  const batch = await probeBatch(context, runtime, probe.problems);
  const layers = probe.layers === "all"
    ? Array.from({ length: config.layers }, (_, i) => i + 1)
    : probe.layers.toSorted((a, b) => a - b);
  return {
    isDue: (step) => step % probe.everySteps === 0,
    read: async (step, weights) => {
      const model = { name: `the model after step ${step}`, config, weights };
      return { step, ...await probeSequences(runtime, model, batch, layers) };
    },
  };
}
