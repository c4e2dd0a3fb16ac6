/**
 * `deno task evaluate`: the evaluation stage alone.
 *
 * @module
 */

import { BASE, type EvaluatedPolicy, type JobResults, Pool } from "../src/pipeline/mod.ts";
import { servedNote } from "../src/report/mod.ts";
import { averageAtK, passAtK } from "../src/stats/mod.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import {
  evaluationFlags,
  evaluationFlagsHelp,
  poolListener,
  runFlags,
  runFlagsHelp,
  runOptions,
  tellFallback,
} from "./shared/run_flags.ts";
import { profileWords } from "./shared/own_run.ts";
import { serverFlags, serverFlagsHelp, withServer } from "./shared/server_flags.ts";
import { checkSuites, suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";
import { stoppable } from "./shared/stoppable.ts";
import { chosenPolicy } from "./shared/trained.ts";
import { readMethod } from "./train.ts";

/** Evaluates one policy of a profile. */
export const command: Command = {
  help: `Usage: deno task evaluate [--profile NAME | --model MODEL] [--method NAME --seed N] [flags]

Without --method the base model is evaluated.

  --method NAME        a trained method of the profile
  --seed N             its seed
  --step N             after this step, of those that are saved (default: as evaluation.checkpoint says)
${evaluationFlagsHelp}
${serverFlagsHelp}
${suiteCheckFlagsHelp}
${runFlagsHelp}`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean],
      string: [
        ...runFlags.string,
        ...evaluationFlags.string,
        ...serverFlags.string,
        ...suiteCheckFlags.string,
        "method",
        "seed",
        "step",
      ],
      list: runFlags.list,
    });
    const options = await runOptions(
        flags,
        undefined,
        undefined,
        (profile) => withServer(profile, flags, true),
      ),
      { context, progress, json } = options;
    const method = readMethod(context.profile, flags.text("method")), seed = flags.integer("seed", 0);
    const step = flags.integer("step");
    if ((method === undefined) !== (seed === undefined)) {
      throw new UsageError("Cannot choose the policy: --method and --seed go together");
    }
    if (step !== undefined && method === undefined) {
      throw new UsageError("Cannot choose the step: the base model has none; say --method and --seed");
    }
    await checkSuites(flags, options);
    let policy: EvaluatedPolicy;
    if (method !== undefined && seed !== undefined) {
      const { checkpoint, step: chosen } = await chosenPolicy(
        context,
        method,
        seed,
        step,
        profileWords(flags),
      );
      policy = { method, seed, checkpoint, ...(chosen === undefined ? {} : { step: chosen }) };
    }
    tellFallback(options);
    return await stoppable(options, async (stopping) => {
      using pool = new Pool(stopping, 1, poolListener(progress));
      printOutcomes(await pool.run({ kind: "evaluate", policy }), policy, json);
      return 0;
    });
  },
};

/** Prints the scores of each suite. */
function printOutcomes(outcomes: JobResults["evaluate"], policy: EvaluatedPolicy, json: boolean): void {
  const percent = (value: number): string => (100 * value).toFixed(1);
  const rows = Object.entries(outcomes).map(
    ([suite, { correct, responses, truncated, unparsed, served }]) => {
      const samples = responses[0]?.length ?? 0;
      const average = averageAtK(correct, samples);
      const pass = correct.reduce((sum, c) => sum + passAtK(samples, c, samples), 0) / correct.length;
      return { suite, samples, average, pass, truncated, unparsed, ...(served ? { served } : {}) };
    },
  );
  if (json) print(JSON.stringify({ policy: policy ?? BASE, suites: rows }));
  else {
    for (const { suite, samples, average, pass, truncated, unparsed, served } of rows) {
      const scores = `avg@${samples} ${percent(average)}  pass@${samples} ${percent(pass)}`;
      const mark = served ? `  served by ${served.engine} ${served.version}` : "";
      print(`${suite.padEnd(12)} ${scores}  ${truncated} cut off, ${unparsed} without an answer${mark}`);
    }
    const note = servedNote([{ suites: outcomes }]);
    if (note !== undefined) print(note);
  }
}
