/**
 * What `inspect` does once the flags are read: completions, inspections, one document.
 *
 * @module
 */

import { contentId } from "../../src/canonical_json.ts";
import type { Model } from "../../src/model/mod.ts";
import { type ExperimentFiles, suiteFiles } from "../../src/pipeline/mod.ts";
import {
  type Completion,
  CONFIDENCE,
  inspectModel,
  type ModelInspection,
  parseCompletions,
  sampleResponses,
} from "../../src/policy/mod.ts";
import type { Progress } from "../../src/progress.ts";
import {
  type InspectedCompletions,
  type InspectedDocumentModel,
  type InspectedRun,
  type InspectedTraining,
  type Inspection,
  INSPECTION_SCHEMA,
  roundedInspection,
} from "../../src/report/mod.ts";
import { onnxRuntimeVersion, type Runtime } from "../../src/runtime/mod.ts";
import {
  generatedSuites,
  loadSuite,
  type Problem,
  type PromptName,
  promptTemplateOf,
  promptTokens,
  type Wording,
} from "../../src/suite/mod.ts";
import { UsageError } from "./command.ts";

/** A model that is inspected. */
export interface PlannedModel {
  /** What it is called. */
  readonly name: string;
  /** The model; of a trained policy, the base model with its weights, and its checkpoint's SHA-256 as digest. */
  readonly model: Model;
  /** The training run that it comes from. */
  readonly run?: InspectedRun;
}

/** What is inspected, and how. */
export interface InspectionPlan {
  /** The models. */
  readonly models: readonly PlannedModel[];
  /** What they were trained by: then all read the completions of the first, the base model. */
  readonly training?: InspectedTraining;
  /** What computes. */
  readonly runtime: Runtime;
  /** The project's folder. */
  readonly root: string;
  /** A file of completions; without it they are sampled. */
  readonly completions: string | undefined;
  /** Whose problems are asked. */
  readonly suites: readonly string[];
  /** Seed of the problems. */
  readonly suiteSeed: number;
  /** Where data sets lie. */
  readonly files: ExperimentFiles | undefined;
  /** Problems of each suite. */
  readonly problems: number;
  /** Completions a problem. */
  readonly samples: number;
  /** Seed of the samples. */
  readonly seed: number;
  /** The wording around a question. */
  readonly template: PromptName;
  /** What of it a profile words itself. */
  readonly wording?: Wording | undefined;
  /** The most prompt tokens. */
  readonly maxPromptTokens: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** The sampling temperature. */
  readonly temperature: number;
  /** Completions that are sampled together. */
  readonly batch: number;
  /** The layer that figures point out. */
  readonly layer: number | undefined;
  /** Which completion is shown, from 0. */
  readonly example: number;
  /** How many of its likeliest tokens are kept. */
  readonly top: number;
  /** Seed of the random weights; null for none. */
  readonly randomSeed: number | null;
}

/** A completion and whether it was cut at the limit. */
interface Read extends Completion {
  readonly cut: boolean;
}

async function readProblems(
  { suites, suiteSeed, problems, files, root }: InspectionPlan,
): Promise<Problem[]> {
  const options = {
    root,
    files: suiteFiles(files ?? { model: "", datasets: {} }),
    split: "evaluation" as const,
    seed: suiteSeed,
  };
  const lists = await Promise.all(suites.map(async (name) => {
    const drawn = { ...options, count: problems };
    if (Object.hasOwn(generatedSuites, name)) return (await loadSuite(name, drawn)).problems;
    const all = (await loadSuite(name, options)).problems;
    if (all.length === 0) throw new UsageError(`Cannot inspect on the suite ${name}: it has no problems`);
    return all.length <= problems ? all : (await loadSuite(name, drawn)).problems;
  }));
  return lists.flat();
}

