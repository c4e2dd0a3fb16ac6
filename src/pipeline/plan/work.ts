/**
 * What an experiment computes: tokens, operations, hours; what it writes and downloads.
 *
 * @module
 */

import { criticParameters, type PolicyChoice } from "../../artifact/mod.ts";
import { type ModelConfig, parameterCount, parameterShapes } from "../../model/mod.ts";
import { inspectionCost, probeCost } from "../../policy/mod.ts";
import { type Method, prefillSizes, scoredPlaces, scoresAll } from "../../rl/mod.ts";
import { generatedSuites, loadSuite, suiteDefinitions } from "../../suite/mod.ts";
import { ownSuite } from "../../suite_name.ts";
import { runPolicies } from "../method_graphs.ts";
import {
  LAYER_CHOICE,
  methodRows,
  PROBE_TOKENS,
  type Profile,
  type ProfileRow,
  profileRuns,
  STATES_KEPT,
} from "../profile/mod.ts";
import { type PlanGraphs, plannedLayer, withPlannedLayer } from "./graphs.ts";

/** How long responses are assumed to be, as a share of the longest. */
export const MEAN_RESPONSE_SHARE = 0.5;
/** How long prompts are assumed to be, as a share of the longest. */
export const MEAN_PROMPT_SHARE = 0.25;
/** The share of groups whose rewards are assumed to be equal where these are sampled anew. */
export const REFILLED_SHARE = 0.5;
/**
 * The shares of a machine's matrix product that training and decoding reach, of the operations that are counted here.
 * Measured by `test/pipeline/plan/calibration.ts` on the embedded model, one thread: 0.78 in updates, 0.89 in scoring (both
 * more than is computed, as responses share their prompt), 0.42 in sampling.
 */
export const EFFICIENCY = { training: 0.75, decoding: 0.4 } as const;

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

/** What operations are for. */
export const purposes = ["prompts", "rollout", "scoring", "training", "inspection"] as const;

/**
 * Operations of matrix products, by what they are for: prompts, once for all their samples; decoding; scoring, under the old
 * policy, under the reference and by a critic; forward and backward passes, a critic's too; probes of internal policies, and
 * the choice of a layer.
 */
export type Operations = Readonly<Record<typeof purposes[number], number>>;

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
  /** One training step of the full policy, without what single methods need besides. */
  readonly step: Work;
  /** One step of BuPO's first phase. */
  readonly internalStep: Work;
  /** One run of each method by name, probes included. */
  readonly methods: Readonly<Record<string, Work>>;
  /** Training of every method with every seed, and the choice of a layer. */
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

/** Operations of each purpose from those of some works. */
function operationsOf(of: (purpose: typeof purposes[number]) => number): Operations {
  return Object.fromEntries(purposes.map((purpose) => [purpose, of(purpose)])) as Operations; // one for each
}

function scale({ maxTokens, tokens, operations }: Work, by: number): Work {
  return {
    maxTokens: maxTokens * by,
    tokens: tokens * by,
    operations: operationsOf((purpose) => operations[purpose] * by),
  };
}

function sum(parts: readonly Work[]): Work {
  const total = (of: (work: Work) => number): number => parts.reduce((all, work) => all + of(work), 0);
  return {
    maxTokens: total((work) => work.maxTokens),
    tokens: total((work) => work.tokens),
    operations: operationsOf((purpose) => total(({ operations }) => operations[purpose])),
  };
}

/** Work of which only operations of one purpose are known. */
function only(purpose: typeof purposes[number], operations: number): Work {
  return { maxTokens: 0, tokens: 0, operations: operationsOf((one) => one === purpose ? operations : 0) };
}

/** How many rounds of a step are assumed to be sampled, as multiples of its prompts: groups of equal rewards come again. */
export function expectedRounds(refills: number): number {
  return Array.from({ length: refills + 1 }, (_, round) => REFILLED_SHARE ** round).reduce((a, b) => a + b);
}

/** Lengths that are assumed, and what sampling of such lengths takes. */
class Lengths {
  readonly prompt: number;
  readonly response: number;
  readonly #longest: number;
  readonly #perToken: number;
  readonly #perPrompt: number;

  constructor({ maxPromptTokens, maxResponseTokens, rolloutBatch, threads }: Profile, graphs: PlanGraphs) {
    this.prompt = Math.ceil(MEAN_PROMPT_SHARE * maxPromptTokens);
    this.response = Math.ceil(MEAN_RESPONSE_SHARE * maxResponseTokens);
    this.#longest = maxResponseTokens;
    // A row attends to its prompt and half of its response on average.
    const rows = 4, capacity = this.prompt + Math.ceil(this.response / 2);
    this.#perToken = graphs.rollout({ batch: rows, capacity }).productOperations / rows;
    const { rows: batch, piece, slots } = prefillSizes({ maxPromptTokens, batch: rolloutBatch }, threads);
    const pass = graphs.prefill({ batch, piece, prompt_slots: slots }).productOperations;
    this.#perPrompt = (this.prompt - 1) * pass / (batch * piece);
  }

  /** The size of a scored or trained sequence. */
  get sizes(): { readonly batch: number; readonly sequence: number } {
    return { batch: 1, sequence: this.prompt + this.response - 1 };
  }

  /** Sampling. */
  sampled(prompts: number, responses: number, rounds = 1): Work {
    const decoded = rounds * responses * this.response;
    return {
      maxTokens: responses * this.#longest,
      tokens: decoded,
      operations: operationsOf((purpose) =>
        purpose === "prompts"
          ? rounds * prompts * this.#perPrompt
          : purpose === "rollout"
          ? decoded * this.#perToken
          : 0
      ),
    };
  }
}

