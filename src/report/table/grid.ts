/**
 * Tables of text cells, laid out for a terminal and as Markdown.
 *
 * @module
 */

import { inertMarkdown } from "./markdown.ts";
import { textWidth } from "./width.ts";

/** The dress of the text. */
export interface TextStyle {
  /** Columns of the terminal; unlimited by default, as in a pipe. */
  readonly width?: number;
  /** Colour the verdicts; default false. */
  readonly color?: boolean;
}

/** A cell; numbers stand to the right. */
export interface Cell {
  /** What it says. */
  readonly text: string;
  /** Whether it stands to the right, as numbers do. */
  readonly right?: boolean;
}

/** Rows of cells, the first of them the headings. */
export type Grid = readonly (readonly Cell[])[];

/** A share in percent with one decimal and a true minus sign; a difference and its negative look alike. */
export function percent(share: number, signed = false): string {
  const text = (Math.round(Math.abs(share) * 1000) / 10).toFixed(1);
  const sign = text === "0.0" ? "" : share < 0 ? "−" : signed ? "+" : "";
  return sign + text;
}

/** Text from a record without what could steer a terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}

/** Widths of a grid's columns. */
function columnWidths(grid: Grid): number[] {
  return (grid[0] ?? []).map((_, column) =>
    Math.max(...grid.map((row) => textWidth(row[column]?.text ?? "")))
  );
}

/** The width of a grid as text: two spaces between columns. */
export function gridWidth(grid: Grid): number {
  return columnWidths(grid).reduce((sum, width) => sum + width + 2, -2);
}

/** Colours of the verdicts: green, red, grey, yellow. */
const colors: readonly (readonly [RegExp, string])[] = [
  [/better$/, "32"],
  [/worse$/, "31"],
  [/(tied within noise|identical|inconclusive \(too few \w+\))( \(detectable: [\d.]+\))?$/, "90"],
  [/not comparable$/, "33"],
];

/** A cell's text in the colour of its verdict. */
export function colored(text: string): string {
  for (const [pattern, code] of colors) {
    if (pattern.test(text)) return text.replace(pattern, (word) => `\x1b[${code}m${word}\x1b[0m`);
  }
  return text;
}

/** A grid as lines, with a rule under the headings. */
export function layOut(grid: Grid, color: boolean): string[] {
  const widths = columnWidths(grid);
  const lines = grid.map((row) =>
    row.map(({ text, right }, column) => {
      const space = " ".repeat((widths[column] ?? 0) - textWidth(text));
      return right ? space + text : (color ? colored(text) : text) + space;
    }).join("  ").trimEnd()
  );
  return [lines[0] ?? "", "─".repeat(Math.max(1, gridWidth(grid))), ...lines.slice(1)];
}

/** Breaks a line between words where it is wider than the terminal. */
export function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A word that is wider than the terminal, in pieces. */
export function breakWords(line: string, width: number): string {
  return line.split(" ").map((word) => {
    let piece = 0, broken = "";
    for (const character of word) {
      const wide = textWidth(character);
      if (piece + wide > width) [piece, broken] = [0, `${broken} `];
      piece += wide;
      broken += character;
    }
    return broken;
  }).join(" ");
}

/** A cell that Markdown and HTML take as text: no markup, no link, no mention. */
export function markdownCell({ text }: Cell): string {
  return inertMarkdown(text);
}

/** A grid as a Markdown table. */
export function markdownGrid(grid: Grid): string {
  const lines = grid.map((row) => `| ${row.map(markdownCell).join(" | ")} |`);
  const rule = `|${(grid[1] ?? []).map(({ right }) => right ? "---:" : "---").join("|")}|`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
