/**
 * The flags that the commands of the pipeline share.
 *
 * @module
 */

import {
  type AcceptedRecords,
  checkProfile,
  type FileHub,
  findFiles,
  type JobContext,
  type PoolListener,
  type Profile,
  profileRuns,
  sourcesOfCommit,
  sourceTree,
} from "../../src/pipeline/mod.ts";
import { Progress, terminalSize } from "../../src/progress.ts";
import {
  computesIn,
  openRuntime,
  type Provider,
  ProviderError,
  type Runtime,
} from "../../src/runtime/mod.ts";
import { ResultSourceError } from "../../src/result/mod.ts";
import { type Flags, UsageError } from "./command.ts";
import { openHub } from "./hub_flags.ts";
import { withInternalLayer } from "./internal_layer.ts";
import { onnxRuntimeFlagHelp, openNamedOnnxRuntime } from "./onnx_runtime_flag.ts";
import { readProfile } from "./profile_flag.ts";

/** Where records are kept. */
const STORE = ".store";

/** The flags, for `readFlags`. */
export const runFlags = {
  boolean: ["quiet", "json", "offline"],
  string: [
    "profile",
    "variant",
    "provider",
    "workers",
    "rollout-batch",
    "store",
    "device-memory",
    "accept-records",
    "onnxruntime",
  ],
} as const;

/** Further flags of commands that evaluate, for `readFlags`. */
export const evaluationFlags = { string: ["samples", "limit"], list: ["suite"] } as const;

/** They in words, for `--help`. */
export const evaluationFlagsHelp =
  `  --suite NAME|PATH    instead of the profile's suites: a name of "deno task suites", or a file of your own, as
                       PATH, NAME=PATH or PATH?question=COLUMN&answer=COLUMN (see docs/suites.md); may be given more
                       than once
  --samples N          responses a problem (default: the profile's, or the suite's own)
  --limit N            only the first N problems of each suite: to try things, never a number`;

/** The flags in words, for `--help`. */
export const runFlagsHelp =
  `  --profile NAME       a profile of benchmarks/profiles, or a path to one (default: embedded)
  --variant NAME       a variant of the profile, such as paper
  --provider NAME      auto, cpu, webgpu or cuda (default: auto)
  --device-memory GIB  the most that a GPU's tensors may take (default: all that it has)
  --workers N          jobs at a time; changes no result (default: the number of cores, on a GPU 1)
  --rollout-batch N    rows decoded together; changes no result (default: the profile's)
  --store DIR          where records are kept (default: ${STORE})
  --accept-records REVISION
                       take records over that the sources of another commit made, because you know that they would be
                       the same; the provenance then says so, record by record
${onnxRuntimeFlagHelp}
  --offline            never the network: models and data sets must be in the Hub's cache
  --quiet              no progress
  --json               the result as one JSON document`;

const providers: readonly (Provider | "auto")[] = ["auto", "cpu", "webgpu", "cuda"];

/** What the shared flags say. */
export interface RunOptions {
  /** What the jobs share. */
  readonly context: JobContext;
  /** What computes, where the choice was free too. */
  readonly provider: Provider;
  /** Jobs at a time. */
  readonly workers: number;
  /** Where progress goes. */
  readonly progress: Progress;
  /** Why the CPU was chosen, where the choice was free and a device would have been taken. */
  readonly fallback: string | undefined;
  /** Whether the result is wanted as JSON. */
  readonly json: boolean;
}

/** Shows what a pool tells. */
export function poolListener(progress: Progress): PoolListener {
  return {
    onProgress: (job, done, total, note) => progress.update(job, done, total, note),
    onNotice: (text) => progress.line(text),
    onWarning: (text) => progress.line(`warning: ${text}`),
  };
}

/** Shows what the jobs of a whole profile tell, and how many have ended. */
export function jobListener({ progress, context: { profile } }: RunOptions): PoolListener {
  // Each method and seed is trained and evaluated; the base model is evaluated.
  const jobs = 2 * profileRuns(profile).length + 1;
  let ended = 0;
  return {
    ...poolListener(progress),
    onProgress: (job, done, total, note) => {
      progress.update(job, done, total, note);
      if (done >= total) progress.update("all jobs", ++ended, jobs);
    },
  };
}

/** Says why a run computes on the CPU, where a device would have been taken. */
export function tellFallback({ progress, fallback }: RunOptions): void {
  if (fallback !== undefined) progress.line(`Computing on the CPU: ${fallback}`);
}

/**
 * A profile whose evaluation is as the flags say; its name then says so, so that no result takes another's place.
 *
 * @throws {UsageError} If such a profile cannot be used: a suite named twice.
 */