/** How many responses of a step are scored, where each has an advantage. */
function scoredResponses({ training }: Profile, method: Pick<Method, "kl" | "correction">): number {
  const advantages = Array.from({ length: training.promptsPerStep * training.groupSize }, () => [1]);
  return scoredPlaces(training, scoresAll({ method }) ? undefined : advantages).all.length;
}

/** One step of a method that trains a policy. */
function stepWork(
  profile: Profile,
  graphs: PlanGraphs,
  lengths: Lengths,
  { kl, correction, critic, dynamicSampling }: Pick<
    Method,
    "kl" | "correction" | "critic" | "dynamicSampling"
  >,
  policy: PolicyChoice,
): Work {
  const { promptsPerStep, groupSize } = profile.training, responses = promptsPerStep * groupSize;
  const { sizes } = lengths, refills = dynamicSampling?.refills ?? 0;
  const scored = scoredResponses(profile, { kl, correction }) + (kl ? responses : 0);
  const values = critic ? responses * graphs.critic.evaluation(sizes).productOperations : 0;
  const update = graphs.policy(policy).training(sizes).productOperations +
    (critic ? graphs.critic.training(sizes).productOperations : 0);
  const sampled = lengths.sampled(promptsPerStep, responses, expectedRounds(refills));
  return {
    maxTokens: sampled.maxTokens * (1 + refills),
    tokens: sampled.tokens,
    operations: {
      ...sampled.operations,
      scoring: scored * graphs.evaluation(sizes).productOperations + values,
      training: responses * update,
    },
  };
}

/** The probes of a run, the batch of responses included. */
function probeWork(
  { training: { probe } }: Profile,
  config: ModelConfig,
  lengths: Lengths,
  steps: number,
): Work[] {
  if (!probe) return [];
  const layers = probe.layers === "all"
    ? Array.from({ length: config.layers }, (_, i) => i + 1)
    : probe.layers;
  const responseTokens = Math.min(PROBE_TOKENS, lengths.response);
  const size = { completions: probe.problems, promptTokens: lengths.prompt, responseTokens };
  const each = probeCost(config, size, layers).operations, count = 1 + Math.floor(steps / probe.everySteps);
  return [lengths.sampled(probe.problems, probe.problems), only("inspection", count * each)];
}

/** The choice of a layer by an inspection. */
function choiceWork({ training: { internalLayer } }: Profile, config: ModelConfig, lengths: Lengths): Work[] {
  if (internalLayer !== "auto") return [];
  const { problems, samples, tokens } = LAYER_CHOICE, completions = problems * samples;
  const responseTokens = Math.min(tokens, lengths.response);
  const { operations } = inspectionCost(config, {
    completions,
    promptTokens: lengths.prompt,
    responseTokens,
  });
  return [lengths.sampled(problems, completions), only("inspection", operations)];
}

/** The work of an experiment, from its graphs. */
export function experimentWork(
  profile: Profile,
  config: ModelConfig,
  graphs: PlanGraphs,
  suites: readonly SuiteSize[],
): ExperimentWork {
  const lengths = new Lengths(profile, graphs), layered = withPlannedLayer(profile, config);
  const steps = new Map<string, Work>();
  const step = ({ name, method }: Pick<ProfileRow, "name" | "method">, policy: PolicyChoice): Work => {
    const key = `${name} ${policy}`,
      known = steps.get(key) ?? stepWork(profile, graphs, lengths, method, policy);
    steps.set(key, known);
    return known;
  };
  const runs = methodRows(profile).map((row) => {
    const probes = probeWork(profile, config, lengths, row.steps);
    const works = row.seeds.map((seed) =>
      sum([
        ...Array.from(
          runPolicies(layered, row, seed, config.layers),
          ([policy, count]) => scale(step(row, policy), count),
        ),
        ...probes,
      ])
    );
    return { name: row.name, works };
  });
  const problems = suites.reduce((all, suite) => all + (suite.problems ?? 0), 0);
  const evaluated = suites.reduce((all, { problems = 0, samples }) => all + problems * samples, 0);
  const trained = runs.flatMap(({ works }) => works), plain = {};
  return {
    step: stepWork(profile, graphs, lengths, plain, "full"),
    internalStep: stepWork(profile, graphs, lengths, plain, plannedLayer(profile, config)),
    methods: Object.fromEntries(runs.map(({ name, works: [first] }) => [name, first ?? sum([])])),
    training: sum([...trained, ...choiceWork(profile, config, lengths)]),
    evaluation: scale(lengths.sampled(problems, evaluated), trained.length + 1),
  };
}

/** Seconds of work on a machine that multiplies matrices at a speed, in operations a second. */
export function workSeconds({ operations }: Work, speed: number): number {
  const others = purposes.filter((purpose) => purpose !== "rollout");
  return operations.rollout / (EFFICIENCY.decoding * speed) +
    others.reduce((all, purpose) => all + operations[purpose], 0) / (EFFICIENCY.training * speed);
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
  const critic = 4 * parameterCount(criticParameters(config));
  const sizes = methodRows(profile).map(({ method, seeds, steps }) => {
    const kept = Math.min(last, Math.ceil(steps / training.checkpointEvery)) + (best ? 1 : 0);
    return { kept: seeds.length * kept, bytes: 3 * (weights + (method.critic ? critic : 0)) };
  });
  const written = Math.min(workers, runs) * Math.max(...sizes.map(({ bytes }) => bytes));
  const states = sizes.reduce((all, { kept, bytes }) => all + kept * bytes, written);
  const artifacts = weights + Object.values(files).reduce((all, bytes) => all + bytes, 0);
  const download = typeof model === "string" ? 0 : 2 * parameters;
  return { states, artifacts, total: states + artifacts, download };
}
