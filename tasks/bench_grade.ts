/**
 * `bench:grade`: the verifier against published grading cases.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CaseFault,
  type CaseResult,
  readCases,
  type Score,
  scoreCase,
  summarize,
  type Swap,
  swapCase,
} from "../src/conformance/mod.ts";
import { graderVersion } from "../src/grade/mod.ts";
import { Progress } from "../src/progress.ts";
import { outputStyle } from "../src/report/mod.ts";
import { type Command, oneLine, print, readFlags, UsageError } from "./shared/command.ts";

/** How many cases of a file are graded before the clock runs: the engine loads and compiles on first use. */
const WARM_UP = 5;

const HELP = `Usage: deno task bench:grade [--cases DIR] [--file NAME] [--disagreements] [--json]

Grades the cases in the *.jsonl files of DIR and counts the right verdicts: "correct" where a case expects true,
anything else where it expects false. Cases that expect nothing are policy questions: counted, not scored.

  --cases DIR       the folder with the case files (default: ../shared/grading beside the project)
  --file NAME       only the files whose names begin like this
  --disagreements   also list the cases that are not right, the policy questions, and the verdicts that change when
                    gold and answer are exchanged
  --json            one JSON object instead of the table

false +   taken for equal, or found, where it should not be
false −   not taken for equal, or not found, where it should be
unparsed  scored cases with the verdict unparsed or timeout
%         rounded down: 100.00 means all

Times are those of the verifier alone, after the first ${WARM_UP} cases of each file were graded once. Exit code 1 if a line
could not be read; the others are scored. Grader version ${graderVersion}.

Examples:
  deno task bench:grade
  deno task bench:grade --file hardverify --disagreements`;

/** Calls of the verifier that take longer are listed, in milliseconds. */
const SLOW = 50;

/** The case files of the project's neighbour. */
export const DEFAULT_FOLDER = fileURLToPath(new URL("../../shared/grading", import.meta.url));

/** How the names of case files end. */
const ENDING = ".jsonl";

/** The longest text that is printed whole, in UTF-16 units. */
const LONGEST = 160;

/** A scored case file. */
export interface FileReport {
  /** The name of the file without its ending. */
  readonly name: string;
  /** The scored cases. */
  readonly results: readonly CaseResult[];
  /** The cases graded again with gold and answer exchanged, where that means something. */
  readonly swaps: readonly Swap[];
  /** The lines that are no case. */
  readonly faults: readonly CaseFault[];
}

/** Scores the text of a case file. */
export function scoreFile(name: string, text: string): FileReport {
  const { cases, faults } = readCases(text);
  cases.slice(0, WARM_UP).forEach(scoreCase);
  const results = cases.map(scoreCase);
  const swaps = results.flatMap((result) => swapCase(result) ?? []);
  return { name, results, swaps, faults };
}

/** A cell's text; numbers stand to the right. */
interface Column {
  readonly head: string;
  readonly cell: (name: string, score: Score) => string;
}

/** A number of milliseconds. */
function milliseconds(value: number): string {
  return value.toFixed(2);
}

/** The share of right verdicts in percent, rounded down: 100.00 means all. */
function percentRight({ right, scored }: Score): number | undefined {
  return scored === 0 ? undefined : Math.floor(10_000 * right / scored) / 100;
}

const fileColumn: Column = { head: "file", cell: (name) => name };

/** How many verdicts are right, and which way the others are wrong. */
const rightColumns: readonly Column[] = [
  { head: "scored", cell: (_, score) => String(score.scored) },
  { head: "right", cell: (_, score) => String(score.right) },
  { head: "%", cell: (_, score) => percentRight(score)?.toFixed(2) ?? "" },
  { head: "false +", cell: (_, score) => String(score.falsePositives) },
  { head: "false −", cell: (_, score) => String(score.falseNegatives) },
];

/** What was not read or not scored, and how long the verifier took. */
const otherColumns: readonly Column[] = [
  { head: "unparsed", cell: (_, score) => String(score.unparsed) },
  { head: "policy", cell: (_, score) => String(score.policy) },
  { head: "median ms", cell: (_, score) => milliseconds(score.median) },
  { head: "p99 ms", cell: (_, score) => milliseconds(score.p99) },
  { head: "max ms", cell: (_, score) => milliseconds(score.max) },
];

