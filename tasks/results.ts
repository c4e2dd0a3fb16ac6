/**
 * `deno task results`: what results there are, on disk and in the history.
 *
 * @module
 */

import { join } from "node:path";
import { withLabels } from "../src/judge/mod.ts";
import { type Cell, methodTable, outputStyle, renderTables } from "../src/report/mod.ts";
import {
  findResults,
  type FoundResult,
  RECORD_FILE,
  resultHistory,
  RESULTS_FOLDER,
} from "../src/result/mod.ts";
import { type Command, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { signatureText, withResults } from "./shared/found_result.ts";

const HELP = `Usage: deno task results [DIR] [--json]
       deno task results --history [REVISION|A..B] [--profile NAME] [--json]

Lists the results in the folders of DIR (default: results): profile, model, methods and their seeds, suites, avg@k with
its 95 % interval, when and from which commit it was made, whether its signature holds, and its size.

  --history        the commits that changed results/<profile>/results.json, the newest first, with the numbers after
                   each; nothing is checked out
  --profile NAME   of the history (default: embedded)
  --keys DIR       public keys (default: DIR/keys, or results/keys of the same commit)
  --json           one JSON object, shares unrounded

Exit code 0, 2 if there is nothing to list.

Examples:
  deno task results
  deno task results --history`;

/** A method of a result with its score. */
interface MethodScore {
  readonly method: string;
  readonly seeds: number;
  /** avg@k over all suites, as shares. */
  readonly average: { readonly value: number; readonly low: number; readonly high: number };
}

/** What is said of a result. */
interface Summary {
  readonly profile: string;
  readonly model: string;
  readonly methods: readonly MethodScore[];
  readonly suites: readonly { readonly name: string; readonly problems: number; readonly samples: number }[];
  readonly grader: string;
  /** Why it covers only a part, or null. */
  readonly partial: string | null;
  readonly date: string | null;
  readonly signedOn: string | null;
  readonly madeFrom: string | null;
  readonly dirty: boolean | "unknown";
  readonly changed: string | null;
  readonly signature: string;
  readonly bytes: number;
}

/** The model of a profile in words: a folder, or where it is on the Hub. */
function modelText({ profile, base }: FoundResult["record"]): string {
  const model = profile["model"];
  if (typeof model === "string") return model;
  if (model !== null && typeof model === "object" && "repository" in model) return String(model.repository);
  return base.digest.slice(0, 12);
}

function summarize({ record, signature, files, judgement }: FoundResult): Summary {
  const facts = signature.state === "verified" ? signature.facts : undefined;
  const { rows } = methodTable(record, "avg");
  return {
    profile: record.profile.name,
    model: modelText(record),
    methods: rows.map(({ label, seeds, average: { value, low, high } }) => {
      return { method: label, seeds, average: { value, low, high } };
    }),
    suites: withLabels(record, judgement.suites).suites.map(({ name, problems, samples }) => ({
      name,
      problems: problems.length,
      samples,
    })),
    grader: record.graderVersion,
    partial: judgement.partial,
    date: facts?.finishedOn ?? null,
    signedOn: facts?.signedOn ?? null,
    madeFrom: facts?.commit ?? null,
    dirty: facts?.dirty ?? "unknown",
    changed: facts?.changed ?? null,
    signature: signatureText(signature),
    bytes: files.sizes.values().reduce((sum, size) => sum + size, 0),
  };
}

const cell = (text: string): Cell => ({ text });

function percentText(share: number): string {
  return (100 * share).toFixed(1);
}

/** A method's score in words. */
function scoreText({ method, seeds, average: { value, low, high } }: MethodScore): string {
  const runs = seeds > 0 ? ` × ${seeds}` : "";
  return `${method}${runs} ${percentText(value)} [${percentText(low)}, ${percentText(high)}]`;
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A result, as a block of lines. */
function block(name: string, summary: Summary | { refused: string }): Cell[][] {
  if ("refused" in summary) return [[cell("result"), cell(name)], [cell("refused"), cell(summary.refused)]];
  const { methods, suites, madeFrom, dirty, date, signature, bytes } = summary;
  const changed = summary.changed === null ? "" : ` (${summary.changed})`;
  const tree = dirty === true ? `, dirty${changed}` : "";
  return [
    [cell("result"), cell(name)],
    [cell("profile"), cell(summary.profile)],
    [cell("model"), cell(summary.model)],
    [
      cell("suites"),
      cell(suites.map((suite) => `${suite.name} (${suite.problems} × ${suite.samples})`).join(", ")),
    ],
    [cell("avg@k in %"), cell(methods.map(scoreText).join(", "))],
    ...(summary.partial === null ? [] : [[cell("partial"), cell(summary.partial)]]),
    [cell("grader"), cell(summary.grader)],
    [cell("made"), cell(`${date ?? "unknown"}, from ${madeFrom?.slice(0, 12) ?? "unknown"}${tree}`)],
    [cell("signature"), cell(signature)],
    ...(summary.signedOn === null ? [] : [[cell("signed"), cell(`${summary.signedOn}, as the signer says`)]]),
    [cell("size"), cell(sizeText(bytes))],
  ];
}

/** Folders of a directory that hold a record, and the directory itself if it does. */
async function resultFolders(directory: string): Promise<string[]> {
  const info = await Deno.stat(directory).catch(() => undefined);
  if (!info?.isDirectory) {
    throw new UsageError(`Cannot list results in "${directory}": there is no such directory`);
  }
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) if (isDirectory) names.push(name);
  const folders = [directory, ...names.sort().map((name) => join(directory, name))];
  const held = await Promise.all(
    folders.map(async (folder) =>
      (await Deno.stat(join(folder, RECORD_FILE)).catch(() => undefined))?.isFile
    ),
  );
  return folders.filter((_, index) => held[index]);
}

/** A path that cannot be taken for a revision. */
function explicit(path: string): string {
  return /^(\/|\.\.?(\/|$))/.test(path) ? path : `./${path}`;
}

async function listResults(directory: string, keys: string | undefined, json: boolean): Promise<void> {
  const found: { readonly result: string; readonly summary: Summary | { refused: string } }[] = [];
  for (const folder of await resultFolders(directory)) {
    try {
      const [result] = await findResults(explicit(folder), { keys });
      if (result) found.push({ result: folder, summary: summarize(result) });
    } catch (error) {
      // Whatever is wrong with one result must not hide the others.
      if (!(error instanceof Error)) throw error;
      found.push({ result: folder, summary: { refused: error.message } });
    }
  }
  if (found.length === 0) throw new UsageError(`Cannot list results in "${directory}": there are none`);
  if (json) {
    printJson({ results: found.map(({ result, summary }) => ({ result, ...summary })) });
    return;
  }
  const sections = found.map(({ result, summary }) => ({ title: "", rows: block(result, summary) }));
  print(renderTables({ sections, legend: [] }, "terminal", outputStyle()).trim());
}

async function listHistory(
  revision: string | undefined,
  profile: string,
  keys: string | undefined,
  json: boolean,
): Promise<void> {
  const entries = [];
  for await (const { commit, date, subject, result } of resultHistory(profile, { keys }, revision)) {
    entries.push({ commit, date, subject, result: "refused" in result ? result : summarize(result) });
  }
  if (entries.length === 0) {
    throw new UsageError(
      `Cannot list the history of "${profile}": no commit changed ${RESULTS_FOLDER}/${profile}/${RECORD_FILE}`,
    );
  }
  if (json) {
    printJson({ profile, commits: entries });
    return;
  }
  const heads = ["commit", "date", "grader", "avg@k in %, 95 % intervals", "signature"].map(cell);
  const rows = entries.map(({ commit, date, result }) => [
    cell(commit.slice(0, 12)),
    cell(date.slice(0, 10)),
    ..."refused" in result
      ? [cell(""), cell(result.refused), cell("")]
      : [cell(result.grader), cell(result.methods.map(scoreText).join(", ")), cell(result.signature)],
  ]);
  const sections = [{ title: `results/${profile}, newest first`, rows: [heads, ...rows] }];
  print(renderTables({ sections, legend: [] }, "terminal", outputStyle()).trimEnd());
}

/** The command. */
export const command: Command = {
  help: HELP,
  run: (args) =>
    withResults(async () => {
      const flags = readFlags(args, {
        boolean: ["json", "history"],
        string: ["profile", "keys"],
        positional: 1,
      });
      const [argument] = flags.positional, profile = flags.text("profile"), keys = flags.text("keys");
      if (flags.on("history")) {
        await listHistory(argument, profile ?? "embedded", keys, flags.on("json"));
      } else if (profile !== undefined) {
        throw new UsageError('Cannot use "--profile" here: it goes with --history');
      } else await listResults(argument ?? RESULTS_FOLDER, keys, flags.on("json"));
      return 0;
    }),
};
