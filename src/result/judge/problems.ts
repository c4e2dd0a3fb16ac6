/**
 * The problems of a record's suites, found again from what the record says: problem texts are not part of it.
 *
 * A data set of the Hub is read where the caller knows its files. A file that a stranger's record names is never opened:
 * the caller may name a copy of its own instead.
 *
 * @module
 */

import { z } from "zod";
import { canonicalJson } from "../../canonical_json.ts";
import { type Found, type FoundProblems, type JudgedSuite, suiteOrigins } from "../../judge/mod.ts";
import {
  type LoadedSuite,
  loadSuite,
  type Problem,
  type PromptName,
  promptTemplateOf,
  promptTemplates,
  suiteDigest,
  type SuiteFiles,
  wordingSchema,
} from "../../suite/mod.ts";
import type { ResultRecord } from "../record/mod.ts";
import { knowledgeOf, projectRoot } from "./knowledge.ts";

/** The most problems of a suite that are generated anew, whatever a record says. */
const MAX_PROBLEMS = 100_000;

const natural = z.int().nonnegative(), count = natural.max(MAX_PROBLEMS).optional();

/** What of a profile decides the problems of a suite and its digest. */
const settingsSchema = z.object({
  template: z.enum(Object.keys(promptTemplates) as [PromptName, ...PromptName[]]),
  wording: wordingSchema.optional(),
  temperature: z.number(),
  maxResponseTokens: natural,
  evaluation: z.object({ problems: count, suiteSeed: natural, seed: natural, limit: count }),
});

type Settings = z.infer<typeof settingsSchema>;

/** A problem as its completions are graded and shown. */
export type Gold = Pick<Problem, "answer" | "question" | "form">;

/** Where suites are found. */
export interface ProblemSource {
  /** The files of data sets; without them only generated suites are found. */
  readonly files?: SuiteFiles | undefined;
  /** Paths of the reader's own copies of suites that are a file of the signer's, by name. */
  readonly own?: ReadonlyMap<string, string> | undefined;
}

/** The problems of a suite and what grades their completions. */
export interface GoldProblems extends FoundProblems {
  /** By id. */
  readonly golds: ReadonlyMap<string, Gold>;
}

/** Generated suites that were made before in this process, by their settings: many results have the same ones. */
const generated = new Map<string, Promise<LoadedSuite>>();

/** The most of them that are kept. */
const MOST_KEPT = 32;

/** Loads a suite; a generated one once a process. */
function load(name: string, kind: string, options: Parameters<typeof loadSuite>[1]): Promise<LoadedSuite> {
  if (kind !== "generated") return loadSuite(name, options);
  const key = canonicalJson([name, options.split, options.count ?? null, options.seed ?? null]);
  const known = generated.get(key) ?? loadSuite(name, options);
  if (generated.size >= MOST_KEPT) generated.clear();
  generated.set(key, known);
  return known;
}

/** No data set is at hand. */
const noFiles: SuiteFiles = {
  file: ({ id }) => Promise.reject(new RangeError(`data sets such as ${id} are not read here`)),
};

/** The problems of one suite. */
async function problemsOf(
  settings: Settings,
  { name, samples }: JudgedSuite,
  source: string,
  kind: string,
  { files = noFiles }: ProblemSource,
): Promise<GoldProblems> {
  const { temperature, maxResponseTokens, evaluation } = settings;
  const { problems: count, suiteSeed, seed, limit } = evaluation;
  const loaded = await load(source, kind, {
    root: projectRoot,
    files,
    split: "evaluation",
    seed: suiteSeed,
    ...(count === undefined ? {} : { count }),
  });
  const problems = loaded.problems.slice(0, limit);
  const sampling = { temperature, maxResponseTokens, samples, seed };
  return {
    ids: problems.map(({ id }) => id),
    digest: await suiteDigest(name, problems, promptTemplateOf(settings), sampling),
    golds: new Map(problems.map((problem) => [problem.id, problem])),
  };
}

/** Why something could not be found, in a line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return error.message.replace(/\s+/g, " ");
}

/**
 * The problems of every suite of a record, or why they are not found. Nothing is compared with the record: the judge does
 * that.
 */
export async function findProblems(
  record: ResultRecord,
  source: ProblemSource = {},
): Promise<Map<string, Found<GoldProblems>>> {
  const found = new Map<string, Found<GoldProblems>>();
  const { data, error } = settingsSchema.safeParse(record.profile), [issue] = error?.issues ?? [];
  const origins = suiteOrigins(record, await knowledgeOf());
  for (const [index, suite] of record.suites.entries()) {
    const { name } = suite, { kind = "unknown", file = null } = origins[index] ?? {};
    const path = kind === "own" ? source.own?.get(name) : name;
    if (kind === "unknown") found.set(name, { absent: "no suite of that name is known here" });
    else if (!data) {
      const place = issue?.path.join(".");
      found.set(name, { absent: `the profile's ${place} does not fit: ${issue?.message}` });
    } else if (path === undefined) {
      const hint = `deno task recheck --suite ${name}=PATH takes a copy of yours`;
      found.set(name, { absent: `it is the signer's own file ${file}, which is not opened; ${hint}` });
    } else {
      try {
        found.set(name, { value: await problemsOf(data, suite, path, kind, source) });
      } catch (error) {
        found.set(name, { absent: reasonOf(error) });
      }
    }
  }
  return found;
}
