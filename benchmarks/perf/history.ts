/**
 * The history of measurements: a file a measured commit, with the machine that measured it, and the table that
 * `docs/performance.md` shows of them.
 *
 * @module
 */

import { z } from "zod";
import { secondsText, type Spread, spreadText } from "./spread.ts";

const spread = z.strictObject({ median: z.number(), low: z.number(), high: z.number() });

const timing = {
  name: z.string(),
  best: z.number().positive(),
  median: z.number().positive().exactOptional(),
  cpu: z.number().nonnegative().exactOptional(),
  peak: z.number().positive().exactOptional(),
};

const comparison = z.strictObject({
  ...timing,
  /** Our fastest round beside it, where it was not beside all that the row compares with. */
  ours: z.number().positive().exactOptional(),
  best: timing.best.exactOptional(),
  ratio: spread.exactOptional(),
  agreement: z.string().exactOptional(),
  refused: z.string().exactOptional(),
});

const result = z.strictObject({
  row: z.string(),
  title: z.string(),
  threads: z.int().positive(),
  rounds: z.int().positive().exactOptional(),
  ours: z.strictObject(timing),
  against: z.array(comparison),
  share: spread.exactOptional(),
});

const record = z.strictObject({
  /** The measured commit, seven digits of it. */
  commit: z.string().regex(/^[0-9a-f]{7,40}$/),
  date: z.iso.date(),
  /** Where the numbers are from, unless `deno task perf --record` measured them. */
  outside: z.string().exactOptional(),
  machine: z.strictObject({
    processor: z.string(),
    instructions: z.string(),
    cores: z.int().positive(),
    memory: z.number().positive(),
    system: z.string(),
    /** The load of the last minute, at the beginning and at the end. */
    load: z.tuple([z.number(), z.number()]).optional(),
  }),
  /** Versions by name; of a peer with the kernel that computed. */
  versions: z.record(z.string(), z.string()),
  command: z.string(),
  results: z.array(result),
});

/** What came of a row, as it is kept. */
export type Result = z.infer<typeof result>;

/** One measured commit. */
export type PerfRecord = z.infer<typeof record>;

/**
 * Reads a file of the history.
 *
 * @throws {SyntaxError} If it is none.
 */
export function parseRecord(text: string, path: string): PerfRecord {
  const { success, data, error } = record.safeParse(JSON.parse(text));
  if (success) return data;
  const [issue] = error.issues;
  throw new SyntaxError(`Cannot use ${path}: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** Reads a folder of the history, oldest first. */
export async function readHistory(folder: string): Promise<PerfRecord[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".json")) names.push(name);
  const texts = names.sort().map(async (name) => {
    return parseRecord(await Deno.readTextFile(`${folder}/${name}`), `${folder}/${name}`);
  });
  return await Promise.all(texts);
}

/** A ratio of times in words, bold where we lose. */
function ratioText(ratio: Spread): string {
  const text = spreadText(ratio);
  return ratio.median > 1 ? `**${text}**` : text;
}

/** What a record says of a row against somebody. */
function cell({ results }: PerfRecord, row: string, name: string | undefined): string {
  const found = results.find((result) => result.row === row);
  if (!found) return "";
  if (found.share) return spreadText(found.share);
  if (name === undefined) return secondsText(found.ours.best);
  const other = found.against.find((each) => each.name === name);
  if (other?.refused !== undefined) return "not compared";
  if (other?.best === undefined) return "";
  const own = other.ours ?? found.ours.best;
  const times = `${secondsText(own)} : ${secondsText(other.best)}`;
  const plain = own / other.best;
  const ratio = ratioText(other.ratio ?? { median: plain, low: plain, high: plain });
  return `${times} = ${ratio}`;
}

/** The peak memory that a record says of a row: ours and another's, in GiB. */
function memory({ results }: PerfRecord, row: string, name: string | undefined): string {
  const found = results.find((result) => result.row === row);
  const other = found?.against.find((each) => each.name === name);
  const text = (bytes: number | undefined): string =>
    bytes === undefined ? "–" : (bytes / 2 ** 30).toFixed(2);
  if (found?.ours.peak === undefined && other?.peak === undefined) return "";
  return name === undefined ? text(found?.ours.peak) : `${text(found?.ours.peak)} : ${text(other?.peak)}`;
}

/** A table of Markdown that reads well as text, too. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(3, ...rows.map((row) => [...row[i] ?? ""].length)));
  const padded = (text: string, i: number): string => text + " ".repeat((widths[i] ?? 0) - [...text].length);
  const lines = rows.map((row) => `| ${row.map(padded).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Rows and whom they are compared with, in the order in which records first have them. */
function lines(
  records: readonly PerfRecord[],
): { readonly row: string; readonly title: string; readonly name: string | undefined }[] {
  const order: string[] = [], titles = new Map<string, string>(), names = new Map<string, Set<string>>();
  for (const { row, title, against } of records.flatMap(({ results }) => results)) {
    if (!titles.has(row)) order.push(row);
    titles.set(row, title);
    const known = names.get(row) ?? new Set();
    for (const { name } of against) known.add(name);
    names.set(row, known);
  }
  return order.flatMap((row) => {
    const found = [...names.get(row) ?? []], title = titles.get(row) ?? row;
    return (found.length > 0 ? found : [undefined]).map((name) => ({ row, title, name }));
  });
}

/** What is said of a record's machine. */
function machineText({ commit, date, outside, machine, versions, command }: PerfRecord): string {
  const { processor, instructions, cores, memory, system, load } = machine;
  const found = Object.entries(versions).map(([name, version]) => `${name}: ${version}`).join("; ");
  const busy = load ? `; load ${load[0].toFixed(1)} at the beginning, ${load[1].toFixed(1)} at the end` : "";
  return `- \`${commit.slice(0, 7)}\`, ${date}: ${
    outside === undefined ? "" : `**${outside}** `
  }${processor}, ${cores} cores, ${
    memory.toFixed(0)
  } GiB, ${instructions}; ${system}${busy}. ${found}. \`${command}\``;
}

/** The part of `docs/performance.md` that the history makes: tables over commits, and the machines. */
export function historyText(records: readonly PerfRecord[]): string {
  const all = lines(records), commits = records.map(({ commit }) => `\`${commit.slice(0, 7)}\``);
  const body = (of: typeof cell): string[][] =>
    all.map(({ row, title, name }) => [title, name ?? "", ...records.map((each) => of(each, row, name))])
      .filter(([, , ...cells]) => cells.some((text) => text !== ""));
  const times = table([["work", "against", ...commits], ...body(cell)]);
  const peaks = table([["peak memory, GiB", "against", ...commits], ...body(memory)]);
  return [times, peaks, records.map(machineText).join("\n")].join("\n\n");
}

/** Where the made part of the document begins and ends. */
const BEGIN = "<!-- deno-fmt-ignore-start -->";
const END = "<!-- deno-fmt-ignore-end -->";

/**
 * The document with its made part made again.
 *
 * @throws {SyntaxError} If it has no place for it.
 */
export function withHistory(document: string, records: readonly PerfRecord[]): string {
  const from = document.indexOf(BEGIN), to = document.indexOf(END);
  if (from < 0 || to < from) {
    throw new SyntaxError(`Cannot write the history: expected the lines "${BEGIN}" and "${END}"`);
  }
  return `${document.slice(0, from)}${BEGIN}\n\n${historyText(records)}\n\n${document.slice(to)}`;
}
