/**
 * Refuses to start what cannot fit into memory, before anything is allocated.
 *
 * @module
 */

import { parseConfig } from "../src/model/mod.ts";
import { checkFits, planProfile, thisMachine } from "../src/pipeline/mod.ts";
import type { Flags } from "./command.ts";
import type { RunOptions } from "./run_flags.ts";

/** The flag, for `readFlags`. */
export const memoryFlag = "force-memory";

/** It in words, for `--help`. */
export const memoryFlagHelp =
  "  --force-memory       start although the plan says that memory does not suffice";

/**
 * Checks a run against the machine's memory.
 *
 * @throws {RangeError} If it cannot fit and is not forced: what it needs, and what to change.
 */
export async function checkMemory(flags: Flags, { context, workers }: RunOptions): Promise<void> {
  if (flags.on(memoryFlag)) return;
  const { profile, files, rolloutBatch } = context;
  const config = parseConfig(await Deno.readTextFile(`${files.model}/config.json`));
  const plan = planProfile(profile, config, await thisMachine(), {
    workers,
    rolloutBatch,
    suites: [],
    quick: true,
  });
  const reason = checkFits(plan);
  if (reason !== undefined) throw new RangeError(reason);
}
