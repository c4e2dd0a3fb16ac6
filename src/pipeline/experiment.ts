/**
 * Everything that a profile stands for, loaded: model, artifacts, problems, and the keys of its records.
 *
 * @module
 */

import { artifactDigests, type Artifacts, buildArtifacts } from "../artifact/mod.ts";
import { graderVersion } from "../grade/mod.ts";
import { loadModel, type Model, type ParameterLayout } from "../model/mod.ts";
import { losses, type MethodName, policyLoss } from "../rl/mod.ts";
import { onnxRuntimeVersion, openRuntime, type Provider } from "../runtime/mod.ts";
import {
  type LoadedSuite,
  loadSuite,
  type Problem,
  promptTemplates,
  promptTokens,
  suiteDigest,
} from "../suite/mod.ts";
import { checkContextLength } from "./context_length.ts";
import { type ExperimentFiles, suiteFiles } from "./files.ts";
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
  /** Prompts that lost their beginning, because they were longer than the limit. */
  readonly cut: number;
}

/** A loaded profile. */
export interface Experiment {
  /** The profile. */
  readonly profile: Profile;
  /** The base model. */
  readonly model: Model;
  /** How the graphs hold the parameters. */
  readonly layout: ParameterLayout;
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
  files: ExperimentFiles,
): Promise<Experiment> {
  const model = await loadModel(files.model);
  checkContextLength(profile, model.config);
  const context: SuiteContext = { profile, model, root, files };
  const runtime = openRuntime({ provider, threads: profile.threads });
  const layout = { precision: profile.precision ?? "float32", largestTensor: runtime.largestTensor };
  const artifacts = buildArtifacts({
    config: model.config,
    objective: (inputs) => policyLoss(inputs, losses[profile.loss].clip),
    optimizer: profile.optimizer,
    internalLayer: profile.training.internalLayer,
    checkpointing: profile.training.checkpointing ?? false,
    layout,
  });
  return {
    profile,
    model,
    layout,
    artifacts,
    digests: await artifactDigests(artifacts),
    training: await trainingProblems(context),
    suites: await evaluationSuites(context),
    engine: {
      provider: runtime.provider,
      onnxruntime: onnxRuntimeVersion(),
    },
  };
}

/** How problems and prompts are made. */
interface SuiteContext {
  readonly profile: Profile;
  readonly model: Model;
  readonly root: string;
  readonly files: ExperimentFiles;
}

async function loadSuites(
  { profile, root, files }: SuiteContext,
  part: "training" | "evaluation",
): Promise<LoadedSuite[]> {
  const { suites, problems, suiteSeed: seed } = profile[part];
  const split = part === "training" ? "train" : "evaluation";
  const count = problems === undefined ? {} : { count: problems };
  return await Promise.all(
    suites.map((name) => loadSuite(name, { root, files: suiteFiles(files), split, seed, ...count })),
  );
}

async function trainingProblems(context: SuiteContext): Promise<ExperimentSuite> {
  const loaded = await loadSuites(context, "training");
  return await withPrompts("training", loaded.flatMap(({ problems }) => problems), context, undefined);
}

async function evaluationSuites(context: SuiteContext): Promise<ExperimentSuite[]> {
  const { samples, limit } = context.profile.evaluation;
  return await Promise.all((await loadSuites(context, "evaluation")).map(async (suite) => {
    const k = samples ?? suite.definition?.evaluation?.samples;
    if (k === undefined) {
      throw new RangeError(
        `Cannot evaluate on ${suite.name}: it has no number of samples of its own; say evaluation.samples in the profile, or --samples`,
      );
    }
    return await withPrompts(suite.name, suite.problems.slice(0, limit), context, k);
  }));
}

/** @param samples Responses a problem; none for problems that are trained on. */
async function withPrompts(
  name: string,
  problems: readonly Problem[],
  { profile, model: { tokenizer } }: SuiteContext,
  samples: number | undefined,
): Promise<ExperimentSuite> {
  const { temperature, maxResponseTokens, evaluation: { seed } } = profile;
  const sampling = samples === undefined ? {} : { temperature, maxResponseTokens, samples, seed };
  const template = promptTemplates[profile.template];
  const made = problems.map((problem) => promptTokens(problem, template, tokenizer, profile.maxPromptTokens));
  const digest = await suiteDigest(name, problems, template, sampling);
  const cut = made.filter(({ truncated }) => truncated).length;
  return { name, digest, problems, samples: samples ?? 0, prompts: made.map(({ tokens }) => tokens), cut };
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
