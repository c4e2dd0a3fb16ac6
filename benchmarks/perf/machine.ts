/**
 * What a record says of its machine and of the commit that was measured.
 *
 * @module
 */

import { cpus } from "node:os";
import { cpuInstructions, onnxRuntimeVersion } from "../../src/runtime/mod.ts";
import { UsageError } from "../../tasks/shared/command.ts";
import type { Found } from "./contenders.ts";
import type { PerfRecord } from "./history.ts";

/** The machine, but for its load. */
export function describeMachine(): Omit<PerfRecord["machine"], "load"> {
  const found = cpus();
  return {
    processor: found[0]?.model.trim() ?? "unknown",
    instructions: cpuInstructions() ?? "unknown instructions",
    cores: Math.max(1, found.length),
    memory: Deno.systemMemoryInfo().total / 2 ** 30,
    system: `${Deno.build.os} ${Deno.osRelease()}`,
  };
}

/** The load of the last minute. */
export function load(): number {
  return Deno.loadavg()[0] as number; // three numbers
}

/** Versions of us and of the peers that are there. */
export function versionsOf(peers: readonly Found[]): Record<string, string> {
  const there = peers.flatMap(({ contender, kernel }) =>
    kernel === undefined ? [] : [[contender.name, kernel]]
  );
  return { deno: Deno.version.deno, onnxruntime: onnxRuntimeVersion(), ...Object.fromEntries(there) };
}

async function git(...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", { args }).output();
  if (!success) throw new UsageError("Cannot record: this is no work tree of git");
  return new TextDecoder().decode(stdout).trim();
}

/**
 * The commit that is measured.
 *
 * @throws {UsageError} If files differ from it: then it is not what is measured.
 */
export async function measuredCommit(): Promise<string> {
  const changed = await git("status", "--porcelain", "--untracked-files=no");
  if (changed !== "") {
    throw new UsageError(
      "Cannot record: files differ from the commit; commit them first, so that it is what was measured",
    );
  }
  return await git("rev-parse", "HEAD");
}
