/**
 * The plan of an experiment: what it needs before anything is allocated, whether it fits, and what would make it fit.
 *
 * @module
 */

import { type ModelConfig, parameterCount, parameterShapes } from "../../model/mod.ts";
import { checkModelFit } from "../model_fit.ts";
import type { Machine } from "./machine.ts";
import { planGraphs } from "./graphs.ts";
import {
  longestSequence,
  type MemorySettings,
  processMemory,
  stages,
  type WorkerMemory,
  workerMemory,
} from "./memory.ts";
import {
  experimentStorage,
  type ExperimentWork,
  experimentWork,
  type Storage,
  type SuiteSize,
  workSeconds,
} from "./work.ts";
import type { Profile } from "../profile/mod.ts";

/** What is planned for. */
export interface PlanOptions {
  /** Jobs at a time. */
  readonly workers: number;
  /** The evaluation suites. */
  readonly suites: readonly SuiteSize[];
  /** Rows decoded together, if not the profile's. */
  readonly rolloutBatch?: number | undefined;
  /** Only asks whether it fits: no file sizes, no proposal where none is needed. */
  readonly quick?: boolean;
}

/** Settings that fit a machine. */
export interface Proposal extends MemorySettings {
  /** Jobs at a time. */
  readonly workers: number;
}

/** A plan. */
export interface Plan {
  /** The profile's name. */
  readonly profile: string;
  /** Numbers of parameters: of the model, and of those that BuPO's first phase trains. */
  readonly parameters: { readonly full: number; readonly internal: number };
  /** The profile's own settings. */
  readonly settings: Proposal;
  /** Positions of the longest sequence. */
  readonly longest: number;
  /** Memory of one worker. */
  readonly memory: WorkerMemory;
  /** Memory of the whole process, in bytes; for a device, of that. */
  readonly total: number;
  /** Memory of the device if layers computed in 16 bits; absent where they do, and on the CPU, which gains nothing. */
  readonly halfPrecision: number | undefined;
  /** The machine. */
  readonly machine: Machine;
  /** `no`: more than the machine has; `tight`: more than is free now; `unknown` if its memory cannot be read. */
  readonly fits: "yes" | "tight" | "no" | "unknown";
  /** The largest settings that fit, with the profile's own first; none if not even the smallest do. */
  readonly proposal: Proposal | undefined;
  /** What is computed. */
  readonly work: ExperimentWork;
  /** Seconds of training and evaluation in all; `undefined` if no speed is known. */
  readonly seconds: { readonly training: number; readonly evaluation: number } | undefined;
  /** Disk and network. */
  readonly storage: Storage;
  /** Bytes of each ONNX file. */
  readonly files: Readonly<Record<string, number>>;
  /** The evaluation suites. */
  readonly suites: readonly SuiteSize[];
}

/** The largest integer of a range for which something holds, if it holds for smaller ones too; none if for none. */
function largest(low: number, high: number, holds: (value: number) => boolean): number | undefined {
  if (high < low || !holds(low)) return undefined;
  let known = low, bound = high + 1;
  while (bound - known > 1) {
    const middle = Math.floor((known + bound) / 2);
    if (holds(middle)) known = middle;
    else bound = middle;
  }
  return known;
}

/** The most that a worker has on a device at a time: parameters, state, cache and what a graph holds, in bytes. */
export function deviceBytes({ stages: peaks, program, host }: WorkerMemory): number {
  return Math.max(
    ...stages.map((stage) => peaks[stage] - program - (stage === "evaluation" ? 0 : host)),
  );
}

/** The memory of a process, or of its device, with given settings. */
type Need = (settings: Proposal) => number;

/**
 * Settings that fit, near the profile's: fewer workers first, which changes no result, then fewer rows, which changes
 * none either, then a smaller micro-batch, then shorter responses. If the profile's own fit, the micro-batch grows.
 */
function propose(profile: Profile, wanted: Proposal, memory: number, need: Need): Proposal | undefined {
  const fits = (settings: Proposal): boolean => need(settings) <= memory;
  const longest = longestSequence(profile, wanted);
  const { training: { promptsPerStep, updatesPerStep, groupSize } } = profile;
  const perUpdate = Math.ceil(promptsPerStep / updatesPerStep) * groupSize;
  if (fits(wanted)) {
    const least = Math.max(1, Math.floor(wanted.microBatchTokens / longest));
    const rows = largest(least, perUpdate, (n) => fits({ ...wanted, microBatchTokens: n * longest }));
    return rows === undefined
      ? wanted
      : { ...wanted, microBatchTokens: Math.max(wanted.microBatchTokens, rows * longest) };
  }
  const workers = largest(1, wanted.workers, (n) => fits({ ...wanted, workers: n }));
  if (workers !== undefined) return { ...wanted, workers };
  const one = { ...wanted, workers: 1 };
  const batch = largest(1, Math.ceil(wanted.rolloutBatch / 4), (n) => fits({ ...one, rolloutBatch: 4 * n }));
  if (batch !== undefined) return { ...one, rolloutBatch: 4 * batch };
  const narrow = { ...one, rolloutBatch: 4 };
  const most = Math.max(1, Math.floor(wanted.microBatchTokens / longest));
  const rows = largest(1, most, (n) => fits({ ...narrow, microBatchTokens: n * longest }));
  if (rows !== undefined) return { ...narrow, microBatchTokens: rows * longest };
  const short = (tokens: number): Proposal => {
    const settings = { ...narrow, maxResponseTokens: tokens };
    return { ...settings, microBatchTokens: longestSequence(profile, settings) };
  };
  const response = largest(1, wanted.maxResponseTokens, (tokens) => fits(short(tokens)));
  return response === undefined ? undefined : short(response);
}

