/**
 * Speed against the peers, interleaved: every row of `rows.ts`, each peer that is installed, given its best.
 *
 *     deno task perf --help
 *
 * @module
 */

import { type Flags, oneLine, print, readFlags, UsageError } from "../../tasks/shared/command.ts";
import { findPeers, type Found, ours, peerKinds } from "./contenders.ts";
import { type PerfRecord, readHistory, withHistory } from "./history.ts";
import { describeMachine, load, measuredCommit, versionsOf } from "./machine.ts";
import { measureRow, type RowResult } from "./measure.ts";
import { runProgram } from "./program.ts";
import { type Row, rows, type Size } from "./rows.ts";
import { makePairs } from "./pairs.ts";
import { secondsText, spreadText } from "./spread.ts";

const HELP = `Usage: deno task perf [--rows NAME]… [--quick | --large] [--rounds N] [--peers KINDS] [flags]

Measures training, decoding and whole commands against the peers that are installed. Both sides take turns (A B A B …),
after a round that does not count; ratios are our time over the peer's, pair by pair: median (quartiles), below 1 we are
faster. A peer must first compute what we compute: loss and gradient norm, or greedy tokens; else its time does not
count. A peer that is missing is named.

  --rows NAME         only this row; may be given more than once, and NAME* means all that begin so
  --quick             three rounds of the rows that take seconds
  --large             the rows of 96 M and 596 M parameters too (up to 20 GiB: one peer at a time)
  --rounds N          rounds that count (default: 9; large rows 3)
  --peers KINDS       of ${peerKinds.join(", ")}: a list with commas, or none (default: all)
  --python PATH       a Python that may have PyTorch, 1.13 or later; may be given more than once (default: python3)
  --llama FOLDER      where "npm install node-llama-cpp" was run
  --json FILE         writes the record, within this folder
  --record            writes the record to benchmarks/perf/history, and the table of docs/performance.md from all of
                      them; needs a work tree without changes

Rows:
${rows.map(({ name, size, title }) => `  ${name.padEnd(18)}  ${size.padEnd(6)}  ${title}`).join("\n")}

Examples:
  deno task perf --quick
  deno task perf --large --python /usr/bin/python3 --python ~/torch/bin/python --llama ~/llama --record`;

const HISTORY = "benchmarks/perf/history", DOCUMENT = "docs/performance.md";

/** The rows that were asked for. */
function chosenRows(flags: Flags): readonly Row[] {
  const names = flags.list("rows");
  for (const name of names) {
    if (rows.some((row) => matches(name, row))) continue;
    throw new UsageError(`Cannot measure the row "${name}": there is none (see --help)`);
  }
  if (names.length > 0) return rows.filter((row) => names.some((name) => matches(name, row)));
  const sizes: Size[] = flags.on("quick")
    ? ["small"]
    : flags.on("large")
    ? ["small", "medium", "large"]
    : ["small", "medium"];
  return rows.filter(({ size }) => sizes.includes(size));
}

function matches(name: string, row: Row): boolean {
  return name.endsWith("*") ? row.name.startsWith(name.slice(0, -1)) : row.name === name;
}

/** The kinds of peers that were asked for. */
function chosenPeers(text: string | undefined): ReadonlySet<string> {
  const kinds = text?.split(",") ?? [...peerKinds];
  for (const kind of kinds) {
    if (kind === "none" || (peerKinds as readonly string[]).includes(kind)) continue;
    throw new UsageError(`Cannot read "--peers ${text}": expected ${peerKinds.join(", ")} or none`);
  }
  return new Set(kinds);
}

/** A row in words. */
function resultText({ title, ours, against, share }: RowResult): string[] {
  const memory = (peak: number | undefined): string =>
    peak === undefined ? "" : `, peak ${(peak / 2 ** 30).toFixed(2)} GiB`;
  const time = (best: number, median: number): string =>
    `${secondsText(best)} at best, ${secondsText(median)} in the middle`;
  return [
    title,
    `  ours: ${time(ours.best, ours.median)}${memory(ours.peak)}${
      share ? `; share ${spreadText(share)}` : ""
    }`,
    ...against.map(({ name, best, median, peak, ours: beside = ours.best, ratio, agreement, refused }) => {
      if (best === undefined || median === undefined) {
        return `  ${name}: not compared: ${oneLine(refused ?? "")}`;
      }
      const compared = ratio
        ? `; ours over it ${spreadText(ratio)}, best of each ${(beside / best).toFixed(2)}`
        : "";
      return `  ${name}: ${time(best, median)}${memory(peak)}${compared}${
        agreement ? ` (${agreement})` : ""
      }`;
    }),
  ];
}

