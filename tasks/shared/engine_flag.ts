/**
 * `--engine`: one training by several processes, which a launcher started.
 *
 * @module
 */

import { alone, type Collective, openMpi, openNccl } from "../../src/collective/mod.ts";
import { type Flags, UsageError } from "./command.ts";
import { complain } from "./found_result.ts";

/** The flag, for `readFlags`. */
export const engineFlag = "engine";

/** It in words, for `--help`. */
export const engineFlagHelp =
  `  --engine mpi|nccl    one training by several processes: each computes its part of the profile's
                       training.gradientShards; to be started by "mpirun -n N" or "srun --mpi=pmix"`;

/** How processes are joined, by name. */
const engines = { mpi: openMpi, nccl: openNccl } as const;

/**
 * Does a command's work with the processes that a launcher started; with this one alone where the flag is not given.
 *
 * An error of one process ends all of them: the others would wait for it.
 *
 * @returns The exit code.
 * @throws {UsageError} If there is no such engine, or the processes cannot be joined.
 */
export async function withEngine(
  flags: Flags,
  work: (collective: Collective) => Promise<number>,
): Promise<number> {
  const name = flags.text(engineFlag);
  if (name === undefined) return await work(alone);
  if (!Object.hasOwn(engines, name)) {
    throw new UsageError(`Cannot use --engine ${name}: expected ${Object.keys(engines).join(" or ")}`);
  }
  if (flags.text("workers") !== undefined) {
    throw new UsageError(`Cannot use --workers with --engine: each process that the launcher starts is one`);
  }
  const collective = joined(name as keyof typeof engines); // one of them
  try {
    const code = await work(collective);
    collective.close();
    return code;
  } catch (error) {
    complain(`error: process ${collective.rank}: ${error instanceof Error ? error.message : String(error)}`);
    return collective.abort(error instanceof UsageError ? 2 : 1);
  }
}

function joined(name: keyof typeof engines): Collective {
  try {
    return engines[name]((variable) => Deno.env.get(variable));
  } catch (error) {
    if (error instanceof RangeError || error instanceof ReferenceError) throw new UsageError(error.message);
    throw error;
  }
}

/** How many of the processes run on this machine. */
export function processesHere(collective: Collective): number {
  const name = collective.size > 1 ? Deno.hostname() : "";
  return collective.gather(name).filter((other) => other === name).length;
}

/**
 * Prepares each process, the first one before the others: what it finds wrong is told once, and what it brings from the Hub
 * the others find there.
 */
export async function firstThenOthers<T>(collective: Collective, prepare: () => Promise<T>): Promise<T> {
  const own = collective.rank === 0 ? await prepare() : undefined;
  collective.gather(undefined);
  return own ?? await prepare();
}