/**
 * Plans an experiment. Nothing is allocated or downloaded.
 *
 * @throws {RangeError} If the profile asks for more context, or for another layer, than the model has.
 */
export function planProfile(
  profile: Profile,
  config: ModelConfig,
  machine: Machine,
  { workers, suites, rolloutBatch = profile.rolloutBatch, quick = false }: PlanOptions,
): Plan {
  checkModelFit(profile, config);
  const { name, maxResponseTokens, training } = profile;
  const jobs = profile.methods.length * profile.seeds.length + 1;
  const settings: Proposal = {
    workers: Math.min(workers, jobs),
    microBatchTokens: training.microBatchTokens,
    rolloutBatch,
    maxResponseTokens,
  };
  const graphs = planGraphs(profile, config);
  const needOf = (worker: WorkerMemory, count: number): number =>
    machine.device ? count * deviceBytes(worker) : processMemory(worker, count, config);
  const need: Need = (wanted) => needOf(workerMemory(profile, config, graphs, wanted), wanted.workers);
  const memory = workerMemory(profile, config, graphs, settings), total = need(settings);
  const limit = machine.memory;
  const fits = limit === undefined
    ? "unknown"
    : total > limit
    ? "no"
    : total > (machine.available ?? limit)
    ? "tight"
    : "yes";
  const work = experimentWork(profile, graphs, suites), files = quick ? {} : graphs.files();
  const half = { ...profile, precision: "float16" } as const;
  const halfPrecision = quick || !machine.device || graphs.layout.precision !== "float32"
    ? undefined
    : needOf(workerMemory(half, config, planGraphs(half, config), settings), settings.workers);
  return {
    profile: name,
    parameters: {
      full: parameterCount(parameterShapes(config)),
      internal: parameterCount(graphs.internal.parameters),
    },
    settings,
    longest: longestSequence(profile, settings),
    memory,
    total,
    halfPrecision,
    machine,
    fits,
    proposal: limit === undefined
      ? undefined
      : quick && fits !== "no"
      ? settings
      : propose(profile, settings, limit, need),
    work,
    seconds: experimentSeconds(profile, work, machine, settings.workers),
    storage: experimentStorage(profile, config, files, settings.workers),
    files,
    suites,
  };
}

/** Seconds of an experiment: workers share the jobs as far as there are cores for their threads. */
function experimentSeconds(
  { threads }: Profile,
  { training, evaluation }: ExperimentWork,
  { speed, named, cores }: Machine,
  workers: number,
): Plan["seconds"] {
  if (speed === undefined) return undefined;
  const whole = named ? speed : speed * Math.max(1, Math.min(workers, Math.floor(cores / threads)));
  return { training: workSeconds(training, whole), evaluation: workSeconds(evaluation, whole) };
}

/** Bytes as GiB. */
export function formatMemory(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return `${gib < 10 ? gib.toFixed(2) : gib.toFixed(1)} GiB`;
}

/** What of a profile has to change to be a proposal, as settings in words; empty if nothing. */
export function changesOf({ settings, proposal }: Plan): string[] {
  if (!proposal) return [];
  const words: Readonly<Record<keyof Proposal, string>> = {
    workers: "--workers",
    rolloutBatch: "--rollout-batch",
    microBatchTokens: "training.microBatchTokens",
    maxResponseTokens: "maxResponseTokens",
  };
  return (Object.keys(words) as (keyof Proposal)[]).filter((key) => proposal[key] < settings[key])
    .map((key) => `${words[key]} ${proposal[key]}`);
}

/** Why a plan cannot run on its machine, and what to do: one line; `undefined` if it can, or if that is not known. */
export function checkFits(plan: Plan): string | undefined {
  const { fits, profile, total, machine: { memory = 0, device = false } } = plan;
  if (fits !== "no") return undefined;
  const changes = changesOf(plan);
  const advice = changes.length > 0
    ? `with ${changes.join(" and ")} it fits`
    : `no setting makes it fit: weights, gradients and moments alone take ${
      formatMemory(4 * plan.memory.weights)
    }`;
  return `Cannot run ${profile}: it needs ${formatMemory(total)} of memory, ${
    device ? "the device" : "this machine"
  } has ${formatMemory(memory)}; ${advice}; --force-memory tries all the same`;
}
