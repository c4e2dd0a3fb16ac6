/**
 * `deno task reproduce --from`: runs again what a signed result says was run, and says how far the two agree.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Engine, engineOf, parseProfile, type Profile, reproduce } from "../../src/pipeline/mod.ts";
import { compareRecords, outputStyle, terminalTable } from "../../src/report/mod.ts";
import {
  BUNDLE_FILE,
  fileDigest,
  loadPublishedKeys,
  parseRecord,
  readFacts,
  RECORD_FILE,
  type ResultRecord,
  type RunMaker,
  sourceOf,
  verify,
} from "../../src/result/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { checkWritable } from "../../src/store.ts";
import { type Flags, print, UsageError } from "./command.ts";
import { complain } from "./found_result.ts";
import { checkMemory } from "./memory_check.ts";
import { placedPaths } from "./profile_paths.ts";
import { jobListener, runOptions, tellFallback } from "./run_flags.ts";
import { withServer } from "./server_flags.ts";
import { stoppable } from "./stoppable.ts";

/** A result that is to be made again. */
export interface Original {
  /** Its directory. */
  readonly directory: string;
  /** Its record. */
  readonly record: ResultRecord;
  /** The profile that it was made with. */
  readonly profile: Profile;
  /** The names of its files, without the manifests. */
  readonly files: readonly string[];
  /** SHA-256 of its manifest. */
  readonly digest: string;
  /** The commit that its provenance names, or null. */
  readonly commit: string | null;
  /** What made its records, as its provenance says; empty where that does not tell. */
  readonly makers: readonly RunMaker[];
}

/** Rows decoded together where a record does not say; it changes no result. */
const ROLLOUT_BATCH = 64;

/**
 * Reads a signed result.
 *
 * @param path The manifest, or its directory.
 * @throws {UsageError} If there is none.
 * @throws {Error} If its signatures or digests do not hold: there is nothing sure to compare with.
 */
export async function readOriginal(path: string): Promise<Original> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) throw new UsageError(`Cannot reproduce "${path}": there is no such manifest or directory`);
  const directory = info.isDirectory ? path : dirname(path);
  const published = await loadPublishedKeys(join(directory, "../keys"), complain);
  const { ok, problems, files } = await verify(directory, { published });
  if (!ok) {
    const [first] = problems;
    throw new Error(`Cannot reproduce ${directory}: it does not verify: ${first?.file}: ${first?.problem}`);
  }
  const source = join(directory, RECORD_FILE), record = parseRecord(await Deno.readFile(source));
  const text = JSON.stringify(placedPaths({ rolloutBatch: ROLLOUT_BATCH, ...record.profile }, "."));
  const outputs = files.filter((name) => !/^(manifest|provenance)\.|\.(minisig|sshsig)$/.test(name));
  const facts = await readFacts(directory);
  return {
    directory,
    record,
    profile: parseProfile(text, source),
    files: outputs,
    digest: await fileDigest(join(directory, BUNDLE_FILE)),
    commit: sourceOf(facts?.sources ?? []).commit,
    makers: facts?.makers ?? [],
  };
}

/**
 * How far a result and its repetition agree: every file has the same bytes; or each method is shown to differ by less than
 * the margin; or one differs, or what they were made from cannot be compared; or none of this could be shown. On the same
 * kernels the same bytes are promised, so there a file that differs is a difference, however small.
 */
export type AgreementVerdict = "byte-equal" | "statistically equal" | "different" | "not shown to be equal";

/** How far a result and its repetition agree. */
export interface Agreement {
  /** In one word. */
  readonly verdict: AgreementVerdict;
  /** Files that differ or are missing. */
  readonly files: readonly string[];
  /** What else differs, one line each: what they were made from, the first step that differs, methods and suites. */
  readonly differences: readonly string[];
}

/** What two records were made from, where it differs. */
function origins(before: ResultRecord, after: ResultRecord): string[] {
  const facts: Record<string, readonly [string, string]> = {
    "the base model": [before.base.digest, after.base.digest],
    "the grader": [before.graderVersion, after.graderVersion],
  };
  for (const name of new Set([...Object.keys(before.artifacts), ...Object.keys(after.artifacts)])) {
    facts[`the graph ${name}`] = [before.artifacts[name] ?? "none", after.artifacts[name] ?? "none"];
  }
  return Object.entries(facts).flatMap(([what, [old, now]]) => {
    return old === now ? [] : [`${what} is ${now.slice(0, 16)}, it was ${old.slice(0, 16)}`];
  });
}

/** The first step at which the metrics of a run differ, as a line; none if they do not. */
async function firstStep(original: string, again: string, name: string): Promise<string[]> {
  const run = /^metrics\/(.+)\.jsonl$/.exec(name)?.[1];
  if (run === undefined) return [];
  const [before, after] = await Promise.all([original, again].map(async (folder) => {
    return (await Deno.readTextFile(join(folder, name)).catch(() => "")).split("\n");
  }));
  const at = (before ?? []).findIndex((line, step) => line !== after?.[step]);
  return [`${run} differs from step ${at + 1} on`];
}

