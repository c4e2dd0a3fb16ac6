/**
 * What was sent, kept beside the records: which task of which job makes which record.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../store.ts";

/** What a task does. */
export type TaskKind = "train" | "evaluate";

/** A task of an array. */
export interface SubmittedTask {
  /** The method and seed; null for the base model. */
  readonly run: { readonly method: string; readonly seed: number } | null;
  /** What it makes: the content id of the records' keys. */
  readonly makes: string;
}

/** An array that was sent. */
export interface SubmittedArray {
  /** Its job's number. */
  readonly job: string;
  /** What its tasks do. */
  readonly kind: TaskKind;
  /** The job's name, as in the names of the tasks' outputs. */
  readonly name: string;
  /** When it was sent: RFC 3339. */
  readonly sent: string;
  /** The tasks, by their index. */
  readonly tasks: readonly SubmittedTask[];
}

/** The folder in a store. */
export const SUBMISSIONS_FOLDER = "slurm";

const arraySchema: z.ZodType<SubmittedArray> = z.strictObject({
  job: z.string().regex(/^\d+$/),
  kind: z.enum(["train", "evaluate"]),
  name: z.string(),
  sent: z.string(),
  tasks: z.array(z.strictObject({
    run: z.strictObject({ method: z.string(), seed: z.int() }).nullable(),
    makes: z.string(),
  })),
});

/** Keeps what was sent. */
export async function writeSubmission(store: string, array: SubmittedArray): Promise<void> {
  const path = join(store, SUBMISSIONS_FOLDER, `${array.job}.json`);
  await writeFileAtomic(path, JSON.stringify(array) + "\n");
}

/** What was sent, the earliest first; what is not understood is no submission. */
export async function readSubmissions(store: string): Promise<SubmittedArray[]> {
  const folder = join(store, SUBMISSIONS_FOLDER), found: SubmittedArray[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!/^\d+\.json$/.test(name)) continue;
      const text = await Deno.readTextFile(join(folder, name));
      try {
        const { success, data } = arraySchema.safeParse(JSON.parse(text));
        if (success) found.push(data);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.toSorted((a, b) => a.sent < b.sent ? -1 : a.sent > b.sent ? 1 : Number(a.job) - Number(b.job));
}
