/**
 * The rows of a file in any of the formats that data sets come in.
 *
 * @module
 */

import { readLines } from "../lines.ts";
import type { RowFormat } from "./definition.ts";
import { readParquet } from "./parquet/mod.ts";

/** A row, and where it stands. */
export interface Row {
  /** Its place for messages, such as `line 7`. */
  readonly place: string;
  /** Its columns. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** The largest JSON file that is read, in bytes: unlike the other formats it is in memory as a whole. */
const MAX_JSON = 64 * 2 ** 20;

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function why(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

function parse(text: string, path: string, place: string): unknown {
  try {
    return JSON.parse(text);
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

async function* readJson(path: string): AsyncGenerator<Row, void, undefined> {
  const { size } = await Deno.stat(path);
  if (size > MAX_JSON) {
    throw new RangeError(
      `Cannot read ${path}: ${size} bytes, more than ${MAX_JSON}; write one row a line and name it .jsonl`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(`Cannot read ${path}: it is not UTF-8`);
  }
  const value = parse(text, path, "");
  const rows = isRow(value) ? value.data : value;
  if (!Array.isArray(rows)) throw new SyntaxError(`Cannot read ${path}: expected a list of rows`);
  for (const [index, row] of rows.entries()) yield asRow(row, path, `row ${index + 1}`);
}

async function* readParquetRows(
  path: string,
  columns: readonly string[],
): AsyncGenerator<Row, void, undefined> {
  let number = 0;
  for await (const row of readParquet(path, columns)) yield asRow(row, path, `row ${++number}`);
}

/**
 * The rows of a file.
 *
 * @param path Where it lies.
 * @param format How it is written.
 * @param columns The top-level columns that are needed; parquet files are not read beyond them.
 * @throws {SyntaxError} If a row cannot be read: one line that names the file and the row.
 * @throws {RangeError} If a JSON file is too large.
 */
export function readRows(
  path: string,
  format: RowFormat,
  columns: readonly string[],
): AsyncGenerator<Row, void, undefined> {
  const readers: Readonly<Record<RowFormat, () => AsyncGenerator<Row, void, undefined>>> = {
    parquet: () => readParquetRows(path, columns),
    jsonl: () => readJsonLines(path),
    json: () => readJson(path),
  };
  return readers[format]();
}
