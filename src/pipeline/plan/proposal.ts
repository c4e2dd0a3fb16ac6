/**
 * Settings that fit a memory, near those of a profile.
 *
 * @module
 */

import type { Profile } from "../profile/mod.ts";
import { longestSequence, type MemorySettings } from "./memory.ts";

/** Settings that fit a machine. */
export interface Proposal extends MemorySettings {
  /** Jobs at a time. */
  readonly workers: number;
}

/** The largest integer of a range for which something holds, if it holds for smaller ones too; none if for none. */
export function largest(low: number, high: number, holds: (value: number) => boolean): number | undefined {
  if (high < low || !holds(low)) return undefined;
  let known = low, bound = high + 1;
  while (bound - known > 1) {
    const middle = Math.floor((known + bound) / 2);
    if (holds(middle)) known = middle;
    else bound = middle;
  }
  return known;
}

/** What a proposal may use. */
export interface ProposalLimits {
  /** Do settings fit? */
  readonly fits: (settings: Proposal) => boolean;
  /** What layers may compute in to save memory; float32 where 16 bits save none. */
  readonly sixteen: MemorySettings["precision"];
  /** Whether there is a host beside the device that can hold state. */
  readonly device: boolean;
}

/** Settings that are on or off. */
type Switch = "checkpointing" | "stagedMemory" | "offload";

/** A larger micro-batch, where there is room for it. */
function grown(profile: Profile, wanted: Proposal, fits: ProposalLimits["fits"]): Proposal {
  const longest = longestSequence(profile, wanted);
  const { training: { promptsPerStep, updatesPerStep, groupSize } } = profile;
  const perUpdate = Math.ceil(promptsPerStep / updatesPerStep) * groupSize;
  const least = Math.max(1, Math.floor(wanted.microBatchTokens / longest));
  const rows = largest(least, perUpdate, (n) => fits({ ...wanted, microBatchTokens: n * longest }));
  return rows === undefined
    ? wanted
    : { ...wanted, microBatchTokens: Math.max(wanted.microBatchTokens, rows * longest) };
}

/** Less of a setting than another one has: the most that fits, or the least there is. */
interface Rung {
  /** The settings that still leave the most to be had. */
  readonly settings: Proposal;
  /** Whether they fit. */
  readonly fitting: boolean;
}

/**
 * Settings that fit, near the profile's. What changes no result goes first: fewer workers, gradient checkpointing, memory by
 * stage, state on the host, down to half of the rows; then what rounds otherwise: KV caches in 16 bits, a smaller
 * micro-batch with few rows, layers in 16 bits; shorter responses last. Of the switches only those stay on that the rest needs. If the profile's own fit, the
 * micro-batch grows.
 */
