/**
 * `suites`: lists the suites, checks one, or says what of a held-out suite is trained on.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { formulaKey, verify } from "../src/grade/mod.ts";
import {
  findOverlap,
  generatedSuites,
  type LoadedSuite,
  loadSuite,
  type Split,
  type SuiteDefinition,
  suiteDefinitions,
  type SuiteFiles,
  type SuiteOverlap,
} from "../src/suite/mod.ts";
import { Progress } from "../src/progress.ts";
import { type Command, oneLine, print, readFlags, UsageError } from "./shared/command.ts";
import { hubSuiteFiles } from "./shared/hub_flags.ts";

const HELP = `Usage: deno task suites [--json]
       deno task suites NAME|PATH [--count N] [--seed N] [--json]
       deno task suites --overlap TRAIN EVAL... [--count N] [--seed N] [--json]

Without arguments: the suites, with k, the responses a problem, and whether their files are on this machine. With one:
loads it, checks it against its definition and says what it is; the problems themselves are not printed. A path ends in
.jsonl, .ndjson, .json, .csv, .tsv, .parquet or .suite.json and is a suite of your own (docs/suites.md).

  --overlap   problems of the suites EVAL that are also in the suite TRAIN: the whole question, up to case and white
              space; what it asks, in any writing; or 13 words in a row. In other writings are found questions of the
              generated suites and those shorter than 13 words, up to punctuation, and to notation and the order of
              operands in formulas between dollars. Stock phrases are 13 words long now and then; "half the same"
              counts the problems of which one training problem has at least half of all runs of 13 words
  --count N   so many problems, drawn at random; a generated suite needs it (default: all)
  --seed N    seed of the draw or of the generated problems (default: 0)
  --offline   never the network
  --json      one JSON object, with the ids of the problems that overlap

checked  digest: number of rows and digest are those of the definition; count: the number of rows alone, because the
         definition has no digest; nothing: there is no definition

Examples:
  deno task suites
  deno task suites math-500
  deno task suites --overlap deepmath-5k aime-2024 aime-2025 amc-2023 math-500`;

/** The project's folder. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Rows of cells as lines, the columns aligned to the left. */
function layOut(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}

function countOf({ rows, selection }: SuiteDefinition): string {
  return String(selection?.count ?? rows);
}

/** Whether all files of a suite are on this machine: yes, no, or nothing where that cannot be told. */
async function cachedText({ hub }: SuiteDefinition, files: SuiteFiles): Promise<string> {
  const repository = { type: "dataset", id: hub.id, revision: hub.revision } as const;
  const known = await Promise.all(hub.files.map((file) => files.cached?.(repository, file)));
  if (known.includes(undefined)) return "";
  return known.every((cached) => cached) ? "yes" : "no";
}

async function listSuites(files: SuiteFiles, json: boolean): Promise<void> {
  const definitions = [...(await suiteDefinitions(ROOT)).values()];
  if (json) {
    const generated = Object.entries(generatedSuites).map(([name, { description }]) => ({
      name,
      description,
    }));
    print(JSON.stringify({ generated, definitions }));
    return;
  }
  print(layOut([
    ["suite", "split", "problems", "k", "cached", "source", "licence"],
    ...Object.keys(generatedSuites).map((name) => [name, "both", "any", "", "", "generated", ""]),
    ...await Promise.all(definitions.map(async (definition) => [
      definition.name,
      definition.split,
      countOf(definition),
      String(definition.evaluation?.samples ?? ""),
      await cachedText(definition, files),
      definition.hub.id,
      definition.licence,
    ])),
  ]));
}

/** What a suite is for: a definition says it; others are read as held out. */
async function splitOfSuite(name: string): Promise<Split> {
  return (await suiteDefinitions(ROOT)).get(name)?.split ?? "evaluation";
}

/** How many answers are of each type, as the grader reads them; the most frequent first. */
function answerTypes({ problems }: LoadedSuite): [string, number][] {
  const counts = new Map<string, number>();
  for (const { answer } of problems) {
    const type = verify(answer, "").goldType ?? "not read";
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}

function describe(suite: LoadedSuite, json: boolean): void {
  const { name, split, source, digest, checked, rows, repeats, contradictions, draws, problems } = suite;
  const layouts = Object.fromEntries(suite.layouts);
  const answers = answerTypes(suite), first = problems[0]?.id ?? null;
  if (json) {
    print(
      JSON.stringify({
        name,
        split,
        source,
        rows,
        repeats,
        contradictions,
        layouts,
        draws,
        problems: problems.length,
        digest,
        checked,
        answers: Object.fromEntries(answers),
        first,
      }),
    );
    return;
  }
  const drawn = draws.map(({ count, seed }) => `, ${count} drawn with seed ${seed}`).join("");
  print(layOut([
    ["suite", oneLine(name)],
    ["split", split],
    ["source", oneLine(source)],
    ["problems", `${problems.length} (${rows} rows, ${repeats} repeats${drawn})`],
    ["digest", digest],
    ["checked", checked],
    ["answers", answers.map(([type, count]) => `${count} ${type}`).join(", ")],
    ...Object.entries(layouts).map(([layout, count]) => ["layout", oneLine(`${layout}, in ${count} rows`)]),
    ...contradictions.map(({ first, second, answers: [one, other] }) => [
      "contradiction",
      oneLine(`${first} answers ${one}, ${second} answers ${other}`),
    ]),
    ["first id", first ?? "none"],
  ]));
}

function reportOverlap(train: LoadedSuite, overlaps: readonly SuiteOverlap[], json: boolean): void {
  if (json) {
    print(
      JSON.stringify({
        training: train.name,
        problems: train.problems.length,
        digest: train.digest,
        overlaps,
      }),
    );
    return;
  }
  print(`trained on: ${oneLine(train.name)}, ${train.problems.length} problems`);
  print(layOut([
    [
      "held out",
      "problems",
      "same question",
      "in any writing",
      "same 13 words",
      "half the same",
      "too short for 13 words",
    ],
    ...overlaps.map(({ suite, problems, exact, meaning, ngram, short }) => {
      const half = ngram.filter(({ share }) => share >= 0.5).length;
      return [oneLine(suite), problems, exact.length, meaning.length, ngram.length, half, short].map(String);
    }),
  ]));
}

/** The command. */
export const command: Command = {
  help: HELP,
  async run(args) {
    const flags = readFlags(args, {
      boolean: ["json", "overlap", "offline"],
      string: ["count", "seed"],
      positional: args.some((argument) => argument === "--overlap") ? 64 : 1,
    });
    const json = flags.on("json"), [first, ...others] = flags.positional;
    const count = flags.integer("count"),
      seed = flags.integer("seed", 0),
      offline = flags.on("offline");
    const files = hubSuiteFiles(new Progress(), { offline });
    const load = (name: string, split: Split): Promise<LoadedSuite> =>
      loadSuite(name, {
        root: ROOT,
        files,
        split,
        ...(count === undefined ? {} : { count }),
        ...(seed === undefined ? {} : { seed }),
      });
    if (flags.on("overlap")) {
      if (first === undefined || others.length === 0) {
        throw new UsageError("Cannot compare: name a training suite and at least one that is held out");
      }
      const train = await load(first, "train"), held: LoadedSuite[] = [];
      for (const name of others) held.push(await load(name, "evaluation"));
      reportOverlap(train, findOverlap(train.problems, held, { formulaKey }), json);
    } else if (first !== undefined) {
      describe(await load(first, await splitOfSuite(first)), json);
    } else {
      await listSuites(files, json);
    }
    return 0;
  },
};
