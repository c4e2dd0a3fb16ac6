/**
 * `deno task train`: the training stage alone.
 *
 * @module
 */

import { allRuns, Pool } from "../src/pipeline/mod.ts";
import { type MethodName, methods } from "../src/rl/mod.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import { checkDisk, diskFlag, diskFlagHelp } from "./shared/disk_check.ts";
import { checkMemory, memoryFlag, memoryFlagHelp } from "./shared/memory_check.ts";
import { poolListener, runFlags, runFlagsHelp, runOptions, tellFallback } from "./shared/run_flags.ts";
import { checkSuites, suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";
import { stoppable } from "./shared/stoppable.ts";

/** The method of a name; none if no name is given. */
export function readMethod(name: string | undefined): MethodName | undefined {
  if (name === undefined) return undefined;
  const known = Object.keys(methods) as MethodName[];
  const method = known.find((candidate) => candidate === name);
  if (!method) throw new UsageError(`Cannot use the method "${name}": expected ${known.join(" or ")}`);
  return method;
}

/** Trains the methods and seeds of a profile. */
export const command: Command = {
  help: `Usage: deno task train [--profile NAME] [--method NAME] [--seed N] [flags]

  --method NAME        only this method (grpo, bupo)
  --seed N             only this seed
${suiteCheckFlagsHelp}
${memoryFlagHelp}
${diskFlagHelp}
${runFlagsHelp}`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean, memoryFlag, diskFlag],
      string: [...runFlags.string, ...suiteCheckFlags.string, "method", "seed"],
    });
    const options = await runOptions(flags), { context, workers, progress, json } = options;
    await checkDisk(flags, await checkMemory(flags, options), context.storeDirectory);
    await checkSuites(flags, options);
    const { profile } = context;
    const method = readMethod(flags.text("method")), seed = flags.integer("seed", 0);
    tellFallback(options);
    const seeds = seed === undefined ? profile.seeds : [seed], wanted = method ? [method] : profile.methods;
    const runs = seeds.flatMap((each) => wanted.map((name) => ({ method: name, seed: each })));
    return await stoppable(options, async (stopping) => {
      using pool = new Pool(stopping, workers, poolListener(progress));
      const results = await allRuns(runs.map(async (run) => {
        const { checkpoint, metrics } = await pool.run({ kind: "train", ...run });
        return {
          ...run,
          checkpoint,
          firstReward: metrics[0]?.rewardMean,
          lastReward: metrics.at(-1)?.rewardMean,
        };
      }));
      if (json) print(JSON.stringify(results));
      else {
        for (const { method: name, seed: each, checkpoint, firstReward = 0, lastReward = 0 } of results) {
          const rewards = `reward ${firstReward.toFixed(3)} → ${lastReward.toFixed(3)}`;
          print(`${methods[name].label} seed ${each}: ${rewards}, checkpoint ${checkpoint}`);
        }
      }
      return 0;
    });
  },
};
