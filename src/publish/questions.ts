/**
 * The questions of generated suites, made again from the profile: a record holds ids and no texts, and texts of data
 * sets are never published.
 *
 * @module
 */

import { z } from "zod";
import type { ResultRecord } from "../result/mod.ts";
import { generatedSuites, loadSuite } from "../suite/mod.ts";

/** What of a profile decides the problems of its generated suites. */
const settingsSchema = z.object({
  evaluation: z.object({
    suites: z.array(z.string()),
    suiteSeed: z.int().nonnegative(),
    problems: z.int().positive().max(100_000).optional(),
  }),
});

/** The questions of a record's generated suites: suite to problem id to text; only of problems that the record has. */
export async function questionsOf(
  { profile, suites }: ResultRecord,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { data } = settingsSchema.safeParse(profile), generated = new Set<string>(Object.keys(generatedSuites));
  if (!data) return new Map();
  const { suites: sources, suiteSeed: seed, problems: count } = data.evaluation;
  const found = await Promise.all(suites.map(async ({ name, problems }, index) => {
    if (count === undefined || !generated.has(name) || (sources[index] ?? name) !== name) return [];
    const loaded = await loadSuite(name, {
      root: ".",
      files: { file: () => Promise.reject(new RangeError("a generated suite has no file")) },
      split: "evaluation",
      seed,
      count,
    });
    const wanted = new Set(problems);
    const texts = loaded.problems.filter(({ id }) => wanted.has(id)).map(({ id, question }) =>
      [id, question] as const
    );
    return [[name, new Map(texts)] as const];
  }));
  return new Map(found.flat());
}
