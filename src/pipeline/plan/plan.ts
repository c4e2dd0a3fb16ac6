/**
 * The plan of an experiment: what it needs before anything is allocated, whether it fits, and what would make it fit.
 *
 * @module
 */

import { type ModelConfig, parameterCount, parameterShapes } from "../../model/mod.ts";
import { checkModelFit } from "../model_fit.ts";
import type { Machine } from "./machine.ts";
import { type PlanGraphs, planGraphs } from "./graphs.ts";
import {
  longestSequence,
  type MemorySettings,
  memorySettings,
  processMemory,
  type WorkerMemory,
  workerMemory,
} from "./memory.ts";
import { type Proposal, propose, proposedChanges } from "./proposal.ts";
import {
  experimentStorage,
  type ExperimentWork,
  experimentWork,
  type Storage,
  type SuiteSize,
  workSeconds,
} from "./work.ts";
import { methodRows, type Profile, profileRuns } from "../profile/mod.ts";

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
  /** Plans with the settings that fit, where the profile's own do not. */
  readonly adopt?: boolean;
}

/** A card, and how a profile runs on it. */
export interface CardPlan {
  /** Its memory as it is sold, in GB. */
  readonly card: number;
  /** The settings; with the profile's own lengths. */
  readonly proposal: Proposal;
}

/** A plan. */
export interface Plan {
  /** The profile's name. */
  readonly profile: string;
  /** Numbers of parameters: of the model, and of those that BuPO's first phase trains. */
  readonly parameters: { readonly full: number; readonly internal: number };
  /** The profile's own settings. */
  readonly own: Proposal;
  /** Those that are planned with. */
  readonly settings: Proposal;
  /** Positions of the longest sequence. */
  readonly longest: number;
  /** Memory of one worker. */
  readonly memory: WorkerMemory;
  /** Memory of the whole process, in bytes; for a device, of that. */
  readonly total: number;
  /** Memory of the process beside a device, in bytes; absent without one. */
  readonly host: number | undefined;
  /** Memory of the device if layers computed in 16 bits; absent where they do, and on the CPU, which gains nothing. */
  readonly halfPrecision: number | undefined;
  /** The machine. */
  readonly machine: Machine;
  /** `no`: more than the machine has; `tight`: more than is free now; `unknown` if its memory cannot be read. */
  readonly fits: "yes" | "tight" | "no" | "unknown";
  /** The largest settings that fit, with the profile's own first; none if not even the smallest do. */
  readonly proposal: Proposal | undefined;
  /** The smallest card that runs the profile with its own lengths; absent where none does, and in a quick plan. */
  readonly smallestCard: CardPlan | undefined;
  /** Training runs: each method with each of its seeds. */
  readonly runs: number;
  /** Whether a method samples groups anew. */
  readonly refilled: boolean;
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

/** The memory of cards that are sold, in GB. */
export const CARDS = [12, 24, 48, 80, 141] as const;

/**
 * The part of a card's memory that graphs and tensors may take: the driver, the provider's libraries and the allocator's
 * rounding take the rest.
 */
export const CARD_SHARE = 0.92;

/** The bytes that a card leaves to graphs and tensors. */
export function cardBytes(card: number): number {
  return CARD_SHARE * card * 2 ** 30;
}

/** What plans of a profile share: graphs are traced once for each precision, and needs are remembered. */
class Needs {
  readonly #profile: Profile;
  readonly #config: ModelConfig;
  readonly #graphs = new Map<string, PlanGraphs>();
  readonly #workers = new Map<string, WorkerMemory>();

  constructor(profile: Profile, config: ModelConfig) {
    this.#profile = profile;
    this.#config = config;
  }

