/**
 * Everything that a profile stands for, loaded: model, artifacts, problems, and the keys of its records.
 *
 * @module
 */

import { artifactDigests, type Artifacts, buildArtifacts } from "../artifact/mod.ts";
import { attentionBlock, loadModel, type Model, type ParameterLayout } from "../model/mod.ts";
import { longestRow, losses, objectiveOf } from "../rl/mod.ts";
import {
  cpuInstructions,
  describeMachine,
  onnxRuntimeVersion,
  openRuntime,
  type Provider,
  type Runtime,
} from "../runtime/mod.ts";
import {
  checkSuiteName,
  type LoadedSuite,
  loadSuite,
  type Problem,
  promptTemplateOf,
  promptTokens,
  suiteDigest,
} from "../suite/mod.ts";
import { checkModelFit } from "./model_fit.ts";
import { type ExperimentFiles, suiteFiles } from "./files.ts";
import type { Engine, MachineFacts, SourceTree } from "./made.ts";
import { graphVariants } from "./method_graphs.ts";
import { cachePrecision, internalLayerOf, layerPrecision, type Profile } from "./profile/mod.ts";

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
  /** SHA-256 of the same graphs without gradient checkpointing, which changes no byte: part of every key. */
  readonly plainDigests: Readonly<Record<string, string>>;
  /** The problems that runs train on. */
  readonly training: ExperimentSuite;
  /** The held-out suites. */
  readonly suites: readonly ExperimentSuite[];
  /** What computes: part of every key. */
  readonly engine: Engine;
  /** Where it computes. */
  readonly machine: MachineFacts;
  /** The sources that compute: part of every key. */
  readonly sources: SourceTree;
}

/** What an experiment is opened from. */
export interface ExperimentContext {
  /** The profile. */
  readonly profile: Profile;
  /** The repository's folder. */
  readonly root: string;
  /** The execution provider. */
  readonly provider: Provider | "auto";
  /** Where the model and the data sets lie. */
  readonly files: ExperimentFiles;
  /** The sources that compute. */
  readonly sources: SourceTree;
}

/** The evaluation policy's name for the untrained model. */
export const BASE = "base";

/** Loads the model and the problems of a profile and builds its artifacts. */
export async function openExperiment(
  { profile, root, provider, files, sources }: ExperimentContext,
): Promise<Experiment> {
  const model = await loadModel(files.model);
  checkModelFit(profile, model.config);
  const context: SuiteContext = { profile, model, root, files };
  const runtime = openRuntime({ provider, threads: profile.threads });
  const layout = {
    precision: layerPrecision(profile),
    largestTensor: runtime.largestTensor,
    onHost: runtime.provider === "cpu",
  };
  const settings = {
    config: model.config,
    objective: objectiveOf(losses[profile.loss]),
    optimizer: profile.optimizer,
    internalLayer: internalLayerOf(profile),
    layout,
    variants: graphVariants(profile, model.config.layers),
    cachePrecision: cachePrecision(profile),
    attentionBlock: attentionBlock(longestRow(profile)),
  };
  const { checkpointing = false } = profile.training;
  const artifacts = buildArtifacts({ ...settings, checkpointing }),
    digests = await artifactDigests(artifacts);
  return {
    profile,
    model,
    layout,
    artifacts,
    digests,
    plainDigests: checkpointing ? await artifactDigests(buildArtifacts(settings)) : digests,
    training: await trainingProblems(context),
    suites: await evaluationSuites(context),
    engine: engineOf(runtime),
    machine: machineOf(runtime),
    sources,
  };
}

/** What computes, as far as it can change a bit. */
export function engineOf({ provider, adapter }: Runtime): Engine {
  const kernels = provider === "cpu" ? cpuInstructions() ?? Deno.build.arch : adapter ?? "unknown";
  return { provider, kernels, onnxruntime: onnxRuntimeVersion(), deno: Deno.version.deno };
}

/** Where it computes. */
export function machineOf({ driver }: Pick<Runtime, "driver">): MachineFacts {
  return { ...describeMachine(), ...(driver === undefined ? {} : { driver }) };
}

/** How problems and prompts are made. */
export interface SuiteContext {
  /** The profile. */
  readonly profile: Profile;
  /** The base model. */
  readonly model: Model;
  /** The repository's folder. */
  readonly root: string;
  /** Where the model and the data sets lie. */
  readonly files: ExperimentFiles;
}

/** Loads the suites of a part of a profile. */
export async function loadSuites(
  { profile, root, files }: Omit<SuiteContext, "model">,
  part: "training" | "evaluation",
): Promise<LoadedSuite[]> {
  const { suites, problems, suiteSeed: seed } = profile[part];
  const split = part === "training" ? "train" : "evaluation";
  const count = problems === undefined ? {} : { count: problems };
  for (const name of suites) await checkSuiteName(name, root);
  return await Promise.all(
    suites.map((name) => loadSuite(name, { root, files: suiteFiles(files), split, seed, ...count })),
  );
}

async function trainingProblems(context: SuiteContext): Promise<ExperimentSuite> {
  const loaded = await loadSuites(context, "training"), problems = loaded.flatMap((suite) => suite.problems);
  const { name, training } = context.profile;
  for (const part of ["probe", "evaluate"] as const) {
    const wanted = training[part]?.problems ?? 0;
    if (training.suites.length > 0 && wanted > problems.length) {
      throw new RangeError(
        `Cannot use ${name}: training.${part}.problems is ${wanted}, expected at most the ${problems.length} that are trained on`,
      );
    }
  }
  return await withPrompts("training", problems, context, undefined);
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
  const template = promptTemplateOf(profile);
  const made = problems.map((problem) => promptTokens(problem, template, tokenizer, profile.maxPromptTokens));
  const digest = await suiteDigest(name, problems, template, sampling);
  const cut = made.filter(({ truncated }) => truncated).length;
  return { name, digest, problems, samples: samples ?? 0, prompts: made.map(({ tokens }) => tokens), cut };
}
