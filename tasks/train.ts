/**
 * `deno task train`: the training stage alone.
 *
 * @module
 */

import { allRuns, methodRow, Pool, type Profile, profileRuns } from "../src/pipeline/mod.ts";
import { methodLabel } from "../src/rl/mod.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import { checkDisk, diskFlag, diskFlagHelp } from "./shared/disk_check.ts";
import { checkMemory, memoryFlag, memoryFlagHelp } from "./shared/memory_check.ts";
import { poolListener, runFlags, runFlagsHelp, runOptions, tellFallback } from "./shared/run_flags.ts";
import { checkSuites, suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";
import { stoppable } from "./shared/stoppable.ts";
import { watchFlag, watchFlagHelp, watching } from "./shared/watch.ts";

/**
 * A method of a profile; none if no name is given.
 *
 * @throws {UsageError} If the profile has none of that name.
 */
export function readMethod(profile: Profile, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return methodRow(profile, name).name;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Trains the methods and seeds of a profile. */
export const command: Command = {
  help: `Usage: deno task train [--profile NAME] [--method NAME] [--seed N] [flags]

  --method NAME        only this method of the profile
  --seed N             only this seed
${watchFlagHelp}
${suiteCheckFlagsHelp}
${memoryFlagHelp}
${diskFlagHelp}
${runFlagsHelp}`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean, memoryFlag, diskFlag, watchFlag],
      string: [...runFlags.string, ...suiteCheckFlags.string, "method", "seed"],
    });
    const options = await runOptions(flags), { context, workers, progress, json } = options;
    await checkDisk(flags, await checkMemory(flags, options), context.storeDirectory);
    await checkSuites(flags, options);
    const { profile } = context;
    const method = readMethod(profile, flags.text("method")), seed = flags.integer("seed", 0);
    tellFallback(options);
    const all = profileRuns(profile).filter((run) => method === undefined || run.method === method);
    const names = [...new Set(all.map((run) => run.method))];
    const runs = seed === undefined ? all : names.map((name) => ({ method: name, seed }));
    return await stoppable(options, async (stopping) => {
      const listener = poolListener(progress);
      using pool = new Pool(stopping, workers, flags.on(watchFlag) ? watching(listener, progress) : listener);
      const results = await allRuns(runs.map(async (run) => {
        const { checkpoint, metrics, best } = await pool.run({ kind: "train", ...run });
        return {
          ...run,
          checkpoint,
          ...(best ? { best } : {}),
          firstReward: metrics[0]?.rewardMean,
          lastReward: metrics.at(-1)?.rewardMean,
        };
      }));
      if (json) print(JSON.stringify(results));
      else {
        for (
          const { method: name, seed: each, checkpoint, best, firstReward = 0, lastReward = 0 } of results
        ) {
          const rewards = `reward ${firstReward.toFixed(3)} → ${lastReward.toFixed(3)}`;
          const better = best ? `, best after step ${best.step} (${best.value.toFixed(3)})` : "";
          print(`${methodLabel(name)} seed ${each}: ${rewards}, checkpoint ${checkpoint}${better}`);
        }
      }
      return 0;
    });
  },
};
