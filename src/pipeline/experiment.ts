/**
 * Everything that a profile stands for, loaded: model, artifacts, problems, and the keys of its records.
 *
 * @module
 */

import { artifactDigests, type Artifacts, buildArtifacts } from "../artifact/mod.ts";
import { contentId } from "../canonical_json.ts";
import { graderVersion } from "../grade/mod.ts";
import { loadModel, type Model } from "../model/mod.ts";
import { type MethodName, policyLoss, variants } from "../rl/mod.ts";
import { generateSuite, type Problem, promptMessages, promptTemplates } from "../suite/mod.ts";
import type { Profile } from "./profile.ts";

/** A suite of an experiment. */
export interface ExperimentSuite {
  /** Its name. */
  readonly name: string;
  /** Content id of its problems, the wording and the sampling: all that a score depends on besides the policy. */
  readonly digest: string;
  /** Its problems. */
  readonly problems: readonly Problem[];
  /** Their prompts' tokens. */
  readonly prompts: readonly (readonly number[])[];
}

/** A loaded profile. */
export interface Experiment {
  /** The profile. */
  readonly profile: Profile;
  /** The base model. */
  readonly model: Model;
  /** The graphs. */
  readonly artifacts: Artifacts;
  /** Their SHA-256. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The evaluation policy's name for the untrained model. */
export const BASE = "base";

/** Loads the model and builds the artifacts of a profile. */
export async function openExperiment(profile: Profile, root: string): Promise<Experiment> {
  const model = await loadModel(`${root}/${profile.model}`);
  const artifacts = buildArtifacts({
    config: model.config,
    objective: (inputs) => {
      const { loss, metrics } = policyLoss(inputs, variants[profile.variant].clip);
      return { loss, metrics: { ...metrics } };
    },
    optimizer: profile.optimizer,
    internalLayer: profile.training.internalLayer,
  });
  return { profile, model, artifacts, digests: await artifactDigests(artifacts) };
}

/** The problems that a run trains on. */
export async function trainingProblems({ profile, model }: Experiment): Promise<ExperimentSuite> {
  const { suites, problems, suiteSeed } = profile.training;
  const all = await Promise.all(suites.map((name) => generateSuite(name, "train", problems, suiteSeed)));
  return await withPrompts("training", all.flat(), profile, model);
}

/** The held-out suites. */
export async function evaluationSuites({ profile, model }: Experiment): Promise<ExperimentSuite[]> {
  const { suites, problems, suiteSeed } = profile.evaluation;
  return await Promise.all(suites.map(async (name) => {
    return await withPrompts(
      name,
      await generateSuite(name, "evaluation", problems, suiteSeed),
      profile,
      model,
    );
  }));
}

async function withPrompts(
  name: string,
  problems: readonly Problem[],
  profile: Profile,
  { tokenizer }: Model,
): Promise<ExperimentSuite> {
  const template = promptTemplates[profile.template];
  const prompts = problems.map((problem) => tokenizer.prompt(promptMessages(problem, template)));
  const { temperature, maxResponseTokens, evaluation: { samples, seed } } = profile;
  const sampling = { temperature, maxResponseTokens, samples, seed };
  const content = problems.map(({ id, answer }) => [id, answer]);
  return { name, digest: await contentId({ name, content, template, sampling }), problems, prompts };
}

/** The key of a trained checkpoint: all that can change its bytes. */
export function trainingKey(
  { profile, model, digests }: Experiment,
  method: MethodName,
  seed: number,
): unknown {
  const { threads, template, variant, maxPromptTokens, maxResponseTokens, temperature, training, optimizer } =
    profile;
  const { checkpointEvery: _, ...settings } = training;
  return {
    stage: "train/1",
    method,
    seed,
    model: model.digest,
    artifacts: digests,
    grader: graderVersion,
    provider: "cpu",
    settings: {
      threads,
      template,
      variant,
      maxPromptTokens,
      maxResponseTokens,
      temperature,
      settings,
      optimizer,
    },
  };
}

/** The key of an evaluation: all that can change its counts. */
export function evaluationKey(
  { profile, model, digests }: Experiment,
  suite: ExperimentSuite,
  checkpoint: string | undefined,
): unknown {
  return {
    stage: "evaluate/1",
    model: model.digest,
    checkpoint: checkpoint ?? null,
    rollout: digests["rollout_model.onnx"],
    suite: suite.digest,
    grader: graderVersion,
    provider: "cpu",
    threads: profile.threads,
    maxPromptTokens: profile.maxPromptTokens,
  };
}
