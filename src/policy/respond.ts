/**
 * Responses of a model to prompts, to be inspected.
 *
 * @module
 */

import { artifactName, buildSamplingArtifacts } from "../artifact/mod.ts";
import { plainLayout } from "../model/mod.ts";
import { randomKey } from "../random.ts";
import {
  placeParameters,
  type Rollout,
  Sampler,
  samplerArtifacts,
  type SamplingSettings,
} from "../rl/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import type { InspectedModel } from "./layer_runner.ts";

/** What is sampled. */
export interface ResponseSettings
  extends Pick<SamplingSettings, "temperature" | "maxResponseTokens" | "endIds" | "batch"> {
  /** Responses a prompt. */
  readonly samples: number;
  /** Seed of the noise. */
  readonly seed: number;
  /** Told when a response has ended. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Samples responses with the whole model in memory, float32.
 *
 * @returns The responses of each prompt, one behind another.
 */
export async function sampleResponses(
  runtime: Runtime,
  { config, weights }: InspectedModel,
  prompts: readonly (readonly number[])[],
  { samples, seed, onProgress, ...sampling }: ResponseSettings,
): Promise<Rollout[]> {
  const maxPromptTokens = Math.max(1, ...prompts.map((prompt) => prompt.length));
  const graphs = buildSamplingArtifacts(config);
  // All three names are in the set.
  const artifacts = samplerArtifacts((model) => graphs[artifactName(model)] as Uint8Array);
  const sampler = await Sampler.open(runtime, artifacts, config, {
    ...sampling,
    maxPromptTokens,
  });
  const parameters = await placeParameters(runtime, weights, plainLayout);
  const requests = prompts.flatMap((prompt, problem) =>
    Array.from({ length: samples }, (_, sample) => ({ prompt, problem, sample }))
  );
  let done = 0;
  try {
    return await sampler.sample(parameters, requests, randomKey("inspect", seed), {
      onFinished: () => onProgress?.(++done, requests.length),
    });
  } finally {
    await sampler.dispose();
    for (const tensor of Object.values(parameters)) tensor.dispose();
  }
}
