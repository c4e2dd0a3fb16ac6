/**
 * The rows of a file in any of the formats that data sets come in.
 *
 * @module
 */

import { readLines } from "../../lines.ts";
import { readParquet } from "../parquet/mod.ts";
import { parseExactly, WrittenNumber } from "./number.ts";
import { readTable } from "./table.ts";

/** How the rows of a file are written. */
export type RowFormat = "parquet" | "jsonl" | "json" | "csv" | "tsv";

/** The names of the formats. */
export const rowFormats = ["parquet", "jsonl", "json", "csv", "tsv"] as const satisfies readonly RowFormat[];

/** Is a top-level column wanted? Parquet files are not read beyond those. */
export type WantedColumns = (column: string) => boolean;

/** The endings of files that are not called as their format is. */
const otherEndings: Readonly<Record<string, RowFormat>> = { ndjson: "jsonl" };

/**
 * The format of a file by its ending, in capitals or not; `undefined` if it is none of those that are read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatOf } from "./rows.ts";
 *
 * assertEquals(["a.JSONL", "a.ndjson", "a.tsv", "a.txt"].map(formatOf), ["jsonl", "jsonl", "tsv", undefined]);
 * ```
 */
export function formatOf(path: string): RowFormat | undefined {
  const ending = /\.([^./\\]*)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(otherEndings, ending)) return otherEndings[ending];
  return rowFormats.find((format) => format === ending);
}

/** A row, and where it stands. */
export interface Row {
  /** Its place for messages, such as `line 7`. */
  readonly place: string;
  /** Its columns. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** The largest JSON file or table that is read, in bytes: unlike the other formats it is in memory as a whole. */
const MAX_WHOLE = 64 * 2 ** 20;

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof WrittenNumber);
}

function why(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

function parse(text: string, path: string, place: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${path}${place}: ${why(error)}`);
  }
}

function asRow(value: unknown, path: string, place: string): Row {
  if (isRow(value)) return { place, value };
  throw new SyntaxError(`Cannot read ${path}, ${place}: expected an object`);
}

async function* readJsonLines(path: string): AsyncGenerator<Row, void, undefined> {
  const file = await Deno.open(path); // its stream closes it
  for await (const lines of readLines(file.readable)) {
    for (const line of lines) {
      const place = `line ${line.number}`;
      if ("fault" in line) throw new SyntaxError(`Cannot read ${path}, ${place}: ${line.fault}`);
      if (line.text.trim() !== "") yield asRow(parse(line.text, path, `, ${place}`), path, place);
    }
  }
}

/** The text of a file that is read as a whole. */
async function readWhole(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > MAX_WHOLE) {
    throw new RangeError(
      `Cannot read ${path}: ${size} bytes, more than ${MAX_WHOLE}; write one JSON row a line and name it .jsonl`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(`Cannot read ${path}: it is not UTF-8`);
  }
}

async function* readJson(path: string): AsyncGenerator<Row, void, undefined> {
  const value = parse(await readWhole(path), path, "");
  const rows = isRow(value) ? value.data : value;
  if (!Array.isArray(rows)) throw new SyntaxError(`Cannot read ${path}: expected a list of rows`);
  for (const [index, row] of rows.entries()) yield asRow(row, path, `row ${index + 1}`);
}

async function* readTableRows(path: string, delimiter: "," | "\t"): AsyncGenerator<Row, void, undefined> {
  const text = await readWhole(path);
  try {
    for (const { line, value } of readTable(text, delimiter)) yield { place: `line ${line}`, value };
  } catch (error) {
    throw error instanceof SyntaxError ? new SyntaxError(`Cannot read ${path}: ${error.message}`) : error;
  }
}

async function* readParquetRows(
  path: string,
  wanted: WantedColumns,
): AsyncGenerator<Row, void, undefined> {
  let number = 0;
  for await (const row of readParquet(path, wanted)) yield asRow(row, path, `row ${++number}`);
}

/**
 * The rows of a file.
 *
 * @param path Where it lies.
 * @param format How it is written.
 * @param wanted Which top-level columns are needed; parquet files are not read beyond them.
 * @throws {SyntaxError} If a row cannot be read: one line that names the file and the row.
 * @throws {RangeError} If a JSON file or a table is too large.
 */
export function readRows(
  path: string,
  format: RowFormat,
  wanted: WantedColumns,
): AsyncGenerator<Row, void, undefined> {
  const readers: Readonly<Record<RowFormat, () => AsyncGenerator<Row, void, undefined>>> = {
    parquet: () => readParquetRows(path, wanted),
    jsonl: () => readJsonLines(path),
    json: () => readJson(path),
    csv: () => readTableRows(path, ","),
    tsv: () => readTableRows(path, "\t"),
  };
  return readers[format]();
}