function changeEvaluation(profile: Profile, flags: Flags): Profile {
  const suites = flags.list("suite"), samples = flags.integer("samples"), limit = flags.integer("limit");
  if (suites.length === 0 && samples === undefined && limit === undefined) return profile;
  const evaluation = {
    ...profile.evaluation,
    // A number of problems was meant for the profile's own suites.
    ...(suites.length === 0 ? {} : { suites, problems: undefined }),
    ...(samples === undefined ? {} : { samples }),
    ...(limit === undefined ? {} : { limit }),
  };
  const name = `${profile.name}-${limit === undefined ? "other" : "partial"}`;
  try {
    return checkProfile({ ...profile, name, evaluation }, "what --suite, --samples and --limit say");
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** The sources of the commit whose records are taken over. */
async function acceptedRecords(
  root: string,
  revision: string | undefined,
): Promise<AcceptedRecords | undefined> {
  if (revision === undefined) return undefined;
  try {
    return await sourcesOfCommit(root, revision);
  } catch (error) {
    if (error instanceof ResultSourceError) throw new UsageError(`Cannot accept records: ${error.message}`);
    throw error;
  }
}

/**
 * Reads the shared flags, and brings what the profile needs from the Hub.
 *
 * @param profileGiven The profile, where it is not named by a flag.
 * @param prepare Asks for what the command needs besides, once the profile is known to be sound.
 * @throws {UsageError} If a profile is unknown, or a provider is unknown or missing.
 * @throws {HubError} If a file cannot be had.
 */
export async function runOptions(
  flags: Flags,
  profileGiven?: Profile,
  prepare: () => Promise<void> = () => Promise.resolve(),
): Promise<RunOptions> {
  const wanted = flags.text("provider") ?? "auto";
  const provider = providers.find((name) => name === wanted);
  if (!provider) throw new UsageError(`Cannot compute with "${wanted}": expected ${providers.join(", ")}`);
  openNamedOnnxRuntime(flags);
  // A provider that is missing is told before anything is loaded or computed.
  let runtime: Runtime;
  try {
    runtime = openRuntime({ provider, threads: 1 });
  } catch (error) {
    if (error instanceof ProviderError) throw new UsageError(error.message);
    throw error;
  }
  const rolloutBatch = flags.integer("rollout-batch");
  const json = flags.on("json"), root = ".";
  const columns = (): number => terminalSize(Deno.env.get("COLUMNS")).columns;
  const progress = new Progress({ quiet: flags.on("quiet"), columns });
  const gibibytes = flags.integer("device-memory");
  // Jobs side by side would only take the one device's memory from each other.
  const workers = flags.integer("workers") ??
    (runtime.provider === "cpu" ? navigator.hardwareConcurrency : 1);
  if (runtime.provider === "webgpu" && workers > 1) {
    throw new UsageError(
      `Cannot run ${workers} jobs at a time on "webgpu": a device takes commands from one thread; leave --workers out`,
    );
  }
  if (profileGiven && flags.text("accept-records") !== undefined) {
    throw new UsageError(
      "Cannot use --accept-records with --from: what is checked is computed again, all of it",
    );
  }
  if (profileGiven && (flags.text("profile") ?? flags.text("variant")) !== undefined) {
    throw new UsageError("Cannot use --profile or --variant with --from: the manifest says what was run");
  }
  const named = profileGiven ?? await readProfile(flags.text("profile") ?? "embedded", flags.text("variant"));
  const profile = changeEvaluation(named, flags);
  const { precision = "float32" } = profile;
  if (precision !== "float32" && !await computesIn(runtime, precision)) {
    throw new UsageError(
      `Cannot compute ${profile.name} in ${precision} on "${runtime.provider}": ${
        runtime.adapter ?? "it"
      } has no kernels for it; take "precision" out of the profile, or use another provider`,
    );
  }
  const accepted = await acceptedRecords(root, flags.text("accept-records"));
  await prepare();
  const hub: FileHub = {
    snapshot: (repository, select, fault) =>
      openHub(progress, { offline: flags.on("offline") }).snapshot(repository, select, fault),
  };
  const files = await findFiles(profile, root, hub);
  return {
    context: {
      profile: await withInternalLayer(profile, { root, files, provider }, progress),
      root,
      files,
      storeDirectory: flags.text("store") ?? STORE,
      provider,
      sources: await sourceTree(root),
      ...(accepted === undefined ? {} : { accepted }),
      ...(gibibytes === undefined ? {} : { deviceMemory: gibibytes * 2 ** 30 }),
      ...(rolloutBatch === undefined ? {} : { rolloutBatch }),
    },
    provider: runtime.provider,
    workers,
    progress,
    fallback: runtime.fallback,
    json,
  };
}
