/**
 * What a machine has: memory, cores, speed.
 *
 * @module
 */

import { matrixProductSpeed, type Runtime } from "../../runtime/mod.ts";

/** A machine that an experiment is planned for. */
export interface Machine {
  /** Bytes of memory that programs may use, the limit of a container included; `undefined` if that cannot be read. */
  readonly memory: number | undefined;
  /** Whether that is the memory of a device, where only tensors lie, and not the host's. Default false. */
  readonly device?: boolean;
  /** What of 16 bits the device computes in; default float16. */
  readonly sixteen?: "float16" | "bfloat16";
  /** Bytes of the host's memory beside a device; absent where that cannot be read. */
  readonly host?: number;
  /** Bytes of it that are free now; `undefined` if that cannot be read. */
  readonly available: number | undefined;
  /** Cores. */
  readonly cores: number;
  /** Operations a second of a float32 matrix product with the profile's threads; `undefined` if not measured. */
  readonly speed: number | undefined;
  /** Whether the speed was named, for a machine of which only that is known, and is that of all its cores. */
  readonly named: boolean;
}

/** Where Linux tells the memory limit of a container. */
const limitFiles = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] as const;

/** The memory limit of this process's container, in bytes; none if there is none or it cannot be read. */
async function containerLimit(): Promise<number | undefined> {
  for (const path of limitFiles) {
    try {
      const limit = Number(await Deno.readTextFile(path));
      if (Number.isFinite(limit) && limit > 0) return limit;
    } catch {
      // Another system, or no permission: then there is no limit to know of.
    }
  }
  return undefined;
}

/** Memory of this machine as far as it can be read. */
async function readMemory(): Promise<Pick<Machine, "memory" | "available">> {
  const limit = await containerLimit() ?? Infinity;
  try {
    const { total, available } = Deno.systemMemoryInfo();
    return { memory: Math.min(total, limit), available: Math.min(available, limit) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return { memory: Number.isFinite(limit) ? limit : undefined, available: undefined };
  }
}

/**
 * A machine whose device has so much memory; jobs share it, so that it counts as one core.
 *
 * @param sixteen What of 16 bits the device computes in.
 */
export function withDevice(
  machine: Machine,
  memory: number | undefined,
  sixteen: "float16" | "bfloat16" = "float16",
): Machine {
  const host = machine.memory === undefined ? {} : { host: machine.memory };
  return { ...machine, ...host, memory, available: memory, device: true, cores: 1, sixteen };
}

/**
 * This machine.
 *
 * @param runtime Measures the speed of a matrix product, for about a second; absent: the speed stays unknown.
 */
export async function thisMachine(runtime?: Runtime): Promise<Machine> {
  return {
    ...await readMemory(),
    cores: navigator.hardwareConcurrency,
    speed: runtime && await matrixProductSpeed(runtime),
    named: false,
  };
}
