/**
 * What an experiment computes: tokens, operations, hours; what it writes and downloads.
 *
 * @module
 */

import { type ModelConfig, parameterCount, parameterShapes } from "../../model/mod.ts";
import { layerSteps, prefillSizes, runPhases } from "../../rl/mod.ts";
import { generatedSuites, loadSuite, suiteDefinitions } from "../../suite/mod.ts";
import { ownSuite } from "../../suite_name.ts";
import { methodRows, type Profile, profileRuns, STATES_KEPT } from "../profile/mod.ts";
import type { PlanGraphs } from "./graphs.ts";

/** How long responses are assumed to be, as a share of the longest. */
export const MEAN_RESPONSE_SHARE = 0.5;
/** How long prompts are assumed to be, as a share of the longest. */
export const MEAN_PROMPT_SHARE = 0.25;
/** The shares of a machine's matrix product that training and decoding reach; measured with `deno task perf`. */
export const EFFICIENCY = { training: 0.5, decoding: 0.25 } as const;

/** An evaluation suite's size. */
export interface SuiteSize {
  /** Its name. */
  readonly name: string;
  /** Problems; `undefined` where only loading it would tell. */
  readonly problems: number | undefined;
  /** Responses a problem. */
  readonly samples: number;
}

/** The sizes of a profile's evaluation suites. */
export async function suiteSizes({ evaluation }: Profile, root: string): Promise<SuiteSize[]> {
  const definitions = await suiteDefinitions(root);
  return await Promise.all(evaluation.suites.map(async (name) => {
    const definition = definitions.get(name);
    const whole = Object.hasOwn(generatedSuites, name)
      ? evaluation.problems
      : evaluation.problems ?? definition?.selection?.count ?? definition?.rows ?? await fileSize(name, root);
    const problems = whole === undefined ? undefined : Math.min(whole, evaluation.limit ?? Infinity);
    return { name, problems, samples: evaluation.samples ?? definition?.evaluation?.samples ?? 1 };
  }));
}

/** The problems of a file of one's own; `undefined` of what is none, or cannot be read: whoever reads it says why. */
async function fileSize(name: string, root: string): Promise<number | undefined> {
  if (!ownSuite(name)) return undefined;
  const files = { file: () => Promise.reject(new Error("a file of one's own is none of the Hub's")) };
  return await loadSuite(name, { root, files, split: "evaluation" }).then(
    ({ problems }) => problems.length,
    () => undefined,
  );
}

/** Operations of matrix products, by what they are for. */
export interface Operations {
  /** Prompts, once for all their samples. */
  readonly prompts: number;
  /** Decoding. */
  readonly rollout: number;
  /** Scoring under the old policy. */
  readonly scoring: number;
  /** Forward and backward passes. */
  readonly training: number;
}

/** Work of a part of an experiment. */
export interface Work {
  /** Sampled tokens if every response is as long as allowed. */
  readonly maxTokens: number;
  /** Sampled tokens at the assumed mean length. */
  readonly tokens: number;
  /** Operations at the assumed mean length. */
  readonly operations: Operations;
}

/** All that an experiment computes. */
export interface ExperimentWork {
  /** One training step of the full policy. */
  readonly step: Work;
  /** One step of BuPO's first phase. */
  readonly internalStep: Work;
  /** Training of every method with every seed. */
  readonly training: Work;
  /** Evaluation of every trained policy and the base model. */
  readonly evaluation: Work;
}

/** Bytes on disk and over the network. */
export interface Storage {
  /** States of training, weights and moments: those that every run keeps, and those that are being written. */
  readonly states: number;
  /** ONNX files and the first checkpoint. */
  readonly artifacts: number;
  /** All of these. */
  readonly total: number;
  /** The model on the Hub; 0 for a model of the repository. */
  readonly download: number;
}

function scale({ maxTokens, tokens, operations }: Work, by: number): Work {
  const { prompts, rollout, scoring, training } = operations;
  return {
    maxTokens: maxTokens * by,
    tokens: tokens * by,
    operations: {
      prompts: prompts * by,
      rollout: rollout * by,
      scoring: scoring * by,
      training: training * by,
    },
  };
}

