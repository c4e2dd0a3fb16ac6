/**
 * Reads signed results for the leaderboard: verifies each manifest, then takes what it names.
 *
 * @module
 */

import { basename, join } from "node:path";
import { contentId, sha256 } from "../canonical_json.ts";
import { SCORING, verify as grade } from "../grade/mod.ts";
import {
  buildLeaderboard,
  type CompareOptions,
  type Excluded,
  flippedProblems,
  historyOf,
  lastInternalStep,
  type Leaderboard,
  type LeaderboardInput,
  type PageInput,
  passCurves,
  type PastRecord,
  shortened,
  type StepMetrics,
  trainingCurves,
  type TrainingLog,
  type Transcript,
  type TranscriptRun,
} from "../report/mod.ts";
import {
  BUNDLE_FILE,
  type Gold,
  loadGolds,
  parseRecord,
  type PublicKey,
  readSamples,
  RECORD_FILE,
  type ResultRecord,
  type SampleLine,
  SAMPLES_FILE,
  sourceOf,
  type Statements,
  verify,
  type VerifyKeys,
} from "../result/mod.ts";

/** A result whose manifest holds. */
export interface VerifiedResult {
  /** Its directory. */
  readonly directory: string;
  /** What the leaderboard is built from. */
  readonly input: LeaderboardInput;
  /** Its record. */
  readonly record: ResultRecord;
  /** The bytes of `results.json`. */
  readonly recordBytes: Uint8Array<ArrayBuffer>;
  /** The bytes of `manifest.sigstore.json`. */
  readonly bundleBytes: Uint8Array<ArrayBuffer>;
  /** The key that signed it. */
  readonly key: PublicKey;
  /** The signed statements. */
  readonly statements: Statements;
  /** The training logs. */
  readonly logs: readonly TrainingLog[];
}

/**
 * Why a record covers only a part of its profile, or `undefined` if it covers all: it says so itself, or lacks runs or
 * suites that the profile names.
 */
