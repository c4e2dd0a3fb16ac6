/**
 * `deno task recheck`: grades the stored completions of a result again.
 *
 * @module
 */

import { differenceText, recheck, type RecheckedResult } from "../src/result/mod.ts";
import { Progress } from "../src/progress.ts";
import { ownSuite } from "../src/suite_name.ts";
import { claimLines } from "./shared/claim_text.ts";
import { type Command, oneLine, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { hubSuiteFiles } from "./shared/hub_flags.ts";

/** The claims that grading again says something of. */
const CLAIMS = ["problems", "seeds", "samples", "counts"] as const;

/** A line for each difference and claim, the graders, and the verdict. */
function report(directory: string, outcome: RecheckedResult): string {
  const { recordedGrader, presentGrader, completions, unevaluated, counts, differences, judgement } = outcome;
  const lines = differences.map((difference) => oneLine(`DIFFERS  ${differenceText(difference)}`));
  lines.push(...claimLines(judgement, [], CLAIMS));
  lines.push(oneLine(`grader: ${recordedGrader} recorded, ${presentGrader} present`));
  const verdict = differences.length === 0
    ? `all ${counts} counts agree`
    : `${differences.length} of ${counts} counts DIFFER`;
  lines.push(
    `${directory}: ${completions} completions graded again, ${unevaluated} right but not worked out; ${verdict}`,
  );
  return lines.join("\n");
}

/** Copies of the reader's own for suites that are a file of the signer's: `name=path`. */
function ownSuites(values: readonly string[]): Map<string, string> {
  return new Map(values.map((value) => {
    const [, name, path] = /^([^=]+)=(.+)$/.exec(value) ?? [];
    if (name === undefined || path === undefined) {
      throw new UsageError(
        `Cannot read "--suite ${value}": expected a suite and your copy, such as easy=easy.jsonl`,
      );
    }
    // Problems have their ids from the suite's name, whatever the copy is called.
    return [name, ownSuite(value)?.name === name ? value : path];
  }));
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task recheck <directory> [--suite NAME=PATH ...] [--workers N] [--json] [--quiet]

Grades every completion in <directory>/samples.jsonl.gz with the present grader and compares the counts of
each problem with results.json. The suites are found again by their own definitions and their problems, ids
and digest, compared with the recorded ones. Says nothing about signatures: deno task verify does.

  --suite NAME=PATH   your copy of a suite that is a file of the signer's own: no path in a record is opened
  --workers N         pairs graded at a time; changes no verdict (default: the number of cores)
  --json              print the outcome as JSON
  --quiet             no progress

Exit code 0 if all counts agree and nothing is false, 1 if not, 2 if there is no such result.

Example: deno task recheck results/embedded`,

  async run(args) {
    const flags = readFlags(args, {
      boolean: ["json", "quiet"],
      string: ["workers"],
      list: ["suite"],
      positional: 1,
    });
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
      suites: { files: hubSuiteFiles(progress, { offline: true }), own: ownSuites(flags.list("suite")) },
      ...(workers === undefined ? {} : { workers }),
      onProgress: (done, total) => progress.update("grading", done, total),
    });
    if (flags.on("json")) printJson(outcome);
    else print(report(directory, outcome));
    return outcome.differences.length === 0 && outcome.judgement.holds ? 0 : 1;
  },
};
