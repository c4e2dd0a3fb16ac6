/**
 * The batch script of a job array.
 *
 * @module
 */

import { ClusterError } from "./program.ts";
import { chosenCommand, shellWord } from "./words.ts";

/** Seconds before a job's end at which it is asked to save: longer than a step and its state usually take. */
const GRACE = 60;

/** An array of tasks. */
export interface ArrayScript {
  /** The job's name. */
  readonly name: string;
  /** The folder that the tasks run in. */
  readonly directory: string;
  /** The folder of their outputs. */
  readonly logs: string;
  /** Cores of a task. */
  readonly threads: number;
  /** Memory of a task in MiB; none where it is the site's to say. */
  readonly memory?: number | undefined;
  /** Options of the site, as the user gave them. */
  readonly site: readonly string[];
  /** The words that all tasks begin with. */
  readonly common: readonly string[];
  /** The words of each. */
  readonly tasks: readonly (readonly string[])[];
}

/** What the script says itself, in both spellings. */
const OWN: readonly RegExp[] = [
  /^(--array|-a)\b/,
  /^(--dependency|-d)\b/,
  /^--(kill-on-invalid-dep|parsable|wrap|wait|test-only|output|error|open-mode)\b/,
];

/**
 * Refuses options that `submit` says itself.
 *
 * @throws {ClusterError} If one is among them, or one cannot stand on a line.
 */
export function checkSiteOptions(options: readonly string[]): void {
  for (const option of options) {
    const [name] = option.split("=");
    if (OWN.some((own) => own.test(option))) {
      throw new ClusterError(`Cannot pass ${name} on: submit says it itself`);
    }
    if (/\p{Cc}/u.test(option)) throw new ClusterError(`Cannot pass ${name} on: expected one line`);
  }
}

/** A word in a directive, which Slurm reads with quotes of its own. */
function directiveWord(word: string): string {
  return /[\s"'\\#]/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word;
}

/**
 * The script. Its options come first and the site's after them, so that the site has the last word. The shell becomes the
 * command, so that Slurm's signals reach it.
 */
export function arrayScript(array: ArrayScript): string {
  const { name, directory, logs, threads, memory, site, common, tasks } = array;
  const options = [
    `--job-name=${name}`,
    `--array=${tasks.length > 1 ? `0-${tasks.length - 1}` : "0"}`,
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${threads}`,
    ...(memory === undefined ? [] : [`--mem=${memory}M`]),
    // A task whose node dies starts again and goes on from its last state.
    "--requeue",
    "--open-mode=append",
    `--signal=B:TERM@${GRACE}`,
    "--kill-on-invalid-dep=yes",
    `--output=${logs}/%x-%A_%a.out`,
  ].map(directiveWord);
  return [
    "#!/bin/sh",
    ...[...options, ...(site.length > 0 ? [site.map(directiveWord).join(" ")] : [])].map((line) =>
      `#SBATCH ${line}`
    ),
    "set -eu",
    "export NO_COLOR=1",
    `cd ${shellWord(directory)}`,
    ...chosenCommand("SLURM_ARRAY_TASK_ID", common, tasks),
    "",
  ].join("\n");
}

/** Cuts tasks into arrays that a site takes. */
export function splitArray<T>(tasks: readonly T[], most: number): T[][] {
  return Array.from(
    { length: Math.ceil(tasks.length / most) },
    (_, i) => tasks.slice(i * most, (i + 1) * most),
  );
}
