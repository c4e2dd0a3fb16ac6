/**
 * `deno task publish`: the leaderboard, its page, and exports for other tools.
 *
 * @module
 */

import { basename, join, resolve } from "node:path";
import { canonicalJson } from "../src/canonical_json.ts";
import {
  exportResults,
  publication,
  readHistory,
  readResult,
  regradeMemory,
  resultFolders,
  type VerifiedResult,
  withoutCopies,
  withPlaces,
} from "../src/publish/mod.ts";
import { type Excluded, parseLeaderboard, renderPage, renderPicture } from "../src/report/mod.ts";
import { loadPublishedKeys, loadTrustedKeys, RECORD_FILE, type VerifyKeys } from "../src/result/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { hubSuiteFiles } from "./shared/hub_flags.ts";
import { Progress } from "../src/progress.ts";
import { type Command, oneLine, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { complain } from "./shared/found_result.ts";

/** Where results lie. */
const RESULTS = "results";

/** The most completions of a result that are graded again; of more, whole problems are drawn. */
const MOST_GRADED = 1_000_000;

/** The public keys that signatures may be by. */
async function readKeys(folder: string, list: string | undefined): Promise<VerifyKeys> {
  try {
    const trusted = list === undefined ? undefined : await loadTrustedKeys(list);
    return { published: await loadPublishedKeys(folder, complain), trusted };
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message);
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot publish: there is no list of keys at "${list}"`);
    }
    throw error;
  }
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task publish [directory ...] [--out DIR] [--keys DIR] [--trusted-keys FILE]
                           [--export DIR] [--json] [--quiet]

Judges every result directory (default: those in ${RESULTS}/), grades its completions again (once: what came
out is kept in .store) and writes leaderboard.json, leaderboard.html, one file that opens from disk and needs
no network, and leaderboard.svg, a picture of the first result. A result that does not hold, covers only a part
of its profile, or is a copy of another, is left out and listed with the reason. Data sets are read from the
Hub's cache alone: what is not there is not checked, and the leaderboard says so. The page's history shows the
results of earlier commits too, as far as git knows them and they hold. The same results, history and cache
give the same bytes.

  --out DIR             where to write (default: ${RESULTS})
  --keys DIR            folder of published public keys, *.pem (default: ${RESULTS}/keys)
  --trusted-keys FILE   the keys you trust; results by them come first, others are shown as untrusted
  --export DIR          also write Every Eval Ever, lm-eval, Hugging Face and RO-Crate files
  --json                print what was done as JSON
  --quiet               no progress

Exit code 0 if every result is on the leaderboard, 1 if some were left out.

Example: deno task publish`,

  async run(args) {
    const flags = readFlags(args, {
      boolean: ["json", "quiet"],
      string: ["out", "keys", "trusted-keys", "export"],
      positional: 1000,
    });
    const out = flags.text("out") ?? RESULTS;
    const directories = flags.positional.length > 0 ? flags.positional : await resultFolders(RESULTS);
    if (directories.length === 0) {
      throw new UsageError(`Cannot publish: no directory in ${RESULTS}/ holds a ${RECORD_FILE}`);
    }
    for (const directory of directories) {
      if ((await Deno.stat(directory).catch(() => undefined))?.isDirectory) continue;
      throw new UsageError(`Cannot publish "${directory}": there is no such directory`);
    }
    const names = directories.map((directory) => basename(directory));
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw new UsageError(`Cannot publish two directories named "${twice}": rename one of them`);
    }
    const keys = await readKeys(flags.text("keys") ?? join(RESULTS, "keys"), flags.text("trusted-keys"));
    const progress = new Progress({ quiet: flags.on("quiet") || flags.on("json") });
    const read: VerifiedResult[] = [], excluded: Excluded[] = [];
    for (const directory of directories) {
      const onProgress = (done: number, total: number): void =>
        progress.update(`grading ${basename(directory)}`, done, total);
      const result = await readResult(directory, keys, {
        files: hubSuiteFiles(progress, { offline: true }),
        regrade: { most: MOST_GRADED, onProgress },
        remembered: regradeMemory(".store"),
      });
      if ("reason" in result) excluded.push(result);
      else read.push(result);
    }
    const { results: single, copies } = withoutCopies(read);
    excluded.push(...copies);
    const history = await readHistory(single, keys), { past, gaps, skipped } = history;
    const results = withPlaces(single, history), historyGaps = gaps.map(({ name }) => name);
    const { leaderboard, page } = await publication(results, excluded, {
      past,
      historyGaps,
      beside: directories.every((directory) => resolve(directory, "..") === resolve(out)),
    });
    parseLeaderboard(leaderboard);
    const contents = {
      "leaderboard.json": canonicalJson(leaderboard) + "\n",
      "leaderboard.html": await renderPage(page),
      "leaderboard.svg": renderPicture(leaderboard),
    };
    const files = Object.keys(contents).map((name) => join(out, name));
    for (const [name, content] of Object.entries(contents)) await writeFileAtomic(join(out, name), content);
    const exports = flags.text("export");
    if (exports !== undefined) await exportResults(exports, ".", results, leaderboard);
    if (flags.on("json")) {
      const found = { found: past.length, gaps, skipped };
      printJson({ files, results: results.map(({ input }) => input.name), excluded, history: found });
    } else {
      for (const { name, headline } of leaderboard.results) print(oneLine(`${name}: ${headline}`));
      for (const { name, reason } of leaderboard.excluded) print(oneLine(`left out: ${name}: ${reason}`));
      for (const { commit, reason } of skipped) print(oneLine(`not in the history: ${commit}: ${reason}`));
      for (const { name, reason } of gaps) {
        print(oneLine(`history of ${name}: not all of what git may hold is shown: ${reason}`));
      }
      for (const file of [...files, ...(exports === undefined ? [] : [exports])]) print(`Wrote ${file}`);
    }
    return excluded.length === 0 ? 0 : 1;
  },
};
