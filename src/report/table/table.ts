/**
 * The method table as text for a terminal and as Markdown.
 *
 * @module
 */

import { controlsNote } from "./controls.ts";
import { type Estimate, FEWEST_SEEDS } from "../../stats/mod.ts";
import {
  type Cell,
  type Grid,
  gridWidth,
  layOut,
  markdownCell,
  markdownGrid,
  percent,
  plain,
  type TextStyle,
  wrap,
} from "./grid.ts";
import { type Sweep, sweepsOf, sweptMethods } from "./sweep.ts";
import { fittedGrid, type SweepScores, type SweepTable, sweepTables } from "./sweep_grid.ts";
import { registeredGrid, registeredNotes, registeredReport } from "./registered.ts";
import {
  type Counts,
  type Difference,
  intervalText,
  type MethodTable,
  methodTable,
  type TableOptions,
} from "./summary.ts";
import { servedNote } from "./served.ts";
import { verdictParts, verdictWords } from "./verdict_words.ts";

/** An accuracy and half the width of its interval. */
function accuracy({ value, low, high }: Estimate): string {
  return `${percent(value)} ± ${percent((high - low) / 2).padStart(3)}`;
}

/** A difference, its interval and what it means. */
function differenceText(difference: Difference | undefined): string {
  if (!difference) return "";
  const { evidence, verdict } = difference;
  return `${intervalText(evidence.difference)} ${verdictWords(verdict, evidence.detectable)}`;
}

/** The accuracies of a table. */
function accuracyGrid(table: MethodTable): Cell[][] {
  const heads = [...table.suites, ...(table.suites.length > 1 ? ["average"] : [])];
  return [
    [{ text: table.metric }, ...heads.map((text) => ({ text: plain(text), right: true }))],
    ...table.rows.map((row) => [
      { text: plain(row.label) },
      ...(row.suites.length > 1 ? [...row.suites, row.average] : row.suites).map((estimate) => ({
        text: accuracy(estimate),
        right: true,
      })),
    ]),
  ];
}

/** The difference columns beside the accuracies. */
function differenceColumns(table: MethodTable): Cell[][] {
  return [
    table.references.map((label) => ({ text: `Δ to ${plain(label)}` })),
    ...table.rows.map(({ differences }) =>
      table.references.map((label) => ({ text: differenceText(differences.find(({ to }) => to === label)) }))
    ),
  ];
}

/** The differences as a list of pairs, of two references the later minus the earlier; verdicts on lines of their own or not. */
function differenceList(table: MethodTable, broken = false): Cell[][] {
  const order = table.rows.map(({ label }) => label);
  const rows = table.rows.flatMap((row, index) =>
    row.differences
      .filter(({ to }) => !table.references.includes(row.label) || order.indexOf(to) < index)
      .flatMap((difference): Cell[][] => {
        const pair = plain(`${row.label} − ${difference.to}`);
        if (!broken) return [[{ text: pair }, { text: differenceText(difference) }]];
        return [
          [{ text: pair }, { text: intervalText(difference.evidence.difference) }],
          ...verdictParts(difference.verdict, difference.evidence.detectable).map((
            text,
          ) => [{ text: "" }, { text }]),
        ];
      })
  );
  return rows.length === 0 ? [] : [[{ text: "pair" }, { text: "Δ of the average" }], ...rows];
}

/** Rows as columns. */
function transpose(grid: Grid): Cell[][] {
  return (grid[0] ?? []).map((_, column) =>
    grid.map((row, index) => ({ text: row[column]?.text ?? "", right: index > 0 }))
  );
}

/** Two grids side by side. */
function beside(left: Grid, right: Grid): Cell[][] {
  return left.map((row, index) => [...row, ...(right[index] ?? [])]);
}

/** The first arrangement that fits: everything in one table, differences below, or suites as rows too. */
function arrange(table: MethodTable, width: number): Grid[] {
  const accuracies = accuracyGrid(table), list = differenceList(table);
  const arrangements = [
    [beside(accuracies, differenceColumns(table))],
    [accuracies, list],
    [transpose(accuracies), list],
  ];
  const narrow = [transpose(accuracies), differenceList(table, true)];
  const fitting = arrangements.find((grids) => grids.every((grid) => gridWidth(grid) <= width));
  return (fitting ?? narrow).filter((grid) => grid.length > 0);
}

/** Length and failures of the completions. */
function completionGrid(table: MethodTable): Cell[][] {
  const heads = ["tokens", "cut off %", "no answer %"];
  return [
    [{ text: "completions" }, ...heads.map((text) => ({ text, right: true }))],
    ...table.rows.map(({ label, completions }) => [
      { text: plain(label) },
      { text: completions.tokens.toFixed(1), right: true },
      { text: percent(completions.truncated), right: true },
      { text: percent(completions.unparsed), right: true },
    ]),
  ];
}

/** What a grid's table needs of a table: differences are to its last reference, GRPO where that is there. */
function sweepScores({ metric, suites, references, rows }: MethodTable): SweepScores {
  const reference = references.at(-1), byMethod = new Map(rows.map((row) => [row.method, row]));
  return {
    metric,
    suites,
    reference,
    of: (method) => {
      const row = byMethod.get(method), to = row?.differences.find(({ to }) => to === reference);
      return row && {
        average: row.average,
        suites: row.suites,
        difference: to && { ...to.evidence.difference, verdict: to.verdict },
      };
    },
  };
}

