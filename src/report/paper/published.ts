/**
 * What a paper publishes of one model, out of all its tables.
 *
 * @module
 */

import type { PublishedNote, PublishedNumbers, PublishedScore } from "./tables.ts";

/** The tables of a paper and what does not fit together in them; what `loadPaper` reads fits. */
export interface PublishedTables {
  /** Which paper and version. */
  readonly source: { readonly paper: string; readonly version: string };
  /** The tables. */
  readonly tables: readonly {
    readonly table: string;
    readonly unit: string;
    readonly columns: readonly string[];
    readonly samples?: readonly number[] | undefined;
    readonly rows: readonly {
      readonly model: string;
      readonly method: string;
      /** A row with a setting is not the method as it is, but a variation. */
      readonly setting?: string | undefined;
      readonly values: readonly (number | null)[];
      readonly deviations?: readonly number[] | undefined;
    }[];
    readonly notes?: readonly string[] | undefined;
  }[];
  /** Disagreements, with the cells that are involved. */
  readonly disagreements: readonly {
    readonly text: string;
    readonly cells: readonly {
      readonly table: string;
      readonly model: string;
      readonly method: string;
      readonly setting?: string | undefined;
      /** A column, or `average`. */
      readonly column: string;
    }[];
  }[];
}

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

/** A table as texts call it. */
function tableName(table: string): string {
  return `Table ${table}`;
}

/** The accuracies of a model in a table. */
function scoresIn(
  { table, unit, columns, samples, rows }: PublishedTables["tables"][number],
  model: string,
): PublishedScore[] {
  if (unit !== "percent") return [];
  return rows.filter((row) => row.model === model && row.setting === undefined).flatMap((row) =>
    columns.flatMap((suite, column): PublishedScore[] => {
      const value = row.values[column], deviation = row.deviations?.[column];
      return typeof value !== "number" ? [] : [{
        table: tableName(table),
        method: methodName(row.method),
        suite,
        value: value / 100,
        deviation: deviation === undefined ? null : deviation / 100,
        samples: samples?.[column] ?? null,
      }];
    })
  );
}

/** The disagreements that involve rows of a model which vary no setting. */
function disagreementNotes({ disagreements }: PublishedTables, model: string): PublishedNote[] {
  return disagreements.map(({ text, cells }) => ({
    text,
    cells: cells.filter((cell) => cell.model === model && cell.setting === undefined).map((cell) => ({
      table: tableName(cell.table),
      method: methodName(cell.method),
      ...(cell.column === "average" ? {} : { suite: cell.column }),
    })),
  }));
}

/**
 * What a paper publishes of a model: the rows of its tables that vary no setting, and what is to be known of them.
 *
 * @param repository The model's repository on the Hub: `Qwen/Qwen3-4B`.
 * @returns `undefined` if the paper has nothing of the model.
 */
export function publishedNumbers(paper: PublishedTables, repository: string): PublishedNumbers | undefined {
  const model = Object.hasOwn(models, repository) ? models[repository] : undefined;
  if (model === undefined) return undefined;
  const scores = paper.tables.flatMap((table) => scoresIn(table, model));
  const tableNotes = paper.tables.flatMap(({ table, notes = [] }) =>
    notes.map((text): PublishedNote => {
      return { text: `${tableName(table)}: ${text}`, cells: [{ table: tableName(table) }] };
    })
  );
  if (scores.length === 0) return undefined;
  const { source } = paper;
  return {
    source: `${source.paper} ${source.version}`,
    model,
    scores,
    notes: [...disagreementNotes(paper, model), ...tableNotes],
  };
}
