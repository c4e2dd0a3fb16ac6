/**
 * Rows of files in all formats that data sets come in: JSON, JSON Lines, CSV, TSV and parquet, with the digits of their
 * numbers.
 *
 * @module
 */

export { parseExactly, WrittenNumber } from "./number.ts";
export { formatOf, readRows, type Row, type RowFormat, rowFormats, type WantedColumns } from "./rows.ts";