  graphs(
    { precision, kvCache, checkpointing }: Pick<MemorySettings, "precision" | "kvCache" | "checkpointing">,
  ): PlanGraphs {
    const keyOf = (recomputed: boolean): string => `${precision} ${kvCache} ${recomputed}`;
    const known = this.#graphs.get(keyOf(checkpointing));
    if (known) return known;
    const training = { ...this.#profile.training, checkpointing };
    const changed = { ...this.#profile, precision, rollout: { kvCache }, training };
    const made = planGraphs(changed, this.#config, this.#graphs.get(keyOf(!checkpointing)));
    this.#graphs.set(keyOf(checkpointing), made);
    return made;
  }

  worker({ workers: _, ...settings }: Proposal, device: boolean): WorkerMemory {
    const key = JSON.stringify([settings, device]), known = this.#workers.get(key);
    if (known) return known;
    const made = workerMemory(this.#profile, this.#config, this.graphs(settings), settings, device);
    this.#workers.set(key, made);
    return made;
  }

  /** Bytes of the process, or of the device. */
  total(settings: Proposal, device: boolean): number {
    const worker = this.worker(settings, device);
    return device ? settings.workers * worker.peak : processMemory(worker, settings.workers, this.#config);
  }

  /** Bytes of the process beside a device. */
  host(settings: Proposal): number {
    const { onHost: peak } = this.worker(settings, true);
    return processMemory({ peak }, settings.workers, this.#config);
  }
}

/** The smallest card that runs a profile with its own lengths; none if the largest does not. */
function smallestCard(profile: Profile, wanted: Proposal, needs: Needs): CardPlan | undefined {
  const one = { ...wanted, workers: 1 };
  for (const card of CARDS) {
    const fits = (settings: Proposal): boolean => needs.total(settings, true) <= cardBytes(card);
    const proposal = fits(one) ? one : propose(profile, one, { fits, sixteen: "bfloat16", device: true });
    if (proposal?.maxResponseTokens === wanted.maxResponseTokens) return { card, proposal };
  }
  return undefined;
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
  { workers, suites, rolloutBatch = profile.rolloutBatch, quick = false, adopt = false }: PlanOptions,
): Plan {
  checkModelFit(profile, config);
  const runs = profileRuns(profile).length;
  const own: Proposal = { workers: Math.min(workers, runs + 1), ...memorySettings(profile, rolloutBatch) };
  const needs = new Needs(profile, config),
    { device = false, memory: limit = Infinity, host = Infinity } = machine;
  const fitting = (settings: Proposal): boolean =>
    needs.total(settings, device) <= limit && (!device || needs.host(settings) <= host);
  const near = (settings: Proposal): Proposal | undefined =>
    propose(profile, settings, {
      fits: fitting,
      sixteen: device ? machine.sixteen ?? "float16" : "float32",
      device,
    });
  const adopted = adopt && !fitting(own) ? near(own) : undefined, settings = adopted ?? own;
  const fits = machine.memory === undefined
    ? "unknown"
    : !fitting(settings)
    ? "no"
    : needs.total(settings, device) > (machine.available ?? limit)
    ? "tight"
    : "yes";
  const graphs = needs.graphs(settings), work = experimentWork(profile, config, graphs, suites);
  const files = quick ? {} : graphs.files();
  return {
    profile: profile.name,
    parameters: {
      full: parameterCount(parameterShapes(config)),
      internal: parameterCount(graphs.internal.parameters),
    },
    own,
    settings,
    longest: longestSequence(profile, settings),
    memory: needs.worker(settings, device),
    total: needs.total(settings, device),
    host: device ? needs.host(settings) : undefined,
    halfPrecision: quick || !device || settings.precision !== "float32"
      ? undefined
      : needs.total({ ...settings, precision: machine.sixteen ?? "float16" }, true),
    machine,
    fits,
    proposal: machine.memory === undefined
      ? undefined
      : adopted ?? (quick && fits !== "no" ? settings : near(settings)),
    smallestCard: quick ? undefined : smallestCard(profile, own, needs),
    runs,
    refilled: methodRows(profile).some(({ method }) => method.dynamicSampling),
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
  return proposedChanges(settings, proposal);
}

/** The least that there is of state: on a device in 16 bits, and without what the host can hold. */
function noSetting({ memory: { weights }, machine: { device }, smallestCard: card }: Plan): string {
  const alone = device
    ? `weights in 16 bits and gradients alone take ${formatMemory(1.5 * weights)}`
    : `weights, gradients and moments alone take ${formatMemory(4 * weights)}`;
  return `no setting makes it fit: ${alone}${card ? `; the smallest card for it has ${card.card} GB` : ""}`;
}

/** What to change where a plan does not fit, in words. */
export function adviceOf(plan: Plan): string {
  const changes = changesOf(plan);
  return changes.length > 0 ? `with ${changes.join(" and ")} it fits` : noSetting(plan);
}

/** Why a plan cannot run on its machine, and what to do: one line; `undefined` if it can, or if that is not known. */
export function checkFits(plan: Plan): string | undefined {
  const { fits, profile, total, host = 0, machine: { memory = 0, device = false, host: hosts } } = plan;
  if (fits !== "no") return undefined;
  if (device && total <= memory && hosts !== undefined) {
    return `Cannot run ${profile}: beside the device it needs ${
      formatMemory(host)
    } of memory, this machine has ${formatMemory(hosts)}; ${
      adviceOf(plan)
    }; --force-memory tries all the same`;
  }
  return `Cannot run ${profile}: it needs ${formatMemory(total)} of memory, ${
    device ? "the device" : "this machine"
  } has ${formatMemory(memory)}; ${adviceOf(plan)}; --force-memory tries all the same`;
}