/** A table without the methods that stand in grids alone. */
function withoutSwept(table: MethodTable, sweeps: readonly Sweep[]): MethodTable {
  const swept = sweptMethods(sweeps);
  return { ...table, rows: table.rows.filter(({ method }) => !swept.has(method)) };
}

/** The grids of a table's profile, and the tables that they make. */
function sweepsIn(table: MethodTable, profile: unknown): { sweeps: Sweep[]; tables: SweepTable[] } {
  const sweeps = sweepsOf(profile, table.rows.map(({ method }) => method));
  return { sweeps, tables: sweeps.flatMap((sweep) => sweepTables(sweep, sweepScores(table))) };
}

/** Tables with their titles, each title once. */
function titled<T>(
  tables: readonly SweepTable[],
  draw: (table: SweepTable) => T,
): { title: string | undefined; drawn: T }[] {
  return tables.map((table, i) => ({
    title: tables[i - 1]?.title === table.title ? undefined : table.title,
    drawn: draw(table),
  }));
}

/** How the numbers are to be read. */
function legend(
  table: MethodTable,
  { confidence = 0.95, margin = 0.03 }: TableOptions,
  { profile, runs }: Counts,
): string[] {
  const seeds = Math.max(...table.rows.map((row) => row.seeds));
  const trained = table.rows.filter((row) => row.seeds > 0).map((row) => row.seeds);
  const untrained = table.rows.some((row) => row.seeds === 0);
  const few = trained.some((seeds) => seeds < FEWEST_SEEDS);
  return [
    `In %, ± half the ${percent(confidence).replace(/\.0$/, "")} % interval over ${
      table.problems.join(" + ")
    } problems` +
    (seeds === 0 ? "." : ` and ${seeds} seed${seeds === 1 ? "" : "s"}`) +
    (seeds === 0 ? "" : untrained ? ", of the untrained model over problems only." : "."),
    "Δ: paired by problem; better or worse where interval and p-value exclude 0, tied where shown to be within " +
    `±${
      percent(margin).replace(/\.0$/, "")
    } points. Detectable: the smallest true difference that would have been found ` +
    "with 80 % power.",
    ...(few
      ? [
        "Where a method has one seed, its interval is over problems only; with fewer than three of a trained method " +
        "no difference is called.",
      ]
      : []),
    ...(sweepsOf(profile, table.rows.map(({ method }) => method)).length > 0
      ? ["Marks in grids: + better, - worse, = tied within noise, ≡ identical, ? inconclusive."]
      : []),
    ...[servedNote(runs) ?? []].flat(),
    ...(seeds > 0 && profile !== undefined ? [controlsNote(profile) ?? []].flat() : []),
  ];
}

/**
 * The method table for a terminal: avg@k with intervals and differences, then pass@k, then grids, then the completions. The same
 * record gives the same text, digit for digit.
 *
 * @param counts A result record.
 */
export function terminalTable(counts: Counts, style: TextStyle = {}, options: TableOptions = {}): string {
  const { width = Infinity, color = false } = style;
  const average = methodTable(counts, "avg", options), pass = methodTable(counts, "pass", options);
  const { sweeps, tables } = sweepsIn(average, counts.profile),
    registered = registeredReport(counts, options);
  const drawn = (table: MethodTable): string[][] =>
    arrange(withoutSwept(table, sweeps), width).map((grid) => layOut(grid, color));
  const grids = titled(tables, ({ grid }) => layOut(fittedGrid(grid, width), color))
    .map(({ title, drawn }) => title === undefined ? drawn : [...wrap(title, width), ...drawn]);
  const rest = [...(registered ? [registeredGrid(registered, width)] : []), completionGrid(average)];
  const lines = [...(registered ? registeredNotes(registered) : []), ...legend(average, options, counts)];
  const notes = lines.flatMap((line) => wrap(line, width));
  return [...drawn(average), ...drawn(pass), ...grids, ...rest.map((grid) => layOut(grid, color)), notes]
    .map((lines) => lines.join("\n")).join("\n\n");
}

/**
 * The method table as Markdown: avg@k and pass@k with their differences, then grids.
 *
 * @param counts A result record.
 */
export function markdownTable(counts: Counts, options: TableOptions = {}): string {
  const tables = (["avg", "pass"] as const).map((metric) => methodTable(counts, metric, options));
  const [average] = tables, registered = registeredReport(counts, options);
  const { sweeps, tables: grids } = average ? sweepsIn(average, counts.profile) : { sweeps: [], tables: [] };
  const whole = tables.map((table) => withoutSwept(table, sweeps));
  return [
    ...whole.map((table) => markdownGrid(beside(accuracyGrid(table), differenceColumns(table)))),
    ...titled(grids, ({ grid }) => markdownGrid(grid)).flatMap(({ title, drawn }) =>
      title === undefined ? [drawn] : [`**${markdownCell({ text: title })}**`, drawn]
    ),
    ...(registered ? [markdownGrid(registeredGrid(registered)), registeredNotes(registered).join(" ")] : []),
    ...(average ? [legend(average, options, counts).join(" ")] : []),
  ].join("\n\n") + "\n";
}

/** How to dress text for this process's standard output: colour and width of a terminal, plain in a pipe. */
export function outputStyle(): TextStyle {
  if (!Deno.stdout.isTerminal()) return {};
  return { width: Deno.consoleSize().columns, color: !Deno.noColor };
}