export function partialReason({ profile, suites, runs }: ResultRecord): string | undefined {
  const member = (value: unknown, name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  for (const place of [profile, member(profile, "evaluation")]) {
    const limit = member(place, "limit");
    if (limit !== undefined && limit !== null) {
      return `it is a partial run (--limit ${JSON.stringify(limit)})`;
    }
    if (member(place, "partial") === true) return "it is a partial run";
  }
  const named = member(profile.evaluation, "suites");
  const absent = Array.isArray(named)
    ? named.find((name) => !suites.some((suite) => suite.name === name))
    : undefined;
  if (absent !== undefined) return `it is a partial run: it lacks the suite ${JSON.stringify(absent)}`;
  const { methods, seeds } = profile;
  if (!Array.isArray(methods) || !Array.isArray(seeds)) return undefined;
  for (const method of methods) {
    for (const seed of seeds) {
      if (runs.some((run) => run.method === method && run.seed === seed)) continue;
      return `it is a partial run: it lacks ${JSON.stringify(method)} with seed ${JSON.stringify(seed)}`;
    }
  }
  return undefined;
}

/** A file that the statements name, if it still has the signed digest. */
async function readSigned(
  directory: string,
  name: string,
  { result }: Statements,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(join(directory, name));
  const expected = result.subject.find((subject) => subject.name === name)?.digest.sha256;
  if (await sha256(bytes) !== expected) throw new TypeError(`${name} changed while it was read`);
  return bytes;
}

/** The training logs of a result. */
async function readLogs(
  directory: string,
  record: ResultRecord,
  statements: Statements,
): Promise<TrainingLog[]> {
  const logs: TrainingLog[] = [];
  for (const { method, seed } of record.runs) {
    const name = `metrics/${method}-${seed}.jsonl`;
    if (seed === null || !statements.result.subject.some((subject) => subject.name === name)) continue;
    const lines = new TextDecoder().decode(await readSigned(directory, name, statements)).split("\n");
    const steps = lines.filter((line) => line !== "").map((line): StepMetrics => {
      const value: unknown = JSON.parse(line);
      return typeof value === "object" && value !== null ? { ...value } : {};
    });
    logs.push({ method, seed, steps });
  }
  return logs;
}

/**
 * Verifies a result directory and reads it.
 *
 * @param name What the leaderboard calls it; default the directory's name.
 * @returns The result, or why it is left out.
 */
export async function readResult(
  directory: string,
  keys: VerifyKeys,
  name: string = basename(directory),
): Promise<VerifiedResult | Excluded> {
  try {
    const verification = await verify(directory, keys);
    const [problem] = verification.problems, { keyid, statements } = verification;
    if (problem) return { name, reason: `it cannot be verified: ${problem.file}: ${problem.problem}` };
    const key = keyid === null ? undefined : keys.trusted?.get(keyid)?.key ?? keys.published.get(keyid);
    if (!key || !statements) return { name, reason: "it cannot be verified: nothing is signed" };
    const recordBytes = await readSigned(directory, RECORD_FILE, statements);
    const bundleBytes = await Deno.readFile(join(directory, BUNDLE_FILE));
    const record = parseRecord(recordBytes);
    const partial = partialReason(record);
    if (partial !== undefined) return { name, reason: partial };
    if (statements.result.subject.some((subject) => subject.name === SAMPLES_FILE)) {
      await Array.fromAsync(readSamples(join(directory, SAMPLES_FILE)), () => null); // throws where they are broken
    }
    const { buildDefinition, runDetails } = statements.provenance.predicate;
    return {
      directory,
      input: {
        name,
        recordContent: record,
        profileDigest: await contentId(record.profile),
        manifest: await sha256(bundleBytes),
        record: await sha256(recordBytes),
        key: key.keyid,
        owner: verification.owner,
        trusted: verification.trusted,
        ...sourceOf(buildDefinition.resolvedDependencies),
        date: runDetails.metadata.finishedOn,
        environment: { ...buildDefinition.internalParameters.environment },
      },
      record,
      recordBytes,
      bundleBytes,
      key,
      statements,
      logs: await readLogs(directory, record, statements),
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { name, reason: `it cannot be read: ${error.message}` };
  }
}

/** The answers of a result's suites, where they can be found again. */
export async function goldsOf(
  record: ResultRecord,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Gold>>> {
  try {
    // Data sets are not fetched: what is published must not depend on what this machine has cached.
    const file = (): Promise<string> => Promise.reject(new RangeError("only generated suites are used here"));
    return await loadGolds(record, { root: ".", files: { file } });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return new Map();
    throw error;
  }
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
  { directory, record, input: { name }, statements }: VerifiedResult,
  leaderboard: Leaderboard,
): Promise<Transcript[]> {
  const wanted = flippedProblems(leaderboard, name);
  if (wanted.length === 0 || !statements.result.subject.some((subject) => subject.name === SAMPLES_FILE)) {
    return [];
  }
  const id = (suite: string, problem: string): string => JSON.stringify([suite, problem]);
  const lines = new Map<string, SampleLine[]>(wanted.map(({ suite, problem }) => [id(suite, problem), []]));
  for await (const line of readSamples(join(directory, SAMPLES_FILE))) {
    lines.get(id(line.suite, line.problem))?.push(line);
  }
  const golds = await goldsOf(record);
  return wanted.map(({ suite, problem }): Transcript => {
    const gold = golds.get(suite)?.get(problem) ?? null;
    const place = record.suites.find((used) => used.name === suite)?.problems.indexOf(problem) ?? -1;
    const runs = (lines.get(id(suite, problem)) ?? []).map(
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
    return { suite, problem, answer: gold?.answer ?? null, runs };
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
}

/** The leaderboard of some results, and the page's content. */
export async function publication(
  results: readonly VerifiedResult[],
  excluded: readonly Excluded[],
  { past = [], historyGaps = [], ...options }: PublicationOptions = {},
): Promise<Publication> {
  const leaderboard = buildLeaderboard(results.map(({ input }) => input), excluded, options);
  const transcripts: Record<string, readonly Transcript[]> = {}, internalSteps: Record<string, number> = {};
  for (const result of results) {
    const { name } = result.input, last = lastInternalStep(result.logs);
    if (last !== null) internalSteps[name] = last;
    // Older results are for the history; their transcripts lie beside them.
    if (leaderboard.results.some((one) => one.name === name && one.newest)) {
      transcripts[name] = await readTranscripts(result, leaderboard);
    }
  }
  const page: PageInput = {
    leaderboard,
    proofs: results.map(({ input, recordBytes, bundleBytes, key }) => {
      return { result: input.name, record: recordBytes, bundle: bundleBytes, spki: key.spki };
    }),
    passCurves: results.flatMap(({ input, record }) => passCurves(input.name, record, leaderboard.settings)),
    trainingCurves: results.flatMap(({ input, logs }) => trainingCurves(input.name, logs)),
    internalSteps,
    history: historyOf(leaderboard, past),
    historyGaps,
    transcripts,
  };
  return { leaderboard, page };
}
