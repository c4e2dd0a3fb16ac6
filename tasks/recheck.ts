/**
 * `deno task recheck`: grades the stored completions of a result again.
 *
 * @module
 */

import { policyName, type Recheck, recheck } from "../src/result/mod.ts";
import { Progress } from "../src/progress.ts";
import { type Command, oneLine, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { hubSuiteFiles } from "./shared/hub_flags.ts";

/** A line for each difference, the graders, and the verdict. */
function report(directory: string, outcome: Recheck): string {
  const { recordedGrader, presentGrader, completions, unevaluated, counts, differences } = outcome;
  const lines = differences.map((difference) => {
    const { suite, problem, count, recorded, regraded } = difference;
    const where = problem === null ? suite : `${suite}, problem ${problem}`;
    return oneLine(
      `DIFFERS  ${policyName(difference)}, ${where}: ${recorded} ${count} recorded, ${regraded} now`,
    );
  });
  lines.push(oneLine(`grader: ${recordedGrader} recorded, ${presentGrader} present`));
  const verdict = differences.length === 0
    ? `all ${counts} counts agree`
    : `${differences.length} of ${counts} counts DIFFER`;
  lines.push(
    `${directory}: ${completions} completions graded again, ${unevaluated} right but not worked out; ${verdict}`,
  );
  return lines.join("\n");
}

/** The command. */
export const command: Command = {
  summary: "Grade a result's stored completions again and compare the counts",
  help: `Usage: deno task recheck <directory> [--workers N] [--json] [--quiet]

Grades every completion in <directory>/samples.jsonl.gz with the present grader and compares the counts of
each problem with results.json. The suites' answers are found again from the profile and checked against the
recorded digests. Says nothing about signatures: deno task verify does.

  --workers N   pairs graded at a time; changes no verdict (default: the number of cores)
  --json        print the outcome as JSON
  --quiet       no progress

Exit code 0 if all counts agree, 1 if not, 2 if there is no such result.

Example: deno task recheck results/embedded`,

  async run(args) {
    const flags = readFlags(args, { boolean: ["json", "quiet"], string: ["workers"], positional: 1 });
    const directory = flags.positional[0];
    if (directory === undefined) {
      throw new UsageError("Cannot recheck: name a directory, such as results/embedded");
    }
    const info = await Deno.stat(directory).catch(() => undefined);
    if (!info?.isDirectory) throw new UsageError(`Cannot recheck "${directory}": there is no such directory`);
    const progress = new Progress({ quiet: flags.on("quiet") || flags.on("json") });
    const workers = flags.integer("workers");
    const outcome = await recheck(directory, {
      // Data sets are taken from the Hub's cache alone: this command needs no network.
      suites: { root: ".", files: hubSuiteFiles(progress, { offline: true }) },
      ...(workers === undefined ? {} : { workers }),
      onProgress: (done, total) => progress.update("grading", done, total),
    });
    if (flags.on("json")) printJson(outcome);
    else print(report(directory, outcome));
    return outcome.differences.length === 0 ? 0 : 1;
  },
};
