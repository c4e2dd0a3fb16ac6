/**
 * Parquet files of problems, read within bounds: what a file claims is checked before anything is allocated for it.
 *
 * @module
 */

export { readParquet } from "./parquet.ts";