/** Rows as lines: the first column to the left, the others to the right; a rule under the heads and above the total. */
function layOut(columns: readonly Column[], rows: readonly (readonly [string, Score])[]): string[] {
  const cells = [
    columns.map(({ head }) => head),
    ...rows.map(([name, score]) => columns.map(({ cell }) => cell(name, score))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...lines] = cells.map((row) =>
    row.map((text, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? text.padEnd(width) : text.padStart(width);
    }).join("  ").trimEnd()
  );
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [head, rule, ...lines.slice(0, -1), rule, ...lines.slice(-1)];
}

/** The table of files with their total; where it is too wide, half of the columns stand below. */
function scoreTable(rows: readonly (readonly [string, Score])[], width: number): string[] {
  const whole = layOut([fileColumn, ...rightColumns, ...otherColumns], rows);
  if ((whole[1] ?? "").length <= width) return whole;
  return [
    ...layOut([fileColumn, ...rightColumns], rows),
    "",
    ...layOut([fileColumn, ...otherColumns], rows),
  ];
}

/** The beginning of a text. */
function beginning(text: string): string {
  return text.length <= LONGEST ? oneLine(text) : `${oneLine(text.slice(0, LONGEST))}…`;
}

/** The end of a text: where a completion has its answer. */
function ending(text: string): string {
  return text.length <= LONGEST ? oneLine(text) : `…${oneLine(text.slice(-LONGEST))}`;
}

/** A case and its verdict as a record, with texts cut. */
function describe({ item, gold, verdict, right }: CaseResult): Record<string, string | boolean | null> {
  return {
    id: beginning(item.id),
    kind: item.kind,
    disagreement: right === undefined
      ? "policy question"
      : right
      ? null
      : item.expected
      ? "false negative"
      : "false positive",
    disputed: item.disputed,
    gold: beginning(gold),
    pred: ending(item.pred),
    options: Object.keys(item.cfg).length === 0 ? null : beginning(JSON.stringify(item.cfg)),
    verdict: verdict.verdict,
    extracted: verdict.extracted === undefined ? null : beginning(verdict.extracted),
    source: verdict.source ?? null,
    gold_type: verdict.goldType ?? null,
    type: verdict.type ?? null,
    method: verdict.method,
    reason: beginning(verdict.reason),
  };
}

/** A case and its verdict for a person. */
function explain(result: CaseResult, title: string, swapped?: Swap): string[] {
  const seen = describe(result);
  return [
    "",
    `${seen.id} (${seen.kind}${seen.disputed ? ", disputed" : ""}): ${title}`,
    `  gold       ${seen.gold}  [${seen.gold_type ?? "not read"}]`,
    `  answer     ${seen.pred}`,
    `  extracted  ${
      seen.extracted === null ? "nothing" : `${seen.extracted}  [${seen.type ?? "not read"}, ${seen.source}]`
    }`,
    `  verdict    ${seen.verdict} by ${seen.method}: ${seen.reason}`,
    ...(swapped
      ? [`  exchanged  ${swapped.swapped.verdict} by ${swapped.swapped.method}: ${swapped.swapped.reason}`]
      : []),
    ...(seen.options === null ? [] : [`  options    ${seen.options}`]),
  ];
}

/** What all files add up to. */
interface Sums {
  readonly total: Score;
  readonly pairsPerSecond: number;
  readonly slow: readonly { id: string; ms: number; characters: number }[];
  readonly compared: number;
  readonly changed: readonly Swap[];
  readonly byRounding: number;
  readonly wrong: readonly CaseResult[];
  readonly policy: readonly CaseResult[];
}

/** Adds the files up. */
function sums(files: readonly FileReport[]): Sums {
  const results = files.flatMap((file) => file.results), swaps = files.flatMap((file) => file.swaps);
  const total = summarize(results);
  return {
    total,
    pairsPerSecond: total.total === 0 ? 0 : Math.round(1000 * total.calls / total.total),
    slow: results.map(({ item, gold, times }) => ({
      id: beginning(item.id),
      ms: Math.max(...times),
      characters: gold.length + item.pred.length,
    })).filter(({ ms }) => ms > SLOW).sort((a, b) => b.ms - a.ms),
    compared: swaps.length,
    changed: swaps.filter(({ changed, rounding }) => changed && !rounding),
    byRounding: swaps.filter(({ changed, rounding }) => changed && rounding).length,
    wrong: results.filter(({ right }) => right === false),
    policy: results.filter(({ right }) => right === undefined),
  };
}

/**
 * The scores as text.
 *
 * @param width Columns of the terminal; unlimited in a pipe.
 */
export function scoreText(files: readonly FileReport[], disagreements: boolean, width = Infinity): string {
  const { total, pairsPerSecond, slow, compared, changed, byRounding, wrong, policy } = sums(files);
  const rows = files.map(({ name, results }) => [name, summarize(results)] as const);
  const lines = [
    ...scoreTable([...rows, ["total", total]], width),
    "",
    `Speed on one core: ${pairsPerSecond} pairs a second (${total.calls} in ${
      (total.total / 1000).toFixed(2)
    } s).`,
    `Times are those of verify() alone, after the first ${WARM_UP} cases of each file were graded once.`,
    `Over ${SLOW} ms: ${slow.length === 0 ? "none" : slow.length}`,
    ...slow.map(({ id, ms, characters }) => `  ${id}: ${milliseconds(ms)} ms, ${characters} characters`),
    `Gold and answer exchanged: ${compared} verdicts; ${changed.length} changed, and ${byRounding} by rounding or a base left out.`,
  ];
  if (disagreements) {
    for (const result of wrong) lines.push(...explain(result, `${describe(result).disagreement}`));
    for (const result of policy) lines.push(...explain(result, "policy question"));
    for (const swap of changed) lines.push(...explain(swap.result, "changes when exchanged", swap));
  }
  return lines.join("\n");
}

/** A score as a record. */
function scoreRecord(score: Score): Record<string, number | null> {
  const rounded = (value: number): number => Math.round(1000 * value) / 1000;
  return {
    scored: score.scored,
    right: score.right,
    percent: percentRight(score) ?? null,
    false_positives: score.falsePositives,
    false_negatives: score.falseNegatives,
    unparsed: score.unparsed,
    policy: score.policy,
    pairs: score.calls,
    total_ms: rounded(score.total),
    median_ms: rounded(score.median),
    p99_ms: rounded(score.p99),
    max_ms: rounded(score.max),
  };
}

/** The scores as a JSON object with the numbers of {@linkcode scoreText}. */
export function scoreJson(files: readonly FileReport[], disagreements: boolean): string {
  const { total, pairsPerSecond, slow, compared, changed, byRounding, wrong, policy } = sums(files);
  return JSON.stringify(
    {
      grader: graderVersion,
      files: files.map(({ name, results }) => ({ file: name, ...scoreRecord(summarize(results)) })),
      total: scoreRecord(total),
      pairs_per_second: pairsPerSecond,
      slow,
      exchanged: { pairs: compared, changed: changed.length, by_rounding: byRounding },
      unreadable: files.flatMap(({ name, faults }) => faults.map((fault) => ({ file: name, ...fault }))),
      ...(disagreements
        ? {
          disagreements: wrong.map(describe),
          policy_questions: policy.map(describe),
          changed: changed.map(({ result, swapped }) => ({
            ...describe(result),
            exchanged: swapped.verdict,
            exchanged_method: swapped.method,
          })),
        }
        : {}),
    },
    null,
    2,
  );
}

/** The case files of a folder whose names begin alike, in the order of their names. */
async function caseFiles(folder: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && name.endsWith(ENDING) && name.startsWith(prefix)) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot find the case files: "${folder}" is no directory; give --cases DIR`);
    }
    throw error;
  }
  if (names.length > 0) return names.sort();
  throw new UsageError(`Cannot find the case files: no "${prefix}*${ENDING}" in "${folder}"`);
}

/** The command. */
export const command: Command = {
  help: HELP,
  async run(args) {
    const flags = readFlags(args, { boolean: ["disagreements", "json"], string: ["cases", "file"] });
    const folder = flags.text("cases") ?? DEFAULT_FOLDER;
    const names = await caseFiles(folder, flags.text("file") ?? "");
    const progress = new Progress();
    const files: FileReport[] = [];
    for (const [index, name] of names.entries()) {
      progress.update("case files", index, names.length, name);
      files.push(scoreFile(name.slice(0, -ENDING.length), await Deno.readTextFile(join(folder, name))));
    }
    progress.update("case files", names.length, names.length);
    const disagreements = flags.on("disagreements");
    print(
      flags.on("json")
        ? scoreJson(files, disagreements)
        : scoreText(files, disagreements, outputStyle().width),
    );
    for (const { name, faults } of files) {
      for (const { line, message } of faults) {
        progress.line(`Cannot read ${name}${ENDING}, line ${line}: ${message}`);
      }
    }
    return files.some(({ faults }) => faults.length > 0) ? 1 : 0;
  },
};
