/**
 * Data sets in the shape that they have on the Hub, made of copies of their rows.
 *
 * @module
 */

import { listSchema, messagesSchema, parquetBytes } from "./parquet/parquet_files.ts";

/** Copies of the real data sets beside the project; they are not part of it. */
export const shared: URL = new URL("../../../shared/data/", import.meta.url);

/** Whether they are there. */
export const present: boolean = await Deno.stat(shared).then(() => true, () => false);

/** A row of a copy. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows of a copy. */
export async function rowsOf(name: string): Promise<Row[]> {
  const text = await Deno.readTextFile(new URL(`${name}.jsonl`, shared));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const column = (rows: readonly Row[], name: string): unknown[] => rows.map((row) => row[name]);
const text = (name: string, data: readonly unknown[]) => ({ name, data, type: "STRING" } as const);
const integers = (name: string, data: readonly unknown[]) =>
  ({ name, data: data.map((value) => BigInt(value as number)), type: "INT64" }) as const;
const jsonLines = (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** The file of each suite as it is on the Hub, made of the rows of its copy. */
export const hubFiles: Readonly<Record<string, (rows: readonly Row[]) => Uint8Array | string>> = {
  "aime-2024": (rows) =>
    parquetBytes([
      integers("id", column(rows, "id")),
      text("problem", column(rows, "problem")),
      text("solution", rows.map(() => "worked")),
      text("answer", column(rows, "answer")),
      text("year", rows.map(() => "2024")),
    ]),
  "aime-2025": (rows) =>
    parquetBytes([
      integers("problem_idx", rows.map((_, i) => i + 1)),
      text("problem", column(rows, "problem")),
      integers("answer", column(rows, "answer")),
    ]),
  "amc-2023": (rows) =>
    parquetBytes([
      integers("id", column(rows, "id")),
      text("question", column(rows, "problem")),
      { name: "answer", data: column(rows, "answer_raw"), type: "DOUBLE" },
    ]),
  gsm8k: (rows) =>
    parquetBytes([
      text("question", column(rows, "problem")),
      text("answer", rows.map(({ answer_raw }) => `Worked.\n#### ${answer_raw}`)),
    ]),
  minerva: (rows) => jsonLines(rows.map(({ problem, answer }) => ({ question: problem, answer }))),
  "math-500": (rows) =>
    jsonLines(
      rows.map(({ problem, solution, answer, subject, level, id }) => ({
        problem,
        solution,
        answer,
        subject,
        level,
        unique_id: id,
      })),
    ),
  olympiadbench: (rows) => {
    // Rows that the filter must leave out stand around the others.
    const foreign = { problem: "证明", answer: ["1"], language: "Chinese", image_1: null };
    const drawn = { problem: "See the picture", answer: ["1"], language: "English", image_1: "bytes" };
    const open = { problem: "Prove it", answer: [], language: "English", image_1: null };
    const all: Row[] = [
      foreign,
      ...rows.map((row) => ({ ...row, answer: [row.answer], language: "English", image_1: null })),
      drawn,
      open,
    ];
    return parquetBytes([
      { name: "final_answer", data: column(all, "answer") },
      { name: "question", data: column(all, "problem") },
      { name: "subfield", data: column(all, "subfield") },
      { name: "language", data: column(all, "language") },
      { name: "image_1", data: column(all, "image_1") },
    ], { schema: listSchema("final_answer", "question", "subfield", "language", "image_1") });
  },
  "deepmath-5k": (rows) =>
    parquetBytes([
      { name: "prompt", data: rows.map(({ problem }) => [{ role: "user", content: problem }]) },
      { name: "solution", data: column(rows, "answer") },
    ], { schema: messagesSchema("prompt", "solution") }),
};

/** The names of the copies. */
export const copies: Readonly<Record<string, string>> = {
  "aime-2024": "aime_2024",
  "aime-2025": "aime_2025",
  "amc-2023": "amc_2023",
  gsm8k: "gsm8k_test",
  minerva: "minerva_math",
  "math-500": "math_500",
  olympiadbench: "olympiadbench_oe_to_maths_en",
  "deepmath-5k": "deepmath_5k",
};
