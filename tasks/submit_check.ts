/**
 * `deno task submit-check`: what is asked of a result before it enters the leaderboard.
 *
 * @module
 */

import { basename, join, resolve } from "node:path";
import { folderFiles, type Judged, judgeFiles, loadPublishedKeys, RECORD_FILE } from "../src/result/mod.ts";
import { resultFolders } from "../src/publish/mod.ts";
import { sha256 } from "../src/canonical_json.ts";
import { Progress } from "../src/progress.ts";
import { claimLines } from "./shared/claim_text.ts";
import { type Command, oneLine, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { hubSuiteFiles } from "./shared/hub_flags.ts";

/** Where results lie. */
const RESULTS = "results";

/** The largest result that is taken into the repository, in bytes. */
const LARGEST = 100e6;

/** The name of a result: that of its folder. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,60}$/;

/** What came out for a directory. */
interface Checked {
  readonly directory: string;
  /** Why it cannot enter; none if it can. */
  readonly reasons: readonly string[];
  readonly judged: Judged;
}

/** The results beside a directory that hold the same record, by name. */
async function copiesOf(directory: string, digest: string): Promise<string[]> {
  const copies: string[] = [];
  for (const other of await resultFolders(join(directory, ".."))) {
    if (resolve(other) === resolve(directory)) continue;
    const bytes = await Deno.readFile(join(other, RECORD_FILE)).catch(() => undefined);
    if (bytes && await sha256(bytes) === digest) copies.push(basename(other));
  }
  return copies;
}

async function check(directory: string, progress: Progress, workers: number | undefined): Promise<Checked> {
  const reasons: string[] = [], name = basename(resolve(directory));
  if (!NAME.test(name)) {
    reasons.push(`its folder is called ${JSON.stringify(name)}, expected small letters, digits, "-" and "."`);
  }
  const files = await folderFiles(directory);
  const size = files.sizes.values().reduce((sum, one) => sum + one, 0);
  if (size > LARGEST) reasons.push(`it has ${size} bytes, expected at most ${LARGEST}`);
  const judged = await judgeFiles(files, {
    keys: { published: await loadPublishedKeys(join(directory, "..", "keys")) },
    files: hubSuiteFiles(progress, { offline: true }),
    regrade: { workers, onProgress: (done, total) => progress.update(`grading ${name}`, done, total) },
  });
  const { judgement: { refused }, recordBytes } = judged;
  if (refused !== null) reasons.push(refused);
  for (const copy of recordBytes ? await copiesOf(directory, await sha256(recordBytes)) : []) {
    reasons.push(`it is the same result as ${copy}`);
  }
  return { directory, reasons, judged };
}

/** What is said of a directory. */
function report({ directory, reasons, judged: { judgement, problems, key } }: Checked): string {
  const verdict = reasons.length === 0
    ? `${directory}: may enter${judgement.headline ? "" : ", and is never shown first: not all was checked"}`
    : `${directory}: CANNOT enter`;
  return [
    ...claimLines(judgement, problems),
    ...(key ? [`signed by ${key.keyid}`] : []),
    ...reasons.map((reason) => oneLine(`because ${reason}`)),
    verdict,
  ].join("\n");
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task submit-check [directory ...] [--workers N] [--json] [--quiet]

Checks everything that the leaderboard asks of a result, as continuous integration does for a pull request: its
name and size, signatures by a key in keys/ beside it, digests, schemas, problems, runs, training logs,
completions, every one of them graded again, and that no other result is the same. Needs no network; data sets
are read from the Hub's cache alone. Default: all results in ${RESULTS}/.

  --workers N   pairs graded at a time; changes no verdict (default: the number of cores)
  --json        print the outcome as JSON
  --quiet       no progress

Exit code 0 if all may enter, 1 if one cannot, 2 if there is no such result. The rules: docs/leaderboard.md.

Example: deno task submit-check results/embedded`,

  async run(args) {
    const flags = readFlags(args, { boolean: ["json", "quiet"], string: ["workers"], positional: 1000 });
    const directories = flags.positional.length > 0 ? flags.positional : await resultFolders(RESULTS);
    if (directories.length === 0) {
      throw new UsageError(`Cannot check: no directory in ${RESULTS}/ holds a ${RECORD_FILE}`);
    }
    for (const directory of directories) {
      if ((await Deno.stat(directory).catch(() => undefined))?.isDirectory) continue;
      throw new UsageError(`Cannot check "${directory}": there is no such directory`);
    }
    const progress = new Progress({ quiet: flags.on("quiet") || flags.on("json") });
    const checked: Checked[] = [];
    for (const directory of directories) {
      checked.push(await check(directory, progress, flags.integer("workers")));
    }
    if (flags.on("json")) {
      printJson(checked.map(({ directory, reasons, judged: { judgement, problems } }) => {
        return { directory, reasons, judgement, problems };
      }));
    } else for (const one of checked) print(report(one));
    return checked.every(({ reasons }) => reasons.length === 0) ? 0 : 1;
  },
};
