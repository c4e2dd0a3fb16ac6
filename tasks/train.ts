/**
 * `deno task train`: the training stage alone.
 *
 * @module
 */

import type { Collective } from "../src/collective/mod.ts";
import {
  allRuns,
  methodRow,
  Pool,
  type Profile,
  profileRuns,
  type TrainingRecord,
  trainTogether,
} from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import { methodLabel } from "../src/rl/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { checkDisk, diskFlag, diskFlagHelp } from "./shared/disk_check.ts";
import {
  engineFlag,
  engineFlagHelp,
  firstThenOthers,
  processesHere,
  withEngine,
} from "./shared/engine_flag.ts";
import { checkMemory, memoryFlag, memoryFlagHelp } from "./shared/memory_check.ts";
import {
  poolListener,
  runFlags,
  runFlagsHelp,
  type RunOptions,
  runOptions,
  tellFallback,
} from "./shared/run_flags.ts";
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
       deno task train --model MODEL [--train SUITE] [flags]

  --method NAME        only this method of the profile
  --seed N             only this seed
${watchFlagHelp}
${engineFlagHelp}
${suiteCheckFlagsHelp}
${memoryFlagHelp}
${diskFlagHelp}
${runFlagsHelp}`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean, memoryFlag, diskFlag, watchFlag],
      string: [...runFlags.string, ...suiteCheckFlags.string, "method", "seed", engineFlag],
      list: runFlags.list,
    });
    return await withEngine(flags, (collective) => trainRuns(flags, collective));
  },
};

/** Trains what the flags say; several processes do each run together. */
async function trainRuns(flags: Flags, collective: Collective): Promise<number> {
  const here = processesHere(collective), first = collective.rank === 0;
  const options = await firstThenOthers(collective, async (): Promise<RunOptions> => {
    const read = await runOptions(flags);
    if (!first) return { ...read, progress: new Progress({ quiet: true }) };
    // What the processes on this machine take together.
    const planned = collective.size > 1 ? { ...read, workers: here } : read;
    await checkDisk(flags, await checkMemory(flags, planned), read.context.storeDirectory);
    await checkSuites(flags, read);
    return read;
  });
  const { context: { profile }, workers, progress, json } = options;
  const method = readMethod(profile, flags.text("method")), seed = flags.integer("seed", 0);
  if (first) tellFallback(options);
  const all = profileRuns(profile).filter((run) => method === undefined || run.method === method);
  const names = [...new Set(all.map((run) => run.method))];
  const runs = seed === undefined ? all : names.map((name) => ({ method: name, seed }));
  const jobs = runs.map((run) => ({ kind: "train", ...run } as const));
  return await stoppable(options, async (stopping) => {
    const plain = poolListener(progress), listener = flags.on(watchFlag) ? watching(plain, progress) : plain;
    let records: readonly TrainingRecord[];
    if (collective.size > 1) {
      progress.line(`${collective.size} processes train together over ${collective.name}`);
      records = await trainTogether(stopping, collective, jobs, listener);
    } else {
      using pool = new Pool(stopping, workers, listener);
      records = await allRuns(jobs.map((job) => pool.run(job)));
    }
    if (!first) return 0;
    const results = runs.map((run, i) => {
      const { checkpoint, metrics, best } = records[i] as TrainingRecord; // one a run
      return {
        ...run,
        checkpoint,
        ...(best ? { best } : {}),
        firstReward: metrics[0]?.rewardMean,
        lastReward: metrics.at(-1)?.rewardMean,
      };
    });
    if (json) print(JSON.stringify(results));
    else {
      for (const { method: name, seed: each, checkpoint, best, firstReward = 0, lastReward = 0 } of results) {
        const rewards = `reward ${firstReward.toFixed(3)} → ${lastReward.toFixed(3)}`;
        const better = best ? `, best after step ${best.step} (${best.value.toFixed(3)})` : "";
        print(`${methodLabel(name)} seed ${each}: ${rewards}, checkpoint ${checkpoint}${better}`);
      }
    }
    return 0;
  });
}
