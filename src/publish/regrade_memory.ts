/**
 * What grading again gave, kept in the store: a result that nobody changed is graded once.
 *
 * @module
 */

import { z } from "zod";
import type { JudgeOptions, Recheck } from "../result/mod.ts";
import { Store } from "../store.ts";

/** The kind of the records. */
const KIND = "regraded";

const count = z.int().nonnegative(), text = z.string();

/** The schema of what is kept; another one is graded again. */
const recheckSchema: z.ZodType<Recheck> = z.strictObject({
  recordedGrader: text,
  presentGrader: text,
  completions: count,
  unevaluated: z.int().nonnegative(),
  counts: count,
  differences: z.array(z.strictObject({
    method: text,
    seed: count.nullable(),
    suite: text,
    problem: text.nullable(),
    count: z.enum(["correct", "unparsed"]),
    recorded: count,
    regraded: count,
  })),
});

/** Keeps what grading gave in a store, by a key that names everything that it depends on. */
export function regradeMemory(directory: string): NonNullable<JudgeOptions["remembered"]> {
  const store = new Store(directory);
  return async (key, make) => {
    const name = { regraded: key };
    const known = recheckSchema.safeParse((await store.get(KIND, name))?.value);
    if (known.success) return known.data;
    const made = await make();
    // Where nothing can be written it is graded again next time.
    await store.put(KIND, name, made).catch((error) => {
      if (!(error instanceof Error)) throw error;
    });
    return made;
  };
}
