/**
 * `"internalLayer": "auto"`: the layer that an inspection of the base model offers.
 *
 * @module
 */

import { loadModel } from "../../src/model/mod.ts";
import { type ExperimentFiles, LAYER_CHOICE, type Profile, suiteFiles } from "../../src/pipeline/mod.ts";
import { inspectModel, sampleResponses } from "../../src/policy/mod.ts";
import type { Progress } from "../../src/progress.ts";
import { openRuntime, type Provider } from "../../src/runtime/mod.ts";
import { loadSuite, promptTemplateOf, promptTokens } from "../../src/suite/mod.ts";

/** What is read: the first training problems, so that nothing held out decides, and responses with a fixed seed. */
const { problems: PROBLEMS, samples: SAMPLES, tokens: TOKENS } = LAYER_CHOICE, SEED = 1;

/** What the choice is made with. */
export interface LayerContext {
  /** The repository's folder. */
  readonly root: string;
  /** Where the model and the data sets lie. */
  readonly files: ExperimentFiles;
  /** The execution provider. */
  readonly provider: Provider | "auto";
}

/**
 * A profile whose internal layer is a number: an `auto` is replaced by the layer that an inspection of the base model
 * offers, with the reason beside it. Both are then settings like all others: part of keys, and signed. The same base
 * model, problems and kernels give the same choice.
 */
export async function withInternalLayer(
  profile: Profile,
  { root, files, provider }: LayerContext,
  progress: Progress,
): Promise<Profile> {
  const { training, maxPromptTokens, maxResponseTokens, temperature, rolloutBatch } = profile;
  if (training.internalLayer !== "auto") return profile;
  const model = await loadModel(files.model), runtime = openRuntime({ provider, threads: profile.threads });
  const each = Math.ceil(PROBLEMS / training.suites.length);
  const suites = await Promise.all(
    training.suites.map((name) =>
      loadSuite(name, {
        root,
        files: suiteFiles(files),
        split: "train",
        seed: training.suiteSeed,
        count: each,
      })
    ),
  );
  const problems = suites.flatMap((suite) => suite.problems);
  const template = promptTemplateOf(profile);
  const prompts = problems.map((problem) => {
    return promptTokens(problem, template, model.tokenizer, maxPromptTokens).tokens;
  });
  const inspected = { name: "the base model", config: model.config, weights: model.weights };
  const rollouts = await sampleResponses(runtime, inspected, prompts, {
    samples: SAMPLES,
    seed: SEED,
    temperature,
    maxResponseTokens: Math.min(TOKENS, maxResponseTokens),
    endIds: model.tokenizer.endIds,
    batch: rolloutBatch,
  });
  const completions = rollouts.map(({ prompt, response }, i) => {
    return { problem: problems[Math.floor(i / SAMPLES)]?.id ?? "", prompt, response };
  });
  const { choice: { layer, form, reason }, tokens } = await inspectModel(runtime, inspected, completions, {
    randomSeed: null,
    onProgress: (_, done, total) => progress.update("layers inspected", done, total),
  });
  progress.line(`Internal layer ${layer} (index ${layer - 1}): ${reason}`);
  const internalLayerChoice = { form, reason, problems: problems.length, tokens };
  return { ...profile, training: { ...training, internalLayer: layer, internalLayerChoice } };
}
