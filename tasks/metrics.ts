/**
 * `deno task metrics`: what training reported, of finished and of running runs, as curves and for other tools.
 *
 * @module
 */

import { basename, join } from "node:path";
import { methodRows, type Profile, profileRuns, RUN_LOGS } from "../src/pipeline/mod.ts";
import {
  curvesSvg,
  EVENT_FILE,
  type LoggedRun,
  mlflowFiles,
  readRunLog,
  runLine,
  runLines,
  tensorboardEvents,
} from "../src/report/mod.ts";
import { methodLabel } from "../src/rl/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { type Command, type Flags, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { readProfile } from "./shared/profile_flag.ts";

/** A run and where its log lies. */
interface FoundRun extends LoggedRun {
  readonly path: string;
  /** Seconds since 1970 at which the log came to be. */
  readonly started: number;
  readonly finished: boolean;
}

/** The runs of a profile or of a result. */
interface Found {
  readonly name: string;
  readonly runs: readonly FoundRun[];
  /** Whether no run is still to come or under way. */
  readonly finished: boolean;
}

/** Milliseconds between two looks with `--follow`. */
const PAUSE = 2000;

/** Method and seed, and the id of the settings where the log lies in a store. */
const LOG = /^(.+)-(\d+)(?:\.[0-9a-f]{8})?\.jsonl$/;

/** The newest log of each method and seed in a folder. */
async function runsIn(
  folder: string,
  isFinished: (method: string, steps: number) => boolean,
): Promise<FoundRun[]> {
  const newest = new Map<string, FoundRun & { readonly written: number }>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const [, method, digits] = LOG.exec(name) ?? [];
    if (!isFile || method === undefined || name.endsWith(".completions.jsonl")) continue;
    const path = join(folder, name), { birthtime, mtime } = await Deno.stat(path), seed = Number(digits);
    const steps = readRunLog(await Deno.readTextFile(path), path), written = mtime?.getTime() ?? 0;
    const started = Math.floor((birthtime ?? mtime ?? new Date(0)).getTime() / 1000),
      key = `${method}-${seed}`;
    if (written <= (newest.get(key)?.written ?? -1)) continue;
    newest.set(key, {
      method,
      seed,
      steps,
      path,
      started,
      written,
      finished: isFinished(method, steps.length),
    });
  }
  return [...newest.values()].sort((a, b) =>
    a.method === b.method ? a.seed - b.seed : a.method < b.method ? -1 : 1
  );
}

/** The runs of a result. */
async function resultRuns(folder: string): Promise<Found> {
  const runs = await runsIn(join(folder, "metrics"), () => true).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Cannot read ${folder}: expected the folder of a result, with metrics/*.jsonl in it`,
    );
  });
  return { name: basename(folder), runs, finished: true };
}

/** The runs of a profile, as a store has them. */
async function storedRuns(profile: Profile, store: string): Promise<Found> {
  const { name } = profile, rows = new Map(methodRows(profile).map((row) => [row.name, row.steps]));
  const runs = await runsIn(
    join(store, RUN_LOGS, name),
    (method, steps) => steps >= (rows.get(method) ?? 0),
  ).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Cannot find a run of ${name} in "${store}": train it first, or say --profile NAME, --store DIR or a result's folder`,
    );
  });
  const finished = profileRuns(profile).every(({ method, seed }) =>
    runs.some((run) => run.method === method && run.seed === seed && run.finished)
  );
  return { name, runs, finished };
}

/** Writes bytes over a file; where it has the first of them, only the others are added, for who reads it meanwhile. */
async function writeGrown(path: string, bytes: Uint8Array): Promise<void> {
  const there = await Deno.readFile(path).catch(() => new Uint8Array());
  const begins = there.length > 0 && there.length <= bytes.length &&
    there.every((byte, i) => byte === bytes[i]);
  if (!begins) await writeFileAtomic(path, bytes);
  else if (there.length < bytes.length) {
    await Deno.writeFile(path, bytes.subarray(there.length), { append: true });
  }
}

