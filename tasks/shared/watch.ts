/**
 * Training to be watched: the metrics of running runs as small curves below their bars, and a line for each run that ends.
 *
 * @module
 */

import { jobName, type PoolListener } from "../../src/pipeline/mod.ts";
import type { Progress } from "../../src/progress.ts";
import { type LoggedStep, runLine, runLines } from "../../src/report/mod.ts";

/** The flag. */
export const watchFlag = "watch";

/** It in words, for `--help`. */
export const watchFlagHelp =
  `  --watch              reward, accuracy, entropy, length, clip, KL and gradient norm of each run as small curves while
                       it runs, on a terminal; and a line for each run that ends`;

/**
 * A listener that shows what training reports, besides what another one shows.
 *
 * @param color Whether curves have a colour; default where the environment does not say `NO_COLOR`.
 */
export function watching(listener: PoolListener, progress: Progress, color = !Deno.noColor): PoolListener {
  const runs = new Map<string, LoggedStep[]>();
  return {
    ...listener,
    onSteps: (job, steps) => {
      const name = jobName(job), known = runs.get(name) ?? [];
      // A run that is tried again, because another one had its lock, shows all its steps again.
      const [first] = steps, before = known.filter(({ step }) => Number(step) < (first?.step ?? Infinity));
      const all = [...before, ...steps.map((step): LoggedStep => ({ ...step }))];
      runs.set(name, all);
      progress.below(name, (columns, most) => runLines(all, { columns, color }, most));
    },
    onProgress: (job, done, total, note) => {
      listener.onProgress(job, done, total, note);
      const steps = runs.get(job);
      if (done >= total && steps) progress.line(`${job}: ${runLine(steps)}`);
    },
  };
}
