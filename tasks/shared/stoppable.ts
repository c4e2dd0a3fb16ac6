/**
 * Commands that compute for long: they stop between steps when they are asked to, and say how to go on.
 *
 * @module
 */

import { type JobContext, StopFlag, StoppedError } from "../../src/pipeline/mod.ts";
import { sweepStore } from "../../src/store_files.ts";
import { stopOnSignal, stoppedExitCode } from "./signals.ts";
import { keepProfile } from "./own_run.ts";
import { CALL } from "./root.ts";
import type { RunOptions } from "./run_flags.ts";

/** What a killed run left is older than this, in milliseconds; what is younger may be another run's at work. */
const LEFT_OVER = 24 * 3600 * 1000;

/**
 * Runs a command's work so that signals stop it between steps.
 *
 * @param work What to do, with a context whose jobs see the signals; returns the exit code.
 * @returns The exit code; that of the signal, if one stopped the work.
 */
export async function stoppable(
  { context, progress, own }: RunOptions,
  work: (context: JobContext) => Promise<number>,
): Promise<number> {
  // A store that can only be read needs no sweep.
  await sweepStore(context.storeDirectory, LEFT_OVER).catch(() => {});
  // Everything was checked: from here on it is a run, which a file shall say too.
  if (own) {
    const file = await keepProfile(context.profile, context.storeDirectory).catch(() => undefined);
    if (file !== undefined) {
      progress.line(`The profile of this run is kept: ${CALL} … --profile ${file}`);
    }
  }
  const flag = new StopFlag();
  using _ = stopOnSignal(flag, (text) => progress.line(text));
  try {
    return await work({ ...context, stop: flag.buffer });
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    progress.line(`${error.message}`);
    progress.line("All of it is saved: the same command goes on from there.");
    return stoppedExitCode();
  }
}
