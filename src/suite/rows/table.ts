/**
 * Tables of text: CSV and TSV with a line of names.
 *
 * @module
 */

import { type CsvError, parse } from "csv-parse/sync";

/** A line of a table, and the line of the file where it ends. */
export interface TableRow {
  /** The line of the file, from 1. */
  readonly line: number;
  /** The cells by their column's name. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** The longest line of a table, in bytes. */
const LONGEST = 16 * 2 ** 20;

function isTableRow(
  found: unknown,
): found is {
  readonly record: Readonly<Record<string, unknown>>;
  readonly info: { readonly lines: number };
} {
  return typeof found === "object" && found !== null && "record" in found && "info" in found;
}

/**
 * Reads a table: RFC 4180's quotes, a byte order mark, any line ends. Cells are texts; empty lines are passed over.
 *
 * @param delimiter A comma or a tab.
 * @throws {SyntaxError} If it is malformed, a column has no name or that of another one: a predicate for a message.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readTable } from "./table.ts";
 *
 * const [row] = readTable('problem,answer\n"Find 2,000+1",2001\n', ",");
 * assertEquals(row?.value, { problem: "Find 2,000+1", answer: "2001" });
 * ```
 */
export function readTable(text: string, delimiter: "," | "\t"): TableRow[] {
  const columns = (names: readonly string[]): string[] => {
    const trimmed = names.map((name) => name.trim());
    const twice = trimmed.find((name, index) => trimmed.indexOf(name) < index);
    if (twice !== undefined) throw new SyntaxError(`line 1: the column "${twice}" is there twice`);
    return trimmed;
  };
  let rows: readonly unknown[];
  try {
    rows = parse(text, {
      delimiter,
      columns,
      bom: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: LONGEST,
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    throw new SyntaxError((error as CsvError).message.split("\n", 1)[0] ?? "");
  }
  return rows.filter(isTableRow).map(({ record, info }) => ({
    line: info.lines,
    value: Object.assign(Object.create(null), record),
  }));
}