/** The completions of a model: those of the file, or its own. */
async function completionsOf(
  plan: InspectionPlan,
  { name, model }: PlannedModel,
  problems: readonly Problem[],
  progress: Progress,
): Promise<Read[]> {
  const { maxPromptTokens, maxResponseTokens, temperature, samples, seed, batch } = plan;
  const template = promptTemplateOf(plan), { tokenizer } = model;
  if (plan.completions !== undefined) {
    const format = { tokenizer, template, maxPromptTokens, maxResponseTokens };
    return parseCompletions(await readText(plan.completions), plan.completions, format).map((completion) => {
      return { ...completion, cut: completion.response.length === maxResponseTokens };
    });
  }
  const limit = Math.min(maxPromptTokens, (model.config.contextLength ?? Infinity) - maxResponseTokens);
  if (limit < 1) {
    throw new UsageError(
      `Cannot sample ${maxResponseTokens} tokens from ${name}: its context has ${model.config.contextLength}; say --max-tokens`,
    );
  }
  const prompts = problems.map((problem) => promptTokens(problem, template, tokenizer, limit).tokens);
  const rollouts = await sampleResponses(plan.runtime, { name, ...model }, prompts, {
    temperature,
    maxResponseTokens,
    endIds: tokenizer.endIds,
    batch,
    samples,
    seed,
    onProgress: (done, total) => progress.update(`${name}: completions`, done, total),
  });
  return rollouts.map(({ prompt, response, ended }, i) => {
    return { problem: problems[Math.floor(i / samples)]?.id ?? "", prompt, response, cut: !ended };
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`Cannot read ${path}: no such file`);
    throw error;
  }
}

/** Texts of tokens by id. */
function texts(model: Model, inspection: ModelInspection): Record<string, string> {
  const ids = new Set(inspection.example.top.flat(2).map(({ token }) => token));
  return Object.fromEntries([...ids].sort((a, b) => a - b).map((id) => [id, model.tokenizer.decode([id])]));
}

/** What cannot be inspected is told before anything is computed. */
function checkLayer({ models, layer }: InspectionPlan): void {
  for (const { name, model: { config: { layers } } } of models) {
    if (layer === undefined || layer <= layers) continue;
    throw new UsageError(
      `Cannot point out layer ${layer} of ${name}: it has layers 1 to ${layers}, which the released code counts from 0 to ${
        layers - 1
      }`,
    );
  }
}

/** Inspects all models of a plan. */
export async function inspectModels(plan: InspectionPlan, progress: Progress): Promise<Inspection> {
  checkLayer(plan);
  const problems = plan.completions === undefined ? await readProblems(plan) : [];
  const models: InspectedDocumentModel[] = [];
  let own: Read[] | undefined;
  for (const entry of plan.models) {
    const { name, model, run = null } = entry, { config, weights, digest } = model;
    // Of models before and after training only the weights shall differ, not the tokens that they read.
    const shared = plan.training ? own : undefined;
    const completions = shared ?? await completionsOf(plan, entry, problems, progress);
    own ??= completions;
    if (!completions[plan.example]) {
      throw new UsageError(
        `Cannot show completion ${plan.example + 1} of ${name}: there are ${completions.length}`,
      );
    }
    const inspection = await inspectModel(plan.runtime, { name, config, weights }, completions, {
      example: plan.example,
      top: plan.top,
      // Random weights on the same tokens say the same again.
      randomSeed: shared ? null : plan.randomSeed,
      onProgress: (what, done, total) => progress.update(`${name}: ${what}`, done, total),
    });
    const { layers, hiddenSize, vocabularySize, tiedEmbeddings } = config, shown = completions[plan.example];
    const fromFile = plan.completions !== undefined;
    const source: InspectedCompletions = {
      from: fromFile ? "file" : shared ? "base" : "sampled",
      digest: await contentId(completions.map(({ prompt, response }) => [prompt, response])),
      suites: fromFile ? [] : plan.suites,
      template: fromFile ? null : plan.template,
      temperature: fromFile ? null : plan.temperature,
      seed: fromFile ? null : plan.seed,
      maxResponseTokens: plan.maxResponseTokens,
      cut: completions.filter(({ cut }) => cut).length,
    };
    models.push({
      ...inspection,
      name,
      digest,
      run,
      shape: { layers, hiddenSize, vocabularySize, tiedEmbeddings },
      maximumEntropy: Math.log(vocabularySize),
      source,
      shown: {
        problem: shown?.problem ?? "",
        tokens: (shown?.response ?? []).map((id) => ({ id, text: model.tokenizer.decode([id]) })),
        texts: texts(model, inspection),
      },
    });
  }
  const { provider, threads } = plan.runtime;
  return roundedInspection({
    schema: INSPECTION_SCHEMA,
    confidence: CONFIDENCE,
    layer: plan.layer ?? null,
    engine: { provider, threads, onnxruntime: onnxRuntimeVersion() },
    models,
    training: plan.training ?? null,
  });
}
