/**
 * The whole pipeline of a profile: train, evaluate, write the results. Signing is the caller's, because it needs a key.
 *
 * @module
 */

import { bytesSource, type ByteStream, sha256Stream, streamOf } from "../byte_source.ts";
import { canonicalJson } from "../canonical_json.ts";
import { graderVersion } from "../grade/mod.ts";
import { parameterCount, parameterShapes, storedStream } from "../model/mod.ts";
import {
  checkRecord,
  RECORD_SCHEMA,
  type ResultRecord,
  type Run,
  type RunMaker,
  SAMPLES_FILE,
  writeRecord,
} from "../result/mod.ts";
import type { StepSeconds } from "../rl/mod.ts";
import { writeFileAtomic } from "../store.ts";
import { BASE, type Experiment, openExperiment } from "./experiment.ts";
import { type JobContext, Pool, type PoolListener } from "./pool/mod.ts";
import { makersOf, type PolicyRecords } from "./makers.ts";
import { methodNameOf, profileRuns, withoutPlaces } from "./profile/mod.ts";
import { type ExperimentOverlap, experimentOverlap } from "./overlap.ts";
import type { Profile } from "./profile/mod.ts";
import { alarmedSteps, evaluatedState, silentSteps, StoppedError } from "./stage/mod.ts";

/** What a run of the pipeline gives. */
export interface Reproduction {
  /** The record, as written to `results.json`. */
  readonly record: ResultRecord;
  /** Seconds of each step of each training run, by `<method>-<seed>`. */
  readonly seconds: Readonly<Record<string, readonly StepSeconds[]>>;
  /** What of the held-out suites is trained on, as written to `overlap.json`. */
  readonly overlap: ExperimentOverlap;
  /** What made the records, and which: more than one where records were taken over. */
  readonly makers: readonly RunMaker[];
  /** Prompts that lost their beginning, by suite; suites without any are absent. */
  readonly cut: Readonly<Record<string, number>>;
}

/**
 * The results of all runs. A run that fails does not end the others: their records are kept.
 *
 * @throws {StoppedError} If a run was asked to stop, when all have.
 * @throws {Error} If runs failed, when all others have ended.
 */
export async function allRuns<T>(runs: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(runs);
  const errors = ended.flatMap((end) => end.status === "rejected" ? [end.reason as Error] : []);
  const failed = errors.filter((error) => !(error instanceof StoppedError)), [first] = errors;
  if (failed.length > 0) {
    const messages = [...new Set(failed.map(({ message }) => message))], well = ended.length - errors.length;
    const kept = well > 0 ? [`${well} of ${ended.length} runs ended well and are recorded`] : [];
    throw new Error([...messages, ...kept].join("; "), { cause: failed[0] });
  }
  if (first) {
    const begun = errors.flatMap(({ message }) => message === "" ? [] : [message]);
    throw new StoppedError(begun.length > 0 ? begun.join("; ") : "Stopped between runs");
  }
  return ended.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
}

/**
 * Trains and evaluates everything that a profile names and writes `results.json`, `artifacts.json`, `overlap.json`,
 * `metrics/<method>-<seed>.jsonl`, `probe/<method>-<seed>.jsonl` where the profile has a probe, and `samples.jsonl.gz`
 * into a directory. Records that exist are taken over.
 */
export async function reproduce(
  context: JobContext,
  directory: string,
  workers: number,
  listener: PoolListener,
): Promise<Reproduction> {
  const { profile } = context;
  const experiment = await openExperiment(context);
  const trained = profileRuns(profile);
  // What no reader would take is found out now, and not when everything is trained.
  const empty = emptyRuns(experiment, [{ method: BASE, seed: null }, ...trained]);
  checkRecord(resultRecord(experiment, empty), `Cannot run the profile "${profile.name}"`);
  const list = await writeArtifacts(`${context.storeDirectory}/artifacts/${profile.name}`, experiment);
  await writeFileAtomic(`${directory}/artifacts.json`, list);
  using pool = new Pool(context, Math.min(workers, trained.length + 1), listener);
  const lines = await allRuns([
    (async (): Promise<PolicyRecords> => {
      const evaluation = await pool.run({ kind: "evaluate", policy: undefined });
      return { policy: undefined, training: undefined, evaluation };
    })(),
    ...trained.map(async ({ method, seed }): Promise<PolicyRecords> => {
      const training = await pool.run({ kind: "train", method, seed });
      const policy = { method, seed, ...evaluatedState(profile, training) };
      return { policy, training, evaluation: await pool.run({ kind: "evaluate", policy }) };
    }),
  ]);
  const rank = ({ policy }: PolicyRecords): number =>
    policy ? 1 + profile.methods.map(methodNameOf).indexOf(policy.method) : 0;
  lines.sort((a, b) => rank(a) - rank(b) || (a.policy?.seed ?? 0) - (b.policy?.seed ?? 0));
  const record = resultRecord(experiment, lines.map(runOf));
  await writeOutputs(directory, record, lines);
  const overlap = await experimentOverlap(experiment);
  await writeFileAtomic(`${directory}/overlap.json`, canonicalJson(overlap) + "\n");
  const seconds = Object.fromEntries(lines.flatMap(({ policy, training }) => {
    return policy && training ? [[`${policy.method}-${policy.seed}`, training.seconds]] : [];
  }));
  const cut = [experiment.training, ...experiment.suites].filter((suite) => suite.cut > 0);
  const makers = makersOf(lines);
  return {
    record,
    seconds,
    overlap,
    makers,
    cut: Object.fromEntries(cut.map((suite) => [suite.name, suite.cut])),
  };
}