/** The counts of a method on a suite, with every seed, as a text. */
function countsOf({ runs }: ResultRecord, method: string, suite: string): string {
  return JSON.stringify(
    runs.filter((run) => run.method === method).map(({ seed, suites }) => [seed, suites[suite]?.correct]),
  );
}

/** Were all records of a result made by the same kernels, and is this such a one? */
function sameKernels(makers: readonly RunMaker[], { provider, kernels, onnxruntime, deno }: Engine): boolean {
  return makers.length > 0 &&
    makers.every((maker) =>
      maker.provider === provider && maker.kernels === kernels && maker.onnxruntime === onnxruntime &&
      maker.deno === deno
    );
}

/**
 * Compares a result with its repetition.
 *
 * @param exact Whether the same bytes are promised, because the same kernels computed both.
 */
export async function agreement(
  original: Pick<Original, "directory" | "record" | "files">,
  directory: string,
  record: ResultRecord,
  exact: boolean,
): Promise<Agreement> {
  const digest = (folder: string, name: string): Promise<string> =>
    fileDigest(join(folder, name)).catch(() => "missing");
  const files: string[] = [];
  for (const name of original.files) {
    if (await digest(original.directory, name) !== await digest(directory, name)) files.push(name);
  }
  if (files.length === 0) return { verdict: "byte-equal", files, differences: [] };
  const steps = await Promise.all(files.map((name) => firstStep(original.directory, directory, name)));
  const { pairs } = compareRecords([
    { name: "recorded", record: original.record },
    { name: "again", record },
  ], { baseline: "recorded" });
  const across = pairs.filter(({ kind }) => kind === "records");
  const unlike = across.filter(({ verdict, suite, candidate: { method } }) =>
    verdict.startsWith("inconclusive")
      ? countsOf(original.record, method, suite) !== countsOf(record, method, suite)
      : verdict !== "tied within noise" && verdict !== "identical"
  );
  const open = unlike.filter(({ verdict }) => verdict.startsWith("inconclusive"));
  const words = unlike.map(({ suite, candidate, verdict, note, result }) => {
    const points = result ? ` by ${(100 * result.difference.value).toFixed(1)} points` : "";
    return `${candidate.method} on ${suite}: ${verdict}${points}${note ? ` (${note})` : ""}`;
  });
  const verdict: AgreementVerdict = exact || across.length === 0 || open.length < unlike.length
    ? "different"
    : open.length > 0
    ? "not shown to be equal"
    : "statistically equal";
  return { verdict, files, differences: [...origins(original.record, record), ...steps.flat(), ...words] };
}

/** Computes a signed result again in a store of its own, and says how far the two agree. */
export async function reproduceFrom(path: string, flags: Flags): Promise<number> {
  const original = await readOriginal(path),
    options = await runOptions(
      flags,
      original.profile,
      undefined,
      (profile) => withServer(profile, flags, false),
    );
  const { workers, progress, json } = options;
  await checkMemory(flags, options);
  // Never the store that the result may have been made in: then it would be compared with itself.
  const again = `${options.context.storeDirectory}/again/${original.digest.slice(0, 16)}`;
  const directory = flags.text("out") ?? `${again}/result`;
  await checkWritable(directory);
  tellFallback(options);
  const { commit, dirty } = options.context.sources, { profile } = original;
  progress.line(
    `${profile.name}: computed again in ${again}; signed at ${commitName(original.commit)}, checked out is ${
      commitName(commit, dirty)
    }`,
  );
  // A server promises no bytes.
  const exact = profile.evaluation.server === undefined && sameKernels(
    original.makers,
    engineOf(openRuntime({ provider: options.provider, threads: profile.threads })),
  );
  const listener = jobListener(options);
  let taken = 0, jobs = 0;
  return await stoppable(
    { ...options, context: { ...options.context, storeDirectory: again } },
    async (context) => {
      const { record } = await reproduce(context, directory, workers, {
        ...listener,
        onProgress: (job, done, total, note) => {
          if (done >= total) jobs++;
          if (done >= total && note.startsWith("already ")) taken++;
          listener.onProgress(job, done, total, note);
        },
      });
      const { verdict, files, differences } = await agreement(original, directory, record, exact);
      const computed = jobs - taken;
      if (json) {
        print(
          JSON.stringify({
            verdict,
            files,
            differences,
            directory,
            computed,
            jobs,
            signed: original.commit,
            commit,
          }),
        );
      } else {
        print(terminalTable(record, outputStyle()));
        for (const name of files) print(`differs: ${name}`);
        for (const line of differences) print(line);
        const before = taken > 0 ? `, ${taken} taken from an earlier start of this check` : "";
        print(
          `\nComputed ${computed} of ${jobs} trainings and evaluations${before}, at ${
            commitName(commit, dirty)
          }; the signed result names ${commitName(original.commit)}`,
        );
        print(`${original.directory} and ${directory} are ${verdict}`);
      }
      return verdict === "byte-equal" || verdict === "statistically equal" ? 0 : 1;
    },
  );
}

/** A commit as a person reads it. */
function commitName(commit: string | null, dirty: boolean | "unknown" = false): string {
  return commit === null
    ? "no commit"
    : `commit ${commit.slice(0, 12)}${dirty === true ? " with changes" : ""}`;
}
