/**
 * Everything that a profile stands for, loaded: model, artifacts, problems, and the keys of its records.
 *
 * @module
 */

import { artifactDigests, type Artifacts, buildArtifacts } from "../artifact/mod.ts";
import { graderVersion } from "../grade/mod.ts";
import { loadModel, type Model } from "../model/mod.ts";
import { type MethodName, policyLoss, variants } from "../rl/mod.ts";
import { onnxRuntimeVersion, openRuntime, type Provider } from "../runtime/mod.ts";
import { generateSuite, type Problem, promptMessages, promptTemplates, suiteDigest } from "../suite/mod.ts";
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
  /** The problems that runs train on. */
  readonly training: ExperimentSuite;
  /** The held-out suites. */
  readonly suites: readonly ExperimentSuite[];
  /** What computes: other kernels may round differently, so it is part of every key. */
  readonly engine: { readonly provider: Provider; readonly onnxruntime: string };
}

/** The evaluation policy's name for the untrained model. */
export const BASE = "base";

/** Loads the model and the problems of a profile and builds its artifacts. */
export async function openExperiment(
  profile: Profile,
  root: string,
  provider: Provider | "auto",
): Promise<Experiment> {
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
  return {
    profile,
    model,
    artifacts,
    digests: await artifactDigests(artifacts),
    training: await trainingProblems(profile, model),
    suites: await evaluationSuites(profile, model),
    engine: {
      provider: openRuntime({ provider, threads: profile.threads }).provider,
      onnxruntime: onnxRuntimeVersion,
    },
  };
}

async function trainingProblems(profile: Profile, model: Model): Promise<ExperimentSuite> {
  const { suites, problems, suiteSeed } = profile.training;
  const all = await Promise.all(suites.map((name) => generateSuite(name, "train", problems, suiteSeed)));
  return await withPrompts("training", all.flat(), profile, model, {});
}

async function evaluationSuites(profile: Profile, model: Model): Promise<ExperimentSuite[]> {
  const { temperature, maxResponseTokens, evaluation } = profile;
  const { suites, problems, suiteSeed, samples, seed } = evaluation;
  const sampling = { temperature, maxResponseTokens, samples, seed };
  return await Promise.all(suites.map(async (name) => {
    const held = await generateSuite(name, "evaluation", problems, suiteSeed);
    return await withPrompts(name, held, profile, model, sampling);
  }));
}

async function withPrompts(
  name: string,
  problems: readonly Problem[],
  profile: Profile,
  { tokenizer }: Model,
  sampling: Readonly<Record<string, number>>,
): Promise<ExperimentSuite> {
  const template = promptTemplates[profile.template];
  const prompts = problems.map((problem) => tokenizer.prompt(promptMessages(problem, template)));
  return { name, digest: await suiteDigest(name, problems, template, sampling), problems, prompts };
}

/** The key of a trained checkpoint: all that can change its bytes. */
export function trainingKey(
  { profile, model, digests, training: problems, engine }: Experiment,
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
    problems: problems.digest,
    grader: graderVersion,
    engine,
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
  { profile, model, digests, engine }: Experiment,
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
    engine,
    threads: profile.threads,
    maxPromptTokens: profile.maxPromptTokens,
  };
}