/** What a policy achieved, as the record has it. */
function runOf({ policy, training, evaluation }: PolicyRecords): Run {
  const silent = training && silentSteps(training.metrics),
    alarms = training && alarmedSteps(training.metrics);
  return {
    method: policy?.method ?? BASE,
    seed: policy?.seed ?? null,
    checkpoint: policy?.checkpoint ?? null,
    ...(policy?.step === undefined ? {} : { step: policy.step }),
    ...(silent === undefined ? {} : { silentSteps: silent }),
    ...(alarms ? { alarms } : {}),
    suites: Object.fromEntries(
      Object.entries(evaluation).map((
        [name, { responses: _, executed: __, suite: ___, ...outcome }],
      ) => [name, outcome]),
    ),
  };
}

/** The runs of some policies that answered nothing right. */
function emptyRuns(
  { suites }: Experiment,
  policies: readonly Pick<Run, "method" | "seed">[],
): Run[] {
  const outcomes = Object.fromEntries(suites.map(({ name, problems }) => {
    return [name, { correct: problems.map(() => 0), truncated: 0, unparsed: 0, tokens: 0 }];
  }));
  return policies.map((policy) => ({ ...policy, checkpoint: null, suites: outcomes }));
}

/** The JSON form of a profile as a record stores it: without where things lie on this machine. */
export function recordedProfile(
  { $schema: _, rolloutBatch: __, ...settings }: Profile,
): ResultRecord["profile"] {
  return JSON.parse(JSON.stringify(withoutPlaces(settings)));
}

function resultRecord(experiment: Experiment, runs: readonly Run[]): ResultRecord {
  const { profile, model, digests, suites } = experiment;
  return {
    schema: RECORD_SCHEMA,
    profile: recordedProfile(profile),
    base: { digest: model.digest, parameters: parameterCount(parameterShapes(model.config)) },
    artifacts: digests,
    graderVersion,
    suites: suites.map(({ name, digest, problems, samples }) => {
      return { name, digest, problems: problems.map(({ id }) => id), samples };
    }),
    runs,
  };
}

/** A file in `digests.json`. */
interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** What an earlier run wrote; nothing where that cannot be read. */
async function readDigests(path: string): Promise<Readonly<Record<string, FileDigest | undefined>>> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return {};
  }
}

/**
 * Writes the graphs and `checkpoint`, the parameters that training starts from, into a folder, with `digests.json`. A
 * file that is there with the digest that the old list names is not written again.
 *
 * @returns The content of `digests.json`: SHA-256 and size of every file.
 */
export async function writeArtifacts(directory: string, { artifacts, model }: Experiment): Promise<string> {
  const files: Record<string, ByteStream> = { checkpoint: storedStream(model.weights) };
  for (const [name, bytes] of Object.entries(artifacts)) files[name] = streamOf(bytesSource(bytes, name));
  const before = await readDigests(`${directory}/digests.json`);
  const entries: Record<string, FileDigest> = {};
  for (const [name, stream] of Object.entries(files)) {
    const entry = entries[name] = { sha256: await sha256Stream(stream), bytes: stream.size };
    const path = `${directory}/${name}`;
    const size = await Deno.stat(path).then((info) => info.size, () => undefined);
    if (size !== entry.bytes || before[name]?.sha256 !== entry.sha256) await writeFileAtomic(path, stream);
  }
  const list = canonicalJson(entries) + "\n";
  const written = await Deno.readTextFile(`${directory}/digests.json`).catch(() => "");
  if (written !== list) await writeFileAtomic(`${directory}/digests.json`, list); // a store may be read-only
  return list;
}

/** Text, gzipped; the same text gives the same bytes. */
async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function writeOutputs(
  directory: string,
  record: ResultRecord,
  lines: readonly PolicyRecords[],
): Promise<void> {
  // Logs of runs that the profile no longer names would be signed along.
  for (const folder of ["metrics", "probe"]) {
    await Deno.remove(`${directory}/${folder}`, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  const writeLog = async (path: string, rows: readonly unknown[]): Promise<void> => {
    await writeFileAtomic(`${directory}/${path}`, rows.map((row) => canonicalJson(row) + "\n").join(""));
  };
  const samples: string[] = [];
  for (const { policy, training, evaluation } of lines) {
    const name = policy ? { method: policy.method, seed: policy.seed } : { method: BASE };
    for (const [suite, { responses }] of Object.entries(evaluation)) {
      const problems = record.suites.find((used) => used.name === suite)?.problems ?? [];
      responses.forEach((texts, i) =>
        samples.push(canonicalJson({ ...name, suite, problem: problems[i], responses: texts }))
      );
    }
    if (!policy || !training) continue;
    const file = `${policy.method}-${policy.seed}.jsonl`;
    await writeLog(`metrics/${file}`, training.metrics);
    if (training.probes) await writeLog(`probe/${file}`, training.probes);
  }
  await writeFileAtomic(`${directory}/${SAMPLES_FILE}`, await gzip(samples.join("\n") + "\n"));
  await writeRecord(directory, record);
}
