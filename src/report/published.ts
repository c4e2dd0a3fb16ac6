/**
 * The tables of a paper as data: one JSON file a table.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import type { PublishedNumbers, PublishedScore } from "./paper.ts";

/** The largest table, in bytes. */
const LARGEST_TABLE = 2 ** 20;

/** What of a table is read; it may say more. */
const tableSchema = z.looseObject({
  table: z.string(),
  unit: z.string(),
  columns: z.array(z.string()),
  samples: z.array(z.int().positive()).optional(),
  rows: z.array(z.looseObject({
    model: z.string(),
    method: z.string(),
    /** A row with a setting is not the method as it is, but a variation. */
    setting: z.string().optional(),
    values: z.array(z.number().nullable()),
    deviations: z.array(z.number().nullable()).optional(),
  })),
  notes: z.array(z.string()).optional(),
});
type Table = z.infer<typeof tableSchema>;

/** How the paper names models that records name by their repository. */
const models: Readonly<Record<string, string>> = {
  "Qwen/Qwen3-4B": "Qwen3-4B",
  "Qwen/Qwen3-8B": "Qwen3-8B",
  "OctoThinker/OctoThinker-3B-Long-Base": "OctoThinker-3B",
  "OctoThinker/OctoThinker-8B-Long-Base": "OctoThinker-8B",
};

/** A method as records name it. */
function methodName(method: string): string {
  return method === "Vanilla" ? "base" : method.toLowerCase();
}

/** The tables in a folder, by file name; other files are passed over. */
async function readTables(folder: string): Promise<Table[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /^table_\w+\.json$/.test(name)) names.push(name);
  }
  const tables: Table[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const fail = (reason: string): never => {
      throw new SyntaxError(`Cannot read the table ${path}: ${reason.replace(/\s+/g, " ")}`);
    };
    if ((await Deno.stat(path)).size > LARGEST_TABLE) fail(`it has more than ${LARGEST_TABLE} bytes`);
    const text = await Deno.readTextFile(path);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      fail(String(error));
    }
    const { data, error } = tableSchema.safeParse(value);
    if (data) tables.push(data);
    else fail(`${error?.issues[0]?.path.join(".")}: ${error?.issues[0]?.message}`);
  }
  return tables;
}

/** The accuracies of a model in a table. */
function scoresIn({ table, unit, columns, samples, rows }: Table, model: string): PublishedScore[] {
  if (unit !== "percent") return [];
  return rows.filter((row) => row.model === model && row.setting === undefined).flatMap((row) =>
    columns.flatMap((suite, column): PublishedScore[] => {
      const value = row.values[column], deviation = row.deviations?.[column];
      return typeof value !== "number" ? [] : [{
        table: `Table ${table}`,
        method: methodName(row.method),
        suite,
        value: value / 100,
        deviation: typeof deviation === "number" ? deviation / 100 : null,
        samples: samples?.[column] ?? null,
      }];
    })
  );
}

/**
 * What a paper publishes of a model: the rows of its tables that vary no setting.
 *
 * @param folder Holds a file `table_*.json` for each table, values in percent.
 * @param repository The model's repository on the Hub: `Qwen/Qwen3-4B`.
 * @param source Which paper it is.
 * @returns `undefined` if the paper has nothing of the model.
 * @throws {SyntaxError} If a table cannot be read.
 */
export async function readPublished(
  folder: string,
  repository: string,
  source: string,
): Promise<PublishedNumbers | undefined> {
  const model = Object.hasOwn(models, repository) ? models[repository] : undefined;
  if (model === undefined) return undefined;
  const tables = await readTables(folder);
  const scores = tables.flatMap((table) => scoresIn(table, model));
  const notes = tables.flatMap(({ table, notes = [] }) =>
    notes.map((text) => ({ text: `Table ${table}: ${text}`, tables: [`Table ${table}`] }))
  );
  return scores.length === 0 ? undefined : { source, model, scores, notes };
}