/** Is the file for the record one that can be written? Asked before hours of measuring, not after. */
async function checkRecord(path: string): Promise<void> {
  try {
    using _ = await Deno.open(path, { write: true, create: true });
  } catch (error) {
    const why = error instanceof Deno.errors.NotCapable
      ? "it lies outside of this folder, where the task may not write"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UsageError(`Cannot write "${path}": ${oneLine(why)}`);
  }
}

/** Says who is there. */
function announce(peers: readonly Found[]): void {
  for (const { contender, kernel, missing } of peers) {
    print(
      missing === undefined
        ? `${contender.name}: ${kernel}`
        : `${contender.name}: missing: ${oneLine(missing)}`,
    );
  }
}

/** Writes the record to the history, and the document's table. */
async function keep(record: PerfRecord): Promise<void> {
  const path = `${HISTORY}/${record.date}-${record.commit.slice(0, 7)}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(record, null, 2)}\n`);
  const document = withHistory(await Deno.readTextFile(DOCUMENT), await readHistory(HISTORY));
  await Deno.writeTextFile(DOCUMENT, document);
  print(`Recorded ${path}, and ${DOCUMENT} made again.`);
}

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args, {
    boolean: ["quick", "large", "record"],
    string: ["rounds", "peers", "llama", "json"],
    list: ["rows", "python"],
  });
  const chosen = chosenRows(flags), kinds = chosenPeers(flags.text("peers"));
  const rounds = flags.integer("rounds"), file = flags.text("json");
  if (file !== undefined) await checkRecord(file);
  const commit = flags.on("record") ? await measuredCommit() : "0000000";
  const pythons = flags.list("python"), before = load();
  const peers = await findPeers({
    pythons: pythons.length > 0 ? pythons : ["python3"],
    llama: flags.text("llama"),
    kinds,
  });
  announce(peers);
  const there = peers.filter(({ missing }) => missing === undefined).map(({ contender }) => contender);
  const results: RowResult[] = [];
  let lost = false;
  for (const row of chosen) {
    if (row.name === "grade") await makePairs();
    try {
      const result = await measureRow(
        row,
        { ours, peers: there },
        rounds ?? (flags.on("quick") || row.size === "large" ? 3 : 9),
      );
      print(resultText(result).join("\n"));
      results.push(result);
    } catch (error) {
      // A process that ended, as where a model does not fit beside its peers, costs its row and not the others.
      if (!(error instanceof Error)) throw error;
      print(oneLine(`${row.name}: ${error.message}`));
      lost = true;
    }
  }
  const record: PerfRecord = {
    commit,
    date: new Date().toISOString().slice(0, 10),
    machine: { ...describeMachine(), load: [before, load()] },
    versions: versionsOf(peers),
    command: ["deno task perf", ...withoutPaths(args)].join(" "),
    results: [...results] as PerfRecord["results"],
  };
  if (file !== undefined) await Deno.writeTextFile(file, `${JSON.stringify(record, null, 2)}\n`);
  if (flags.on("record")) await keep(record);
  const wrong = ({ against }: RowResult): boolean => {
    return against.some(({ refused }) => refused?.startsWith("it computes"));
  };
  return lost || results.some(wrong) ? 1 : 0;
}

/** The arguments of a record: where a machine keeps its peers is nobody's matter. */
function withoutPaths(args: readonly string[]): string[] {
  const places: Readonly<Record<string, string>> = {
    "--python": "PATH",
    "--llama": "FOLDER",
    "--json": "FILE",
  };
  return args.filter((argument) => argument !== "--record").map((argument, i, all) =>
    places[all[i - 1] ?? ""] ?? argument
  );
}

if (import.meta.main) await runProgram(HELP, main);
