/**
 * Makes the leaderboard and the page's content of results that were judged.
 *
 * @module
 */

import { SCORING, verify as grade } from "../grade/mod.ts";
import {
  buildLeaderboard,
  type CompareOptions,
  type Excluded,
  flippedProblems,
  historyOf,
  lastInternalStep,
  type Leaderboard,
  type PageInput,
  passCurves,
  type PastRecord,
  shortened,
  type TrainingCost,
  trainingCosts,
  trainingCurves,
  type Transcript,
  type TranscriptRun,
} from "../report/mod.ts";
import {
  contentOf,
  type Gold,
  knowledgeOf,
  parseSamples,
  type SampleLine,
  SAMPLES_FILE,
} from "../result/mod.ts";
import type { VerifiedResult } from "./read_result.ts";

/** What is known of a problem, or null: questions and answers of data sets are not published. */
export function goldOf(found: VerifiedResult["found"], suite: string, problem: string): Gold | null {
  const one = found.get(suite);
  return one && "value" in one ? one.value.golds.get(problem) ?? null : null;
}

/** Which completions are right, if grading them again gives the recorded count. */
function marks(gold: Gold | null, responses: readonly string[], correct: number): boolean[] | null {
  if (gold === null) return null;
  const options = { ...SCORING, ...gold.form, question: gold.question };
  const right = responses.map((text) => grade(gold.answer, text, options).verdict === "correct");
  return right.filter(Boolean).length === correct ? right : null;
}

/** The transcripts of a result's flipped problems, the most telling first. */
export async function readTranscripts(
  { files, found, record, input: { name } }: VerifiedResult,
  leaderboard: Leaderboard,
): Promise<Transcript[]> {
  const wanted = flippedProblems(leaderboard, name);
  if (wanted.length === 0) return [];
  const id = (suite: string, problem: string): string => JSON.stringify([suite, problem]);
  const lines = new Map(
    wanted.map(({ suite, problem, methods }) => [id(suite, problem), { methods, found: [] as SampleLine[] }]),
  );
  for await (const line of parseSamples(contentOf(files, SAMPLES_FILE))) {
    const place = lines.get(id(line.suite, line.problem));
    if (place?.methods.has(line.method)) place.found.push(line);
  }
  return wanted.map(({ suite, problem }): Transcript => {
    const gold = goldOf(found, suite, problem), answer = gold?.answer ?? null;
    const question = gold?.question ?? null;
    const place = record.suites.find((used) => used.name === suite)?.problems.indexOf(problem) ?? -1;
    const runs = (lines.get(id(suite, problem))?.found ?? []).map(
      ({ method, seed = null, responses }): TranscriptRun => {
        const run = record.runs.find((one) => one.method === method && one.seed === seed);
        const correct = run?.suites[suite]?.correct[place] ?? 0;
        return {
          method,
          seed,
          correct,
          responses: responses.map(shortened),
          right: marks(gold, responses, correct),
        };
      },
    );
    return { suite, problem, question, answer, runs };
  });
}

/** What is published. */
export interface Publication {
  /** The leaderboard. */
  readonly leaderboard: Leaderboard;
  /** What the page is made of. */
  readonly page: PageInput;
}

/** How a publication is made. */
export interface PublicationOptions extends Omit<CompareOptions, "baseline"> {
  /** The results before the present ones, for the history; default none. */
  readonly past?: readonly PastRecord[];
  /** Names of the results of which the history in git is not known, or not all of it. */
  readonly historyGaps?: readonly string[];
  /** Whether the page is written beside the directories of the results, so that it may link to them; default true. */
  readonly beside?: boolean;
}

/** The leaderboard of some results, and the page's content. */
export async function publication(
  results: readonly VerifiedResult[],
  excluded: readonly Excluded[],
  { past = [], historyGaps = [], beside = true, ...options }: PublicationOptions = {},
): Promise<Publication> {
  const leaderboard = buildLeaderboard(results.map(({ input }) => input), excluded, options);
  const transcripts: Record<string, readonly Transcript[]> = {}, internalSteps: Record<string, number> = {};
  const training: Record<string, readonly TrainingCost[]> = {};
  for (const result of results) {
    const { name } = result.input, last = lastInternalStep(result.logs);
    if (last !== null) internalSteps[name] = last;
    training[name] = trainingCosts(result.logs);
    // Older results are for the history; their transcripts lie beside them.
    if (leaderboard.results.some((one) => one.name === name && one.first)) {
      transcripts[name] = await readTranscripts(result, leaderboard);
    }
  }
  const knowledge = await knowledgeOf();
  const page: PageInput = {
    leaderboard,
    knowledge: { ...knowledge, suites: [...knowledge.suites], methods: [...knowledge.methods] },
    proofs: results.map(({ input, recordBytes, bundleBytes, provenanceBytes, key }) => {
      return {
        result: input.name,
        record: recordBytes,
        bundle: bundleBytes,
        provenance: provenanceBytes,
        spki: key.spki,
      };
    }),
    passCurves: results.flatMap(({ input, record }) => passCurves(input.name, record, leaderboard.settings)),
    trainingCurves: results.flatMap(({ input, logs }) => trainingCurves(input.name, logs)),
    internalSteps,
    training,
    beside,
    history: historyOf(leaderboard, past),
    historyGaps,
    transcripts,
  };
  return { leaderboard, page };
}
