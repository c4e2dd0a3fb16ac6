/**
 * What `submit` and `jobs` share: how far a profile is, in the store and on the cluster.
 *
 * @module
 */

import {
  type Engine,
  type Experiment,
  openExperiment,
  otherEngines,
  recordedRuns,
} from "../../src/pipeline/mod.ts";
import { methodLabel } from "../../src/rl/mod.ts";
import {
  ClusterError,
  readSubmissions,
  runProgram,
  type RunProgress,
  runProgress,
  Slurm,
  type TaskState,
} from "../../src/scale/mod.ts";
import { Store } from "../../src/store.ts";
import { UsageError } from "./command.ts";
import type { RunOptions } from "./run_flags.ts";

/** How far a profile is. */
export interface Progress {
  /** The profile, loaded. */
  readonly experiment: Experiment;
  /** The base model and every run. */
  readonly runs: readonly RunProgress[];
  /** Other kernels that made records of the store. */
  readonly others: readonly Engine[];
  /** Why Slurm was not asked, where it should have been. */
  readonly silent: string | undefined;
}

/** What Slurm says of tasks that were sent; nothing, and why, where it cannot be asked. */
async function askedStates(
  slurm: Slurm,
  sent: boolean,
): Promise<{ readonly states: ReadonlyMap<string, TaskState>; readonly silent: string | undefined }> {
  if (!sent) return { states: new Map(), silent: undefined };
  try {
    return { states: await slurm.states(), silent: undefined };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { states: new Map(), silent: error.message };
  }
}

/**
 * Looks how far a profile is: first into the store, then at the tasks that were sent. Records of any kernels count, as the
 * nodes need not be like this machine; whether a result takes them is said to `reproduce`.
 */
export async function progressOf({ context, progress }: RunOptions): Promise<Progress> {
  const experiment = await openExperiment(context), { storeDirectory, accepted } = context;
  const store = new Store(storeDirectory, {
    onCorrupt: (path, reason) => progress.line(`warning: the record ${path} will be made anew: ${reason}`),
  });
  const others = await otherEngines(storeDirectory, experiment.engine);
  const recorded = await recordedRuns({ experiment, store, accepted, engines: others });
  const submissions = await readSubmissions(storeDirectory);
  const { states, silent } = await askedStates(new Slurm(runProgram), submissions.length > 0);
  return {
    experiment,
    runs: await runProgress(experiment, recorded, submissions, states),
    others,
    silent,
  };
}

/** A policy in words. */
export function policyName({ run }: Pick<RunProgress, "run">): string {
  return run ? `${methodLabel(run.method)} seed ${run.seed}` : "Base";
}

/** Runs a command that uses a cluster: what that refuses is a usage error. */
export async function withCluster(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClusterError) throw new UsageError(error.message);
    throw error;
  }
}
