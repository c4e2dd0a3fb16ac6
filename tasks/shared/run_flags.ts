/**
 * The flags that the commands of the pipeline share.
 *
 * @module
 */

import {
  type AcceptedRecords,
  ANY_KERNELS,
  type Engine,
  engineOf,
  type FileHub,
  findFiles,
  type JobContext,
  otherEngines,
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
import { modelFacts, namedModel } from "./named_model.ts";
import { chosenProfile, isOwnRun, ownFlags, ownFlagsHelp } from "./own_run.ts";
import { fromHome } from "./profile_paths.ts";
import { ROOT } from "./root.ts";

/** Where records are kept. */
const STORE = ".store";

/** The flags, for `readFlags`. */
export const runFlags = {
  boolean: ["quiet", "json", "offline"],
  string: [
    ...ownFlags.string,
    "provider",
    "workers",
    "rollout-batch",
    "store",
    "device-memory",
    "accept-records",
    "accept-kernels",
    "onnxruntime",
  ],
  list: ownFlags.list,
} as const;

/** Further flags of commands that evaluate, for `readFlags`. */
export const evaluationFlags = { string: ["samples", "limit"] } as const;

/** They in words, for `--help`. */
export const evaluationFlagsHelp =
  `  --samples N          responses a problem (default: the profile's, or the suite's own)
  --limit N            only the first N problems of each suite: to try things, never a number`;

/** The flags in words, for `--help`. */
export const runFlagsHelp = `${ownFlagsHelp}
  --provider NAME      auto, cpu, webgpu or cuda (default: auto)
  --device-memory GIB  the most that a GPU's tensors may take (default: all that it has)
  --workers N          jobs at a time; changes no result (default: the number of cores, on a GPU 1)
  --rollout-batch N    rows decoded together; changes no result (default: the profile's)
  --store DIR          where records are kept (default: ${STORE})
  --accept-records REVISION
                       take records over that the sources of another commit made, because you know that they would be
                       the same; the provenance then says so, record by record
  --accept-kernels any|NAMES
                       take records over that other kernels made, of unlike nodes: all, or those of a processor's
                       instructions or a GPU's name as "deno task jobs" prints them; the provenance says which
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
  /** Do flags say what is run, so that no file does yet? */
  readonly own: boolean;
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

/** Flags that say what is run; a manifest says that too. */
const SAYING = ["profile", "variant", "samples", "limit"] as const;

/**
 * What is made again is what was run.
 *
 * @throws {UsageError} If a flag says otherwise.
 */
function checkNothingChanged(flags: Flags): void {
  const changing = [
    ...SAYING.filter((name) => flags.text(name) !== undefined),
    ...ownFlags.list.filter((name) => flags.list(name).length > 0),
  ];
  if (changing.length === 0) return;
  throw new UsageError(
    `Cannot use --${
      changing.join(" or --")
    } with --from: the manifest says what was run; --model may say where its model lies here`,
  );
}

/**
 * The folder of the records.
 *
 * @throws {UsageError} If something else lies there.
 */
async function checkedStore(path: string): Promise<string> {
  const folder = fromHome(path);
  const isFolder = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, (error: unknown) => {
    if (error instanceof Deno.errors.NotADirectory) return false;
    return true; // it is made when something is kept
  });
  if (isFolder) return folder;
  throw new UsageError(
    `Cannot keep records in ${path}: a file lies there, or above it; name a folder with --store`,
  );
}

/**
 * What else computed records that are taken over.
 *
 * @throws {UsageError} If the store has no record of the kernels that were named.
 */
async function acceptedEngines(
  store: string,
  runtime: Runtime,
  kernels: string | undefined,
): Promise<Engine[]> {
  if (kernels === undefined) return [];
  const own = engineOf(runtime), found = await otherEngines(store, own, [kernels]);
  if (found.length > 0 || kernels === ANY_KERNELS || kernels === own.kernels) return found;
  const known = (await otherEngines(store, own)).map((engine) => `"${engine.kernels}"`);
  throw new UsageError(
    `Cannot accept records made with "${kernels}": ${store} has ${
      known.length > 0 ? `those of ${known.join(", ")}` : "none of other kernels"
    }, of ${own.provider}, ONNX Runtime ${own.onnxruntime} and Deno ${own.deno}`,
  );
}

/**
 * Reads the shared flags, and brings what the profile needs from the Hub.
 *
 * @param profileGiven The profile, where it is not named by a flag.
 * @param prepare Asks for what the command needs besides, once the profile is known to be sound.
 * @param adjust What further flags make of the profile.
 * @throws {UsageError} If a profile is unknown, or a provider is unknown or missing.
 * @throws {HubError} If a file cannot be had.
 */
export async function runOptions(
  flags: Flags,
  profileGiven?: Profile,
  prepare: () => Promise<void> = () => Promise.resolve(),
  adjust: (profile: Profile) => Profile = (profile) => profile,
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
  const json = flags.on("json"), root = ROOT;
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
  const accepts = ["accept-records", "accept-kernels"].find((flag) => flags.text(flag) !== undefined);
  if (profileGiven && accepts !== undefined) {
    throw new UsageError(`Cannot use --${accepts} with --from: what is checked is computed again, all of it`);
  }
  if (profileGiven) checkNothingChanged(flags);
  const hub: FileHub = {
    snapshot: (repository, select, fault) =>
      openHub(progress, { offline: flags.on("offline") }).snapshot(repository, select, fault),
  };
  const profile = adjust(profileGiven ?? await chosenProfile(flags, (model) => modelFacts(model, hub)));
  // The folder of a model that a result was made from may lie elsewhere here.
  const moved = profileGiven ? flags.text("model") : undefined;
  const { precision = "float32" } = profile;
  if (precision !== "float32" && !await computesIn(runtime, precision)) {
    throw new UsageError(
      `Cannot compute ${profile.name} in ${precision} on "${runtime.provider}": ${
        runtime.adapter ?? "it"
      } has no kernels for it; take "precision" out of the profile, or use another provider`,
    );
  }
  const accepted = await acceptedRecords(root, flags.text("accept-records"));
  const storeDirectory = await checkedStore(flags.text("store") ?? STORE);
  const engines = await acceptedEngines(storeDirectory, runtime, flags.text("accept-kernels"));
  await prepare();
  const files = await findFiles(
    moved === undefined ? profile : { ...profile, model: namedModel(moved) },
    root,
    hub,
  );
  return {
    context: {
      profile: await withInternalLayer(profile, { root, files, provider }, progress),
      root,
      files,
      storeDirectory,
      provider,
      sources: await sourceTree(root),
      ...(accepted === undefined ? {} : { accepted }),
      ...(engines.length === 0 ? {} : { engines }),
      ...(gibibytes === undefined ? {} : { deviceMemory: gibibytes * 2 ** 30 }),
      ...(rolloutBatch === undefined ? {} : { rolloutBatch }),
    },
    provider: runtime.provider,
    workers,
    progress,
    own: !profileGiven && isOwnRun(flags),
    fallback: runtime.fallback,
    json,
  };
}
