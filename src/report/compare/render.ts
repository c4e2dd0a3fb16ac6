/**
 * A comparison as text: for a terminal, Markdown, CSV, JSON, LaTeX and HTML.
 *
 * @module
 */

import { canonicalJson } from "../../canonical_json.ts";
import type { Comparison, PairedResult } from "./comparison.ts";
import { comparisonLegend, comparisonSections, type Section } from "./sections.ts";
import {
  breakWords,
  type Cell,
  gridWidth,
  layOut,
  markdownCell,
  markdownGrid,
  plain,
  type TextStyle,
  wrap,
} from "../table/mod.ts";

/** A section whose cells cannot steer a terminal. */
function harmless({ title, rows }: Section): Section {
  return {
    title: plain(title),
    rows: rows.map((row) => row.map((cell) => ({ ...cell, text: plain(cell.text) }))),
  };
}

/** Rows as blocks of "heading: value", where the table is too wide. */
function asList({ rows }: Section, width: number): string[] {
  const [heads = [], ...body] = rows;
  return body.flatMap((row, index) => [
    ...(index > 0 ? [""] : []),
    ...row.flatMap(({ text }, column) => {
      const head = heads[column]?.text ?? "";
      // The mark says in one character what the verdict says below.
      return text === "" || head === "" ? [] : wrap(breakWords(`${head}: ${text}`, width), width);
    }),
  ]);
}

/** Tables where they fit the terminal's width, else lists. */
function terminalText({ sections, legend }: Tables, style: TextStyle): string {
  const { width = Infinity, color = false } = style;
  const blocks = sections.map(harmless).map((section) => [
    ...wrap(section.title, width),
    ...(gridWidth(section.rows) <= width ? layOut(section.rows, color) : asList(section, width)),
  ]);
  const notes = legend.map(plain).flatMap((line) => wrap(line, width));
  return [...blocks, ...(notes.length > 0 ? [notes] : [])].map((lines) => lines.join("\n")).join("\n\n") +
    "\n";
}

/** GitHub Markdown. */
function markdownText({ sections, legend }: Tables): string {
  const blocks = sections.map(harmless).map(({ title, rows }) =>
    `**${markdownCell({ text: title })}**\n\n${markdownGrid(rows)}`
  );
  return [...blocks, ...legend.map((text) => markdownCell({ text: plain(text) }))].join("\n\n") + "\n";
}

/** A field of a CSV file (RFC 4180); text that a spreadsheet would take as a formula gets an apostrophe. */
function csvField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = plain(value), safe = /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\s']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The columns of the numbers of a pair. */
const resultColumns: Readonly<Record<string, (result: PairedResult) => number | null>> = {
  problems: ({ problems }) => problems,
  difference: ({ difference }) => difference.value,
  low: ({ difference }) => difference.low,
  high: ({ difference }) => difference.high,
  p: ({ p }) => p,
  p_holm: ({ adjusted }) => adjusted,
  p_mcnemar: ({ mcnemar }) => mcnemar,
  p_equivalence: ({ equivalence }) => equivalence,
  detectable: ({ detectable }) => detectable,
  seed_width: ({ seedWidth }) => seedWidth?.half ?? null,
};

/**
 * The pairs of a comparison as CSV (RFC 4180), one line a suite and one for all suites together, whose suite is empty;
 * shares, not percent, unrounded.
 */
export function comparisonCsv(comparison: Comparison): string {
  const heads = ["kind", "suite", "candidate", "candidate_method", "baseline", "baseline_method"];
  const tail = [
    ...["covers", "fixed", "broken", "improvement", "improvement_low", "improvement_high", "differing"],
    ...["verdict", "note"],
  ];
  const lines = [
    ...comparison.pairs.map((pair) => ({ ...pair, improvement: null, interval: null })),
    ...comparison.overall.map((pair) => ({ ...pair, suite: "", flips: null })),
  ].map((
    { kind, suite, candidate, baseline, result, flips, improvement, interval, differing, verdict, note },
  ) => [
    kind,
    suite,
    candidate.input,
    candidate.method,
    baseline.input,
    baseline.method,
    ...Object.values(resultColumns).map((read) => result ? read(result) : null),
    result?.covers ?? null,
    flips?.fixed.length ?? null,
    flips?.broken.length ?? null,
    improvement,
    interval?.low ?? null,
    interval?.high ?? null,
    differing.join("; "),
    verdict,
    note,
  ]);
  return [[...heads, ...Object.keys(resultColumns), ...tail], ...lines]
    .map((line) => line.map(csvField).join(",") + "\r\n").join("");
}

/** A comparison as canonical JSON (RFC 8785) with a line feed; its schema and version stand in `schema`. */
export function comparisonJson(comparison: Comparison): string {
  return canonicalJson(comparison) + "\n";
}

/** What LaTeX does not take as it stands. */
const latexSpecial: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  "_": "\\_",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  '"': "\\textquotedbl{}",
  "`": "\\textasciigrave{}",
  "'": "\\textquotesingle{}",
  "[": "{[}",
  "]": "{]}",
  "−": "$-$",
  "≡": "$\\equiv$",
  "±": "$\\pm$",
  "Δ": "$\\Delta$",
  "–": "--",
};

