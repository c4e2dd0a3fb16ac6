/**
 * The gold answers of a record's suites, found again from what the record says: problem texts are not part of it.
 *
 * @module
 */

import { z } from "zod";
import {
  loadSuite,
  type Problem,
  type PromptName,
  promptTemplates,
  suiteDigest,
  type SuiteFiles,
} from "../../suite/mod.ts";
import type { ResultRecord, SuiteUsed } from "../record/mod.ts";

/** The most problems of a suite that are generated anew, whatever a record says. */
const MAX_PROBLEMS = 100_000;

const natural = z.int().nonnegative(), count = natural.max(MAX_PROBLEMS).optional();

/** What of a profile decides the problems of a suite and its digest. */
const settingsSchema = z.object({
  template: z.enum(Object.keys(promptTemplates) as [PromptName, ...PromptName[]]),
  temperature: z.number(),
  maxResponseTokens: natural,
  evaluation: z.object({
    suites: z.array(z.string()),
    problems: count,
    suiteSeed: natural,
    seed: natural,
    limit: count,
  }),
});

type Settings = z.infer<typeof settingsSchema>;

/** What a completion is graded against. */
export type Gold = Pick<Problem, "question" | "answer" | "form">;

/** Where suites are found. */
export interface GoldSource {
  /** The project's folder, which holds the definitions. */
  readonly root: string;
  /** The files of data sets. */
  readonly files: SuiteFiles;
}

/** The problems of a suite, if they are those of the record. */
async function problemsOf(
  settings: Settings,
  { name, digest, samples }: SuiteUsed,
  source: string,
  { root, files }: GoldSource,
): Promise<readonly Problem[]> {
  const { template, temperature, maxResponseTokens, evaluation } = settings;
  const { problems: count, suiteSeed, seed, limit } = evaluation;
  const loaded = await loadSuite(source, {
    root,
    files,
    split: "evaluation",
    seed: suiteSeed,
    ...(count === undefined ? {} : { count }),
  });
  const problems = loaded.problems.slice(0, limit);
  const sampling = { temperature, maxResponseTokens, samples, seed };
  const found = await suiteDigest(name, problems, promptTemplates[template], sampling);
  if (found !== digest) {
    throw new TypeError(
      `Cannot find the answers of ${name}: the digest is ${found}, ${digest} was recorded: other problems were used`,
    );
  }
  return problems;
}

/**
 * The gold answers of every suite of a record: suite name to problem id to answer and form. Suites are generated or loaded again
 * and compared with the recorded digest.
 *
 * @throws {RangeError} If a suite is not known here.
 * @throws {TypeError} If the profile does not fit, or the problems found are not those of the record.
 */
export async function loadGolds(
  record: ResultRecord,
  source: GoldSource,
): Promise<Map<string, ReadonlyMap<string, Gold>>> {
  const { data, error } = settingsSchema.safeParse(record.profile);
  if (!data) {
    const [issue] = error.issues;
    throw new TypeError(
      `Cannot find the answers: the profile's ${issue?.path.join(".")} does not fit: ${issue?.message}`,
    );
  }
  const golds = new Map<string, ReadonlyMap<string, Gold>>();
  for (const [i, suite] of record.suites.entries()) {
    const problems = await problemsOf(data, suite, data.evaluation.suites[i] ?? suite.name, source);
    golds.set(suite.name, new Map(problems.map((problem) => [problem.id, problem])));
  }
  return golds;
}
