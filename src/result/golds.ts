/**
 * The gold answers of a record's suites, found again from what the record says: problem texts are not part of it.
 *
 * @module
 */

import { z } from "zod";
import {
  type GeneratedSuite,
  generatedSuites,
  generateSuite,
  type Problem,
  type PromptName,
  promptTemplates,
  suiteDigest,
} from "../suite/mod.ts";
import type { ResultRecord, SuiteUsed } from "./record.ts";

const natural = z.int().nonnegative();

/** What of a profile decides the problems of a generated suite and its digest. */
const settingsSchema = z.object({
  template: z.enum(Object.keys(promptTemplates) as [PromptName, ...PromptName[]]),
  temperature: z.number(),
  maxResponseTokens: natural,
  evaluation: z.object({ problems: natural, suiteSeed: natural, seed: natural }),
});

/** The problems of a generated suite, if they are those of the record. */
async function regenerate(
  record: ResultRecord,
  { name, digest, samples, problems: ids }: SuiteUsed,
): Promise<Problem[]> {
  const { data, error } = settingsSchema.safeParse(record.profile);
  if (!data) {
    const [issue] = error.issues;
    throw new TypeError(
      `Cannot regenerate ${name}: the profile's ${issue?.path.join(".")} does not fit: ${issue?.message}`,
    );
  }
  const { template, temperature, maxResponseTokens, evaluation } = data;
  if (evaluation.problems !== ids.length) {
    throw new TypeError(
      `Cannot regenerate ${name}: the profile says ${evaluation.problems} problems, the suite has ${ids.length}`,
    );
  }
  const problems = await generateSuite(
    name as GeneratedSuite,
    "evaluation",
    evaluation.problems,
    evaluation.suiteSeed,
  );
  const sampling = { temperature, maxResponseTokens, samples, seed: evaluation.seed };
  const found = await suiteDigest(name, problems, promptTemplates[template], sampling);
  if (found !== digest) {
    throw new TypeError(
      `Cannot regenerate ${name}: its digest is ${found}, ${digest} was recorded: another generator made it`,
    );
  }
  return problems;
}

/** The most problems of a suite that are generated anew, whatever a record says. */
const MAX_PROBLEMS = 100_000;

/**
 * The gold answers of every suite of a record: suite name to problem id to answer. Generated suites are generated again
 * and compared with the recorded digest.
 *
 * @throws {RangeError} If a suite is not known here.
 * @throws {TypeError} If the problems found are not those of the record.
 */
export async function loadGolds(record: ResultRecord): Promise<Map<string, ReadonlyMap<string, string>>> {
  const golds = new Map<string, ReadonlyMap<string, string>>();
  for (const suite of record.suites) {
    if (!Object.hasOwn(generatedSuites, suite.name)) {
      throw new RangeError(
        `Cannot find the answers of ${JSON.stringify(suite.name)}: known suites: ${
          Object.keys(generatedSuites).join(", ")
        }`,
      );
    }
    if (suite.problems.length > MAX_PROBLEMS) {
      throw new RangeError(`Cannot regenerate ${suite.name}: more than ${MAX_PROBLEMS} problems`);
    }
    const problems = await regenerate(record, suite);
    golds.set(suite.name, new Map(problems.map(({ id, answer }) => [id, answer])));
  }
  return golds;
}
