/**
 * Slurm, through its own programs.
 *
 * @module
 */

import { ClusterError, type RunProgram } from "./program.ts";
import { type TaskState, taskStates } from "./task_state.ts";

/** A site's Slurm. */
export class Slurm {
  readonly #run: RunProgram;

  /**
   * A site that is asked through its programs.
   *
   * @param run Runs them.
   */
  constructor(run: RunProgram) {
    this.#run = run;
  }

  /**
   * The most tasks of one array.
   *
   * @throws {ClusterError} If the site has no arrays.
   */
  async largestArray(): Promise<number> {
    const config = await this.#run("scontrol", ["show", "config"]);
    const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(config)?.[1] ?? NaN);
    if (size > 0) return size;
    throw new ClusterError(
      `Cannot send job arrays: the site's MaxArraySize is ${
        Number.isNaN(size) ? "unknown" : size
      }, expected 1 or more`,
    );
  }

  /**
   * Sends a batch script.
   *
   * @param after The array whose tasks each task waits for; each for that of its own index.
   * @returns The job's number.
   */
  async submit(script: string, after?: string): Promise<string> {
    const args = ["--parsable", ...(after === undefined ? [] : [`--dependency=aftercorr:${after}`])];
    const answer = (await this.#run("sbatch", args, script)).trim();
    const job = /^(\d+)(;.*)?$/.exec(answer.split("\n").at(-1) ?? "")?.[1];
    if (job === undefined) {
      throw new ClusterError(`Cannot read what sbatch says: "${answer}", expected a number`);
    }
    return job;
  }

  /** What Slurm knows of tasks, by `<job>_<index>`; it forgets those that ended a while ago. */
  async states(): Promise<ReadonlyMap<string, TaskState>> {
    return taskStates(await this.#run("squeue", ["--states=all", "--json"]));
  }
}
