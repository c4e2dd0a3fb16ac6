/**
 * Everything that a profile stands for, loaded: model, artifacts, problems, and the keys of its records.
 *
 * @module
 */

import { artifactDigests, type Artifacts, buildArtifacts } from "../artifact/mod.ts";
import { graderVersion } from "../grade/mod.ts";
import { loadModel, type Model } from "../model/mod.ts";
import { losses, type MethodName, policyLoss } from "../rl/mod.ts";
import { onnxRuntimeVersion, openRuntime, type Provider } from "../runtime/mod.ts";
import {
  type GeneratedSuite,
  generatedSuites,
  generateSuite,
  type Problem,
  promptTemplates,
  promptTokens,
  type Split,
  suiteDigest,
} from "../suite/mod.ts";
import type { Profile } from "./profile.ts";

/** A suite of an experiment. */
export interface ExperimentSuite {
  /** Its name. */
  readonly name: string;
  /** Content id of its problems, the wording and the sampling: all that a score depends on besides the policy. */
  readonly digest: string;
  /** Its problems. */
  readonly problems: readonly Problem[];
  /** k: responses a problem; 0 where none is evaluated. */
  readonly samples: number;
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
  const model = await loadModel(modelDirectory(profile, root));
  const artifacts = buildArtifacts({
    config: model.config,
    objective: (inputs) => {
      const { loss, metrics } = policyLoss(inputs, losses[profile.loss].clip);
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
      onnxruntime: onnxRuntimeVersion(),
    },
  };
}

/** Where the base model lies. */
function modelDirectory({ model, name }: Profile, root: string): string {
  if (typeof model === "string") return `${root}/${model}`;
  throw new ReferenceError(`Cannot open ${name}: ${model.repository} has not been downloaded`);
}

async function problemsOf(
  name: string,
  split: Split,
  count: number | undefined,
  seed: number,
): Promise<Problem[]> {
  if (!Object.hasOwn(generatedSuites, name)) {
    throw new RangeError(
      `Cannot find the suite "${name}": known suites: ${Object.keys(generatedSuites).join(", ")}`,
    );
  }
  if (count === undefined) {
    throw new RangeError(`Cannot generate the suite "${name}" without a number of problems`);
  }
  return await generateSuite(name as GeneratedSuite, split, count, seed);
}

async function trainingProblems(profile: Profile, model: Model): Promise<ExperimentSuite> {
  const { suites, problems, suiteSeed } = profile.training;
  const all = await Promise.all(suites.map((name) => problemsOf(name, "train", problems, suiteSeed)));
  return await withPrompts("training", all.flat(), profile, model, undefined);
}

async function evaluationSuites(profile: Profile, model: Model): Promise<ExperimentSuite[]> {
  const { suites, problems, suiteSeed, samples = 1 } = profile.evaluation;
  return await Promise.all(suites.map(async (name) => {
    const held = await problemsOf(name, "evaluation", problems, suiteSeed);
    return await withPrompts(name, held, profile, model, samples);
  }));
}

/** @param samples Responses a problem; none for problems that are trained on. */
async function withPrompts(
  name: string,
  problems: readonly Problem[],
  profile: Profile,
  { tokenizer }: Model,
  samples: number | undefined,
): Promise<ExperimentSuite> {
  const { temperature, maxResponseTokens, evaluation: { seed } } = profile;
  const sampling = samples === undefined ? {} : { temperature, maxResponseTokens, samples, seed };
  const template = promptTemplates[profile.template];
  const prompts = problems.map((problem) =>
    promptTokens(problem, template, tokenizer, profile.maxPromptTokens).tokens
  );
  const digest = await suiteDigest(name, problems, template, sampling);
  return { name, digest, problems, samples: samples ?? 0, prompts };
}

/** The key of a trained checkpoint: all that can change its bytes. */
export function trainingKey(
  { profile, model, digests, training: problems, engine }: Experiment,
  method: MethodName,
  seed: number,
): unknown {
  const { threads, template, loss, maxPromptTokens, maxResponseTokens, temperature, training, optimizer } =
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
      loss,
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
