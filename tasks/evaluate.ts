/**
 * `deno task evaluate`: the evaluation stage alone.
 *
 * @module
 */

import { BASE, openExperiment, Pool, trainingKey } from "../src/pipeline/mod.ts";
import { methods } from "../src/rl/mod.ts";
import { averageAtK, passAtK } from "../src/stats/mod.ts";
import { Store } from "../src/store.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import {
  evaluationFlags,
  evaluationFlagsHelp,
  runFlags,
  runFlagsHelp,
  runOptions,
  tellFallback,
} from "./shared/run_flags.ts";
import { readMethod } from "./train.ts";

/** Evaluates one policy of a profile. */
export const command: Command = {
  summary: "Evaluate one policy of a profile: the base model, or a method that has been trained",
  help: `Usage: deno task evaluate [--profile NAME] [--method NAME --seed N] [flags]

Without --method the base model is evaluated.

  --method NAME        a trained method (grpo, bupo)
  --seed N             its seed
${evaluationFlagsHelp}
${runFlagsHelp}`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: runFlags.boolean,
      string: [...runFlags.string, ...evaluationFlags.string, "method", "seed"],
      list: evaluationFlags.list,
    });
    const options = await runOptions(flags), { context, progress, json } = options;
    const method = readMethod(flags.text("method")), seed = flags.integer("seed", 0);
    if ((method === undefined) !== (seed === undefined)) {
      throw new UsageError("Cannot choose the policy: --method and --seed go together");
    }
    let policy;
    if (method !== undefined && seed !== undefined) {
      const key = trainingKey(
        await openExperiment(context.profile, context.root, context.provider, context.files),
        method,
        seed,
      );
      const trained = await new Store(context.storeDirectory).get<{ checkpoint: string }>("checkpoint", key);
      if (!trained) {
        const train = `deno task train --profile ${context.profile.name} --method ${method} --seed ${seed}`;
        throw new UsageError(
          `Cannot evaluate ${methods[method].label} with seed ${seed}: run "${train}" first`,
        );
      }
      policy = { method, seed, checkpoint: trained.value.checkpoint };
    }
    tellFallback(options);
    using pool = new Pool(context, 1, {
      onProgress: (job, done, total, note) => progress.update(job, done, total, note),
      onWarning: (text) => progress.line(`warning: ${text}`),
    });
    const outcomes = await pool.run({ kind: "evaluate", policy });
    const percent = (value: number): string => (100 * value).toFixed(1);
    const rows = Object.entries(outcomes).map(([suite, { correct, responses, truncated, unparsed }]) => {
      const samples = responses[0]?.length ?? 0;
      const average = averageAtK(correct, samples);
      const pass = correct.reduce((sum, c) => sum + passAtK(samples, c, samples), 0) / correct.length;
      return { suite, samples, average, pass, truncated, unparsed };
    });
    if (json) print(JSON.stringify({ policy: policy ?? BASE, suites: rows }));
    else {
      for (const { suite, samples, average, pass, truncated, unparsed } of rows) {
        const scores = `avg@${samples} ${percent(average)}  pass@${samples} ${percent(pass)}`;
        print(`${suite.padEnd(12)} ${scores}  ${truncated} cut off, ${unparsed} without an answer`);
      }
    }
    return 0;
  },
};
