/**
 * The paper's published numbers as data, and where they disagree with each other: `benchmarks/paper`.
 *
 * @module
 */

import { z } from "zod";
import { parseChecked } from "../../checked_json.ts";

/** A row of a published table. */
export interface PaperRow {
  /** The model, such as `Qwen3-4B`. */
  readonly model: string;
  /** The method as the paper calls it. */
  readonly method: string;
  /** What distinguishes the row from others of the same method. */
  readonly setting?: string | undefined;
  /** The cells by column; `null` where this file does not record one. */
  readonly values: readonly (number | null)[];
  /** Their standard deviations, where the table has them. */
  readonly deviations?: readonly number[] | undefined;
  /** The average as printed; `null` where none is. */
  readonly average: number | null;
}

/** A published table. */
export interface PaperTable {
  /** Its number in the paper. */
  readonly table: string;
  /** What it shows. */
  readonly title: string;
  /** `percent`, or `as named` by the columns. */
  readonly unit: "percent" | "as named";
  /** Suites, or quantities with their units. */
  readonly columns: readonly string[];
  /** k of Avg@k by column. */
  readonly samples?: readonly number[] | undefined;
  /** The rows in their order. */
  readonly rows: readonly PaperRow[];
  /** What a reader must know. */
  readonly notes?: readonly string[] | undefined;
}

/** A cell of a table, or the printed average of a row. */
export interface PaperCell {
  /** The table's number. */
  readonly table: string;
  /** The row's model. */
  readonly model: string;
  /** The row's method. */
  readonly method: string;
  /** The row's setting, if it has one. */
  readonly setting?: string | undefined;
  /** A column, or `average`. */
  readonly column: string;
  /** The number as printed. */
  readonly printed: number;
}

/** Something about the published numbers that a reader who compares with them must know. */
export interface PaperDisagreement {
  /** A name for it. */
  readonly id: string;
  /** Against what the numbers stand: their own arithmetic, another table, the text, or statistics. */
  readonly kind: "arithmetic" | "tables" | "text" | "statistics";
  /** What it is. */
  readonly text: string;
  /** The cells that are involved. */
  readonly cells: readonly PaperCell[];
}

/** All published numbers. */
export interface Paper {
  /** Which paper and version. */
  readonly source: { readonly paper: string; readonly version: string; readonly date: string };
  /** The tables. */
  readonly tables: readonly PaperTable[];
  /** What does not fit together. */
  readonly disagreements: readonly PaperDisagreement[];
  /** Findings that the paper states without numbers in a table. */
  readonly remarks: readonly { readonly source: string; readonly text: string }[];
}

const text = z.string().min(1);

const tableSchema: z.ZodType<PaperTable> = z.strictObject({
  table: text,
  title: text,
  unit: z.enum(["percent", "as named"]),
  columns: z.array(text).min(1),
  samples: z.array(z.int().positive()).optional(),
  rows: z.array(z.strictObject({
    model: text,
    method: text,
    setting: text.optional(),
    values: z.array(z.number().nonnegative().nullable()),
    deviations: z.array(z.number().nonnegative()).optional(),
    average: z.number().nonnegative().nullable(),
  })).min(1),
  notes: z.array(text).optional(),
}).refine(
  ({ columns, samples, rows }) =>
    (samples === undefined || samples.length === columns.length) &&
    rows.every(({ values, deviations }) =>
      values.length === columns.length && (deviations === undefined || deviations.length === columns.length)
    ),
  "every row needs one value a column",
);

const notesSchema = z.strictObject({
  source: z.strictObject({ paper: text, version: text, date: z.iso.date() }),
  disagreements: z.array(z.strictObject({
    id: text,
    kind: z.enum(["arithmetic", "tables", "text", "statistics"]),
    text,
    cells: z.array(z.strictObject({
      table: text,
      model: text,
      method: text,
      setting: text.optional(),
      column: text,
      printed: z.number(),
    })).min(1),
  })),
  remarks: z.array(z.strictObject({ source: text, text })),
});

/** The file of what is not a table. */
const NOTES_FILE = "disagreements.json";

async function read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  return parseChecked(schema, await Deno.readTextFile(path), path);
}

/**
 * Reads the published numbers.
 *
 * @throws {Deno.errors.NotFound} If the folder `benchmarks/paper` is missing.
 * @throws {SyntaxError} If a file does not have its form: one line that names file and field.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadPaper, paperCell } from "./paper.ts";
 *
 * const { tables } = await loadPaper(".");
 * assertEquals(paperCell(tables, { table: "1", model: "Qwen3-4B", method: "BuPO", column: "aime-2024" }), 36.88);
 * ```
 */
export async function loadPaper(root: string): Promise<Paper> {
  const folder = `${root}/benchmarks/paper`;
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => /^table_\d+\.json$/.test(name)).sort();
  const tables = await Promise.all(names.map((name) => read(tableSchema, `${folder}/${name}`)));
  return { ...await read(notesSchema, `${folder}/${NOTES_FILE}`), tables };
}

/** The number in a cell as the tables have it; `undefined` if there is no such cell, `null` if it is not recorded. */
export function paperCell(
  tables: readonly PaperTable[],
  { table, model, method, setting, column }: Omit<PaperCell, "printed">,
): number | null | undefined {
  const found = tables.find((candidate) => candidate.table === table);
  const row = found?.rows.find((candidate) =>
    candidate.model === model && candidate.method === method && candidate.setting === setting
  );
  if (!found || !row) return undefined;
  return column === "average" ? row.average : row.values[found.columns.indexOf(column)];
}

/** The disagreements that concern a row or one of its cells. */
export function disagreementsAbout(
  { disagreements }: Pick<Paper, "disagreements">,
  { model, method }: Pick<PaperCell, "model" | "method">,
): PaperDisagreement[] {
  return disagreements.filter(({ cells }) =>
    cells.some((cell) => cell.model === model && cell.method === method)
  );
}
