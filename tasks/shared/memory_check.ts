/**
 * Refuses to start what cannot fit into memory, before anything is allocated.
 *
 * @module
 */

import { parseConfig } from "../../src/model/mod.ts";
import {
  checkFits,
  formatMemory,
  type Machine,
  type Plan,
  planProfile,
  suiteSizes,
  thisMachine,
  withDevice,
} from "../../src/pipeline/mod.ts";
import {
  type Adapter,
  listAdapters,
  matrixProductSpeed,
  openRuntime,
  type Provider,
} from "../../src/runtime/mod.ts";
import type { Flags } from "./command.ts";
import type { RunOptions } from "./run_flags.ts";

/** What of 16 bits a provider computes in. */
export const sixteenBits = { webgpu: "float16", cuda: "bfloat16" } as const;

/** The flag, for `readFlags`. */
export const memoryFlag = "force-memory";

/** It in words, for `--help`. */
export const memoryFlagHelp =
  "  --force-memory       start although the plan says that memory does not suffice";

/**
 * The memory of the adapter that a provider computes on, or `undefined`. CUDA's is the first that is a card; a graphics
 * loader may know of none.
 */
export function adapterMemory(
  provider: Exclude<Provider, "cpu">,
  adapters: readonly Adapter[] | undefined,
): number | undefined {
  const chosen = provider === "cuda" ? adapters?.find(({ kind }) => kind === "discrete") : adapters?.[0];
  return chosen && chosen.memory > 0 ? chosen.memory : undefined;
}

/**
 * Why a plan for a device does not keep to `--device-memory`, in one line; `undefined` if it does. The flag bounds what
 * stays there: parameters, gradients, moments and caches.
 */
export function checkLimit(
  { profile, memory, settings }: Plan,
  limit: number | undefined,
): string | undefined {
  const { gradients, moments, cache, reference, critic } = memory;
  const turns = settings.stagedMemory ? Math.max(gradients, cache) : gradients + cache;
  const placed = settings.workers * (memory.placed + moments + turns + reference + critic);
  if (limit === undefined || placed <= limit) return undefined;
  return `Cannot run ${profile}: parameters, gradients, moments and caches take ${
    formatMemory(placed)
  }, --device-memory allows ${
    formatMemory(limit)
  }; fewer workers, a smaller --rollout-batch, training.offload or training.stagedMemory take less; --force-memory tries all the same`;
}

/** MiB that a task of one training or evaluation should have, by the plan and a quarter more; none for a device's host. */
export async function taskMemory({ context, provider }: RunOptions): Promise<number | undefined> {
  if (provider !== "cpu") return undefined;
  const { profile, files, root, rolloutBatch } = context;
  const config = parseConfig(await Deno.readTextFile(`${files.model}/config.json`));
  const suites = await suiteSizes(profile, root);
  const options = { workers: 1, rolloutBatch, suites, quick: true };
  const { total } = planProfile(profile, config, await thisMachine(), options);
  return 256 * Math.ceil(1.25 * total / 2 ** 28);
}

/**
 * Plans a run, and checks it against the memory of the machine, or of the device that it computes on; says so where that
 * is unknown. On the CPU the speed is measured too, in a tenth of a second.
 *
 * @throws {RangeError} If it cannot fit and is not forced: what it needs, and what to change.
 */
export async function checkMemory(
  flags: Flags,
  { context, workers, provider, progress }: RunOptions,
): Promise<Plan> {
  const { profile, files, root, rolloutBatch, deviceMemory } = context;
  const config = parseConfig(await Deno.readTextFile(`${files.model}/config.json`));
  const host = await thisMachine();
  const machine: Machine = provider === "cpu"
    ? { ...host, speed: await matrixProductSpeed(openRuntime({ provider, threads: profile.threads }), 1) }
    : withDevice(host, adapterMemory(provider, listAdapters()), sixteenBits[provider]);
  const suites = await suiteSizes(profile, root);
  const plan = planProfile(profile, config, machine, { workers, rolloutBatch, suites, quick: true });
  if (flags.on(memoryFlag)) return plan;
  const reason = checkFits(plan) ?? (machine.device ? checkLimit(plan, deviceMemory) : undefined);
  if (reason !== undefined) throw new RangeError(reason);
  if (machine.device && machine.memory === undefined) {
    progress.line(
      `Not checked whether the device has ${formatMemory(plan.total)}: its memory cannot be read here`,
    );
  }
  return plan;
}