/** What the flags write, by their names; each returns what it wrote. */
const writers: Readonly<
  Record<"svg" | "tensorboard" | "mlflow", (found: Found, target: string) => Promise<string>>
> = {
  svg: async ({ name, runs }, target) => {
    await writeFileAtomic(target, curvesSvg(runs, name));
    return target;
  },
  tensorboard: async ({ name, runs }, target) => {
    for (const { method, seed, steps, started } of runs) {
      await writeGrown(
        join(target, name, `${method}-${seed}`, EVENT_FILE),
        tensorboardEvents(steps, started),
      );
    }
    return `${target}: tensorboard --logdir ${target}`;
  },
  mlflow: async ({ name, runs }, target) => {
    for (const [path, text] of Object.entries(await mlflowFiles(name, runs))) {
      await writeFileAtomic(join(target, path), text);
    }
    return `${target}: mlflow ui --backend-store-uri ${target}`;
  },
};

const kinds = Object.keys(writers) as (keyof typeof writers)[];

/** Prints the runs. */
function show({ runs }: Found, json: boolean): void {
  if (json) {
    return printJson(
      runs.map(({ steps, ...run }) => ({ ...run, steps: steps.length, last: steps.at(-1) ?? null })),
    );
  }
  const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns || 80 : undefined;
  for (const { method, seed, steps, path } of runs) {
    const name = `${methodLabel(method)} seed ${seed}`;
    if (columns === undefined) print(`${name}: ${runLine(steps)}  ${path}`);
    else {
      print(`${name}, ${steps.length} steps  ${path}`);
      for (const line of runLines(steps, { columns, color: !Deno.noColor }, Infinity)) print(line);
    }
  }
}

/** The runs that the command line names. */
async function find(flags: Flags): Promise<Found> {
  const [folder] = flags.positional, named = flags.text("profile"), store = flags.text("store");
  if (folder === undefined) {
    return await storedRuns(await readProfile(named ?? "embedded", flags.text("variant")), store ?? ".store");
  }
  if ((named ?? store ?? flags.text("variant")) !== undefined) {
    throw new UsageError(
      "Cannot use --profile, --variant or --store with a result's folder: it has its own runs",
    );
  }
  return await resultRuns(folder);
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task metrics [--profile NAME] [--store DIR] [flags]
       deno task metrics FOLDER [flags]

What training reported, step by step: of a profile's runs in the store, also while they run, or of a result's folder.
Without a flag it prints them, as curves on a terminal. What each number means: docs/training.md.

  --profile NAME       a profile of benchmarks/profiles, or a path to one (default: embedded)
  --variant NAME       a variant of the profile
  --store DIR          where records are kept (default: .store)
  --svg FILE           the curves as a figure, the seeds of a method as a band
  --tensorboard DIR    an event file a run, for tensorboard --logdir DIR
  --mlflow DIR         MLflow's files: an experiment a profile, a run a method and seed
  --follow             write again every two seconds, until all runs of the profile have ended
  --json               the runs and their last step as JSON

Example:
  deno task metrics results/embedded --svg curves.svg`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["follow", "json"],
      string: ["profile", "variant", "store", ...kinds],
      positional: 1,
    });
    const targets = kinds.flatMap((kind) => {
      const target = flags.text(kind);
      return target === undefined ? [] : [[kind, target] as const];
    });
    if (flags.on("follow") && targets.length === 0) {
      throw new UsageError(
        `Cannot follow: say what is to be written, ${kinds.map((kind) => `--${kind}`).join(", ")}`,
      );
    }
    for (let first = true;; first = false) {
      const found = await find(flags);
      const written: string[] = [];
      for (const [kind, target] of targets) written.push(await writers[kind](found, target));
      if (first && (targets.length === 0 || flags.on("json"))) show(found, flags.on("json"));
      else if (first) { for (const what of written) print(`Wrote ${what}`); }
      if (!flags.on("follow") || found.finished) return 0;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  },
};