export function propose(profile: Profile, wanted: Proposal, limits: ProposalLimits): Proposal | undefined {
  const { fits, sixteen, device } = limits;
  if (fits(wanted)) return grown(profile, wanted, fits);
  const workers = largest(1, wanted.workers, (n) => fits({ ...wanted, workers: n }));
  if (workers !== undefined) return { ...wanted, workers };
  const switches = (["checkpointing", "stagedMemory", ...device ? ["offload" as const] : []] as Switch[])
    .filter((name) => !wanted[name]);
  let settings: Proposal = { ...wanted, workers: 1 };
  /** Turns off again what is not needed, the dearest first. */
  const pruned = (full: Proposal): Proposal =>
    switches.toReversed().reduce((kept, name) => {
      const without = { ...kept, [name]: false };
      return fits(without) ? without : kept;
    }, full);
  for (const name of switches) {
    settings = { ...settings, [name]: true };
    if (fits(settings)) return pruned(settings);
  }
  const longest = longestSequence(profile, wanted);
  const most = Math.max(1, Math.floor(wanted.microBatchTokens / longest));
  const fewer = (from: Proposal): Rung => {
    const fours = largest(1, Math.ceil(from.rolloutBatch / 4), (n) => fits({ ...from, rolloutBatch: 4 * n }));
    if (fours !== undefined) return { settings: { ...from, rolloutBatch: 4 * fours }, fitting: true };
    const narrow = { ...from, rolloutBatch: 4 };
    const rows = largest(1, most, (n) => fits({ ...narrow, microBatchTokens: n * longest }));
    const least = { ...narrow, microBatchTokens: (rows ?? 1) * longest };
    return { settings: least, fitting: rows !== undefined };
  };
  const half = largest(
    Math.ceil(settings.rolloutBatch / 8),
    Math.ceil(settings.rolloutBatch / 4),
    (n) => fits({ ...settings, rolloutBatch: 4 * n }),
  );
  if (half !== undefined) return pruned({ ...settings, rolloutBatch: 4 * half });
  const cached: Proposal = { ...settings, kvCache: "float16" };
  if (fits(cached)) return pruned(cached);
  const first = fewer(settings.precision === "float32" ? cached : settings);
  if (first.fitting) return pruned(first.settings);
  let last = first.settings;
  if (sixteen !== "float32" && settings.precision === "float32") {
    const short = { ...settings, precision: sixteen };
    if (fits(short)) return pruned(short);
    const second = fewer(short);
    if (second.fitting) return pruned(second.settings);
    last = second.settings;
  }
  const short = (tokens: number): Proposal => {
    const shorter = { ...last, maxResponseTokens: tokens };
    return { ...shorter, microBatchTokens: longestSequence(profile, shorter) };
  };
  const response = largest(1, wanted.maxResponseTokens, (tokens) => fits(short(tokens)));
  return response === undefined ? undefined : pruned(short(response));
}

/** How settings are named where a user sets them. */
const flagNames: Readonly<Record<keyof Proposal, string>> = {
  workers: "--workers",
  rolloutBatch: "--rollout-batch",
  microBatchTokens: "training.microBatchTokens",
  maxResponseTokens: "maxResponseTokens",
  precision: "precision",
  kvCache: "rollout.kvCache",
  checkpointing: "training.checkpointing",
  offload: "training.offload",
  stagedMemory: "training.stagedMemory",
};

/** Those settings of a proposal that take less memory than the profile's own. */
function changed(settings: Proposal, proposal: Proposal): (keyof Proposal)[] {
  return (Object.keys(flagNames) as (keyof Proposal)[]).filter((key) => {
    const before = settings[key], after = proposal[key];
    return typeof before === "number" && typeof after === "number" ? after < before : after !== before;
  });
}

/** What has to change, as settings in words; empty if nothing. */
export function proposedChanges(settings: Proposal, proposal: Proposal | undefined): string[] {
  return proposal ? changed(settings, proposal).map((key) => `${flagNames[key]} ${proposal[key]}`) : [];
}

/** A profile with the settings of a proposal, but for the number of workers, which is none of its fields. */
export function withProposal(profile: Profile, settings: Proposal, proposal: Proposal): Profile {
  const set = new Set(changed(settings, proposal));
  const pick = <K extends keyof Proposal>(...keys: K[]): Pick<Proposal, K> =>
    Object.fromEntries(keys.filter((key) => set.has(key)).map((key) => [key, proposal[key]])) as Pick<
      Proposal,
      K
    >;
  return {
    ...profile,
    ...pick("rolloutBatch", "maxResponseTokens", "precision"),
    ...(set.has("kvCache") ? { rollout: { ...profile.rollout, kvCache: proposal.kvCache } } : {}),
    training: {
      ...profile.training,
      ...pick("microBatchTokens", "checkpointing", "offload", "stagedMemory"),
    },
  };
}

/** The fields of a profile that a proposal sets, as `field: value` in the order of a profile. */
export function proposedFields(settings: Proposal, proposal: Proposal): string[] {
  return changed(settings, proposal).filter((key) => key !== "workers").map((key) => {
    const field = key === "rolloutBatch" ? key : flagNames[key];
    return `${field}: ${JSON.stringify(proposal[key])}`;
  });
}
