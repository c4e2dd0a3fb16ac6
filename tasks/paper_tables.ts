/**
 * Reads the published tables that `compare` puts a result beside.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import type { PublishedTables } from "../src/report/mod.ts";

const table = z.looseObject({
  table: z.string(),
  unit: z.string(),
  columns: z.array(z.string()),
  samples: z.array(z.int()).optional(),
  rows: z.array(z.looseObject({
    model: z.string(),
    method: z.string(),
    setting: z.string().optional(),
    values: z.array(z.number().nullable()),
    deviations: z.array(z.number()).optional(),
  })),
  notes: z.array(z.string()).optional(),
});

const disagreements = z.looseObject({
  source: z.looseObject({ paper: z.string(), version: z.string() }),
  disagreements: z.array(z.looseObject({
    text: z.string(),
    cells: z.array(z.looseObject({
      table: z.string(),
      model: z.string(),
      method: z.string(),
      setting: z.string().optional(),
      column: z.string(),
    })),
  })),
});

/** A file as a schema has it. */
async function read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  const fail = (reason: string): never => {
    throw new SyntaxError(`Cannot read ${path}: ${reason.replace(/\s+/g, " ")}`);
  };
  const text = await Deno.readTextFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(String(error));
  }
  const { data, error } = schema.safeParse(value);
  return data ?? fail(`${error?.issues[0]?.path.join(".")}: ${error?.issues[0]?.message}`);
}

/**
 * Reads `table_*.json` and `disagreements.json` of a folder.
 *
 * @returns `undefined` if there is no such folder.
 * @throws {SyntaxError} If one of them cannot be read.
 */
export async function readPaperTables(folder: string): Promise<PublishedTables | undefined> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const names = entries.map(({ name }) => name).filter((name) => /^table_\d+\.json$/.test(name)).sort();
  const tables = await Promise.all(names.map((name) => read(table, join(folder, name))));
  return { ...await read(disagreements, join(folder, "disagreements.json")), tables };
}