function sum(parts: readonly Work[]): Work {
  const total = (of: (work: Work) => number): number => parts.reduce((all, work) => all + of(work), 0);
  return {
    maxTokens: total((work) => work.maxTokens),
    tokens: total((work) => work.tokens),
    operations: {
      prompts: total((work) => work.operations.prompts),
      rollout: total((work) => work.operations.rollout),
      scoring: total((work) => work.operations.scoring),
      training: total((work) => work.operations.training),
    },
  };
}

/** The work of an experiment, from its graphs. */
export function experimentWork(
  profile: Profile,
  graphs: PlanGraphs,
  suites: readonly SuiteSize[],
): ExperimentWork {
  const { training, maxPromptTokens, maxResponseTokens, threads } = profile;
  const prompt = Math.ceil(MEAN_PROMPT_SHARE * maxPromptTokens);
  const response = Math.ceil(MEAN_RESPONSE_SHARE * maxResponseTokens), sequence = prompt + response - 1;
  // A row attends to its prompt and half of its response on average.
  const rows = 4, capacity = prompt + Math.ceil(response / 2);
  const perToken = graphs.rollout({ batch: rows, capacity }).productOperations / rows;
  const { rows: batch, piece, slots } = prefillSizes(
    { maxPromptTokens, batch: profile.rolloutBatch },
    threads,
  );
  const pass = graphs.prefill({ batch, piece, prompt_slots: slots }).productOperations;
  const perPrompt = (prompt - 1) * pass / (batch * piece);
  const sampled = (prompts: number, responses: number): Work => ({
    maxTokens: responses * maxResponseTokens,
    tokens: responses * response,
    operations: {
      prompts: prompts * perPrompt,
      rollout: responses * response * perToken,
      scoring: 0,
      training: 0,
    },
  });
  const sizes = { batch: 1, sequence };
  const scoring = graphs.evaluation(sizes).productOperations;
  const responses = training.promptsPerStep * training.groupSize;
  const step = (update: number): Work => {
    const work = sampled(training.promptsPerStep, responses);
    const operations = { ...work.operations, scoring: responses * scoring, training: responses * update };
    return { ...work, operations };
  };
  const full = step(graphs.full.training(sizes).productOperations);
  const internal = step(graphs.internal.training(sizes).productOperations);
  const { internalSteps, internalLayer } = training;
  const ofRun = methodRows(profile).flatMap(({ method, seeds, steps }) => {
    const layer = internalLayer === "auto" ? 1 : internalLayer; // the layer's number changes no length
    return seeds.map((seed) => {
      const context = { internalLayer: layer, internalSteps, layers: layer, seed };
      const first = layerSteps(runPhases(method.phases, context), steps);
      return sum([scale(internal, first), scale(full, steps - first)]);
    });
  });
  const problems = suites.reduce((all, suite) => all + (suite.problems ?? 0), 0);
  const evaluated = suites.reduce((all, { problems = 0, samples }) => all + problems * samples, 0);
  return {
    step: full,
    internalStep: internal,
    training: sum(ofRun),
    evaluation: scale(sampled(problems, evaluated), ofRun.length + 1),
  };
}

/** Seconds of work on a machine that multiplies matrices at a speed, in operations a second. */
export function workSeconds({ operations }: Work, speed: number): number {
  const { prompts, rollout, scoring, training } = operations;
  return rollout / (EFFICIENCY.decoding * speed) +
    (prompts + scoring + training) / (EFFICIENCY.training * speed);
}

/** What an experiment writes, with a number of runs under way, and downloads. */
export function experimentStorage(
  profile: Profile,
  config: ModelConfig,
  files: Readonly<Record<string, number>>,
  workers: number,
): Storage {
  const parameters = parameterCount(parameterShapes(config)), weights = 4 * parameters;
  const runs = profileRuns(profile).length, { training, model } = profile;
  const { last = STATES_KEPT, best } = training.keep ?? {};
  const kept = Math.min(last, Math.ceil(training.steps / training.checkpointEvery)) + (best ? 1 : 0);
  const states = (runs * kept + Math.min(workers, runs)) * 3 * weights;
  const artifacts = weights + Object.values(files).reduce((all, bytes) => all + bytes, 0);
  const download = typeof model === "string" ? 0 : 2 * parameters;
  return { states, artifacts, total: states + artifacts, download };
}
