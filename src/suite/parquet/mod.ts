/**
 * Parquet files of problems, read within bounds: what a file claims is checked before anything is allocated for it.
 * hyparquet decodes them, and by itself bounds neither footers, runs, lists, dictionaries nor variants.
 *
 * @module
 */

export { readParquet } from "./parquet.ts";
