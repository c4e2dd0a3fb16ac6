/**
 * The method table: one body a result, sorted inside it, with interval bars and tie groups; and the same numbers as
 * CSV.
 *
 * @module
 */

export { csv } from "./csv.ts";
export { methodTable } from "./table.ts";
