/**
 * The method table: one body a result, sorted inside it, with interval bars and tie groups; and the same numbers as
 * CSV.
 *
 * @module
 */

export { isShown } from "./columns.ts";
export { csv } from "./csv.ts";
export { cautionMarks, facts } from "./heading.ts";
export { methodTables } from "./table.ts";
export type { Child } from "../dom.ts";