/** Text for LaTeX. */
function latexText(text: string): string {
  return plain(text).replace(
    /[\\{}$&#%_~^<>"`'[\]−±Δ–≡]/g,
    (character) => latexSpecial[character] ?? character,
  );
}

/** A section as a `table` with booktabs rules. */
function latexTable({ title, rows }: Section): string {
  const [heads = [], ...body] = rows;
  const line = (row: readonly Cell[]): string => row.map(({ text }) => latexText(text)).join(" & ") + " \\\\";
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${latexText(title)}}`,
    `\\begin{tabular}{${heads.map(({ right }) => right ? "r" : "l").join("")}}`,
    "\\toprule",
    line(heads),
    "\\midrule",
    ...body.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
  ].join("\n");
}

/** LaTeX tables; they need the packages booktabs and textcomp. */
function latexDocument({ sections, legend }: Tables): string {
  return [
    "% needs \\usepackage[T1]{fontenc}, \\usepackage{booktabs,textcomp}",
    ...sections.map(latexTable),
    ...legend.map(latexText),
  ].join("\n\n") + "\n";
}

/** Text for HTML, in content and in quoted attributes. */
function htmlText(text: string): string {
  return plain(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A section as a table. */
function htmlTable({ title, rows }: Section): string {
  const [heads = [], ...body] = rows;
  const cell = (tag: string, { text, right }: Cell, scope = ""): string =>
    `<${tag}${scope}${right ? ' class="number"' : ""}>${htmlText(text)}</${tag.slice(0, 2)}>`;
  return [
    "<table>",
    `<caption>${htmlText(title)}</caption>`,
    `<thead><tr>${heads.map((head) => cell("th", head, ' scope="col"')).join("")}</tr></thead>`,
    "<tbody>",
    ...body.map((row) => `<tr>${row.map((item) => cell("td", item)).join("")}</tr>`),
    "</tbody>",
    "</table>",
  ].join("\n");
}

/** An HTML fragment: a section of tables without styles. */
function htmlFragment({ sections, legend }: Tables): string {
  return [
    '<section class="comparison">',
    ...sections.map(htmlTable),
    ...legend.map((line) => `<p>${htmlText(line)}</p>`),
    "</section>",
  ].join("\n") + "\n";
}

/** The rows of all tables as CSV (RFC 4180), each table with its headings. */
function csvText({ sections }: Tables): string {
  return sections.flatMap(({ rows }) => rows)
    .map((row) => row.map(({ text }) => csvField(text)).join(",") + "\r\n").join("");
}

/** What a cell is in JSON: on the right stand numbers, and an empty cell is null. */
function jsonCell({ text, right = false }: Cell): string | number | null {
  if (text === "") return null;
  const number = Number(text.replace(/^[+−]/, (sign) => sign === "−" ? "-" : ""));
  return right && Number.isFinite(number) ? number : text;
}

/** The tables as canonical JSON: rows as objects by heading. */
function jsonText({ sections, legend }: Tables): string {
  const tables = sections.map(({ title, rows: [heads = [], ...body] }) => ({
    title,
    rows: body.map((row) =>
      Object.fromEntries(heads.map(({ text }, column) => [text, jsonCell(row[column] ?? { text: "" })]))
    ),
  }));
  return canonicalJson({ tables, notes: legend }) + "\n";
}

/** Tables, and how they are to be read. */
export interface Tables {
  /** The tables; the first row of each holds the headings. */
  readonly sections: readonly Section[];
  /** What a reader has to know, a paragraph each. */
  readonly legend: readonly string[];
}

/** The name of a format. */
export type ComparisonFormat = "terminal" | "markdown" | "csv" | "json" | "latex" | "html";

/** The formats by name. */
const renderers: Readonly<Record<ComparisonFormat, (tables: Tables, style: TextStyle) => string>> = {
  terminal: terminalText,
  markdown: markdownText,
  csv: csvText,
  json: jsonText,
  latex: latexDocument,
  html: htmlFragment,
};

/** The names of the formats. */
export const comparisonFormats: readonly ComparisonFormat[] = Object.keys(renderers) as ComparisonFormat[];

/**
 * Tables in one of the formats. The same tables give the same text.
 *
 * @param style Width and colour; for the terminal only.
 */
export function renderTables(tables: Tables, format: ComparisonFormat, style: TextStyle = {}): string {
  return renderers[format](tables, style);
}

/**
 * A comparison in one of the formats: CSV and JSON hold its numbers unrounded, the others are for readers. The same
 * comparison gives the same text.
 *
 * @param style Width and colour; for the terminal only.
 */
export function renderComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  style: TextStyle = {},
): string {
  if (format === "csv") return comparisonCsv(comparison);
  if (format === "json") return comparisonJson(comparison);
  const tables = { sections: comparisonSections(comparison), legend: comparisonLegend(comparison) };
  return renderTables(tables, format, style);
}
