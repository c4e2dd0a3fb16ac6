/**
 * `deno task submit`: sends what has no record to a cluster.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProfileRun } from "../src/pipeline/mod.ts";
import {
  type ArrayScript,
  arrayScript,
  checkSiteOptions,
  ClusterError,
  inFlight,
  kubernetesManifests,
  planArrays,
  type PlannedArrays,
  runProgram,
  type SharedWords,
  Slurm,
  splitArray,
  SUBMISSIONS_FOLDER,
  type SubmittedTask,
  type TaskKind,
  taskWords,
  writeSubmission,
} from "../src/scale/mod.ts";
import { progressOf, withCluster } from "./shared/cluster.ts";
import { type Command, type Flags, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { diskFlag, diskFlagHelp } from "./shared/disk_check.ts";
import { memoryFlag, memoryFlagHelp, taskMemory } from "./shared/memory_check.ts";
import { profileWords } from "./shared/own_run.ts";
import { CALL } from "./shared/root.ts";
import {
  evaluationFlags,
  evaluationFlagsHelp,
  runFlags,
  runFlagsHelp,
  type RunOptions,
  runOptions,
} from "./shared/run_flags.ts";
import { suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";

/** Flags that are this command's, or that every task has its own of. */
const NOT_PASSED: ReadonlySet<string> = new Set(["quiet", "json", "workers", "store", "provider"]);

/** The flags that say where Kubernetes runs the tasks, for `readFlags`. */
const kubernetesFlags = ["image", "claim", "namespace", "mount", "directory", "gpus", "parallelism"] as const;

/** Flags as words again, as far as they were given. */
function givenWords(
  flags: Flags,
  { boolean = [], string = [], list = [] }: {
    readonly boolean?: readonly string[];
    readonly string?: readonly string[];
    readonly list?: readonly string[];
  },
): string[] {
  const passed = (names: readonly string[]): string[] => names.filter((name) => !NOT_PASSED.has(name));
  return [
    ...passed(boolean).filter((name) => flags.on(name)).map((name) => `--${name}`),
    ...passed(string).flatMap((name) => {
      const value = flags.text(name);
      return value === undefined ? [] : [`--${name}=${value}`];
    }),
    ...passed(list).flatMap((name) => flags.list(name).map((value) => `--${name}=${value}`)),
  ];
}

/** The command lines of the tasks: this very program and what it was told. */
function sharedWords(flags: Flags, { provider }: RunOptions, store: string, place: {
  readonly deno: string;
  readonly root: string;
}): SharedWords {
  return {
    deno: place.deno,
    config: join(place.root, "deno.json"),
    main: join(place.root, "main.ts"),
    // All nodes compute with the provider that was planned with.
    all: [
      ...givenWords(flags, runFlags),
      ...givenWords(flags, suiteCheckFlags),
      ...[`--provider=${provider}`, `--store=${store}`, "--workers=1", "--json"],
    ],
    of: {
      train: givenWords(flags, { boolean: [memoryFlag, diskFlag] }),
      evaluate: givenWords(flags, evaluationFlags),
    },
  };
}

/** An array that is to be sent. */
interface Sending {
  readonly kind: TaskKind;
  readonly tasks: readonly SubmittedTask[];
  /** The place in the list of the array that it waits for. */
  readonly after?: number;
}

/** The arrays that a site takes, each evaluation behind its training. */
function sendings({ train, evaluate }: PlannedArrays, largest: number): Sending[] {
  const list: Sending[] = [];
  for (const part of splitArray(train, largest)) {
    list.push({ kind: "train", tasks: part.map((pair) => pair.train) });
    list.push({ kind: "evaluate", tasks: part.map((pair) => pair.evaluate), after: list.length - 1 });
  }
  for (const tasks of splitArray(evaluate, largest)) list.push({ kind: "evaluate", tasks });
  return list;
}

/** Everything that was said on the command line, and what follows from it. */
interface Request {
  readonly flags: Flags;
  readonly options: RunOptions;
  readonly site: readonly string[];
  readonly memory: number | undefined;
}

/** The scripts of what is to be sent, and who sends them. */
async function sendToSlurm(
  planned: PlannedArrays,
  { flags, options, site, memory }: Request,
): Promise<string[]> {
  const { context: { profile, storeDirectory } } = options, store = resolve(storeDirectory);
  const slurm = new Slurm(runProgram), dry = flags.on("dry-run");
  const count = planned.train.length + planned.evaluate.length;
  const arrays = count === 0 ? [] : sendings(planned, await slurm.largestArray());
  const root = fileURLToPath(new URL(".", Deno.mainModule));
  const words = sharedWords(flags, options, store, { deno: Deno.execPath(), root });
  const logs = join(store, SUBMISSIONS_FOLDER, "logs"), jobs: string[] = [];
  if (!dry && arrays.length > 0) await Deno.mkdir(logs, { recursive: true });
  for (const { kind, tasks, after } of arrays) {
    const { common, ofRun } = taskWords(words, kind), name = `bupo-${kind}-${profile.name}`;
    const array: ArrayScript = {
      ...{ name, directory: Deno.cwd(), logs, threads: profile.threads, memory, site, common },
      tasks: tasks.map(({ run }) => ofRun(run ?? undefined)),
    };
    const script = arrayScript(array), waits = after === undefined ? undefined : jobs[after];
    if (dry) {
      jobs.push(`JOB${jobs.length + 1}`);
      const option = waits === undefined ? "" : ` --dependency=aftercorr:${waits}`;
      print(`### sbatch --parsable${option}, whose answer is ${jobs.at(-1)}\n${script}`);
      continue;
    }
    const job = await slurm.submit(script, waits);
    jobs.push(job);
    await writeSubmission(store, { job, kind, name, sent: new Date().toISOString(), tasks });
  }
  return dry ? [] : jobs;
}

/** Prints the manifests. */
function printManifests(planned: PlannedArrays, { flags, options, site, memory }: Request): void {
  if (!flags.on("dry-run")) {
    throw new UsageError(
      'Cannot send to Kubernetes: say --dry-run, which prints the manifests, and hand them to "kubectl apply -f -"',
    );
  }
  if (site.length > 0) {
    throw new UsageError(`Cannot pass ${site[0]} on: Kubernetes' settings have flags of their own`);
  }
  const { context: { profile }, provider } = options, mount = flags.text("mount") ?? "/store";
  const [image, claim] = ["image", "claim"].map((name) => {
    const value = flags.text(name);
    if (value === undefined) throw new UsageError(`Cannot write manifests without --${name} (see --help)`);
    return value;
  }) as [string, string];
  const directory = flags.text("directory") ?? "/app";
  const manifests = kubernetesManifests(planned, {
    ...{ profile: profile.name, image, claim, mount, directory, threads: profile.threads, memory },
    namespace: flags.text("namespace"),
    gpus: flags.integer("gpus", 0) ?? (provider === "cpu" ? 0 : 1),
    parallelism: flags.integer("parallelism"),
    words: sharedWords(flags, options, mount, { deno: "deno", root: directory }),
  });
  if (manifests !== "") print(manifests.trimEnd());
}

/** Splits what is the site's from what is ours: it stands behind `--`. */
function splitArguments(args: readonly string[]): [own: readonly string[], site: readonly string[]] {
  const at = args.indexOf("--");
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

/** The words for `reproduce` that take over what nodes of other kernels made. */
export function acceptWords(others: readonly { readonly kernels: string }[]): string {
  const [first, ...more] = others;
  return first === undefined ? "" : ` --accept-kernels ${more.length > 0 ? "any" : `"${first.kernels}"`}`;
}

function runList(tasks: readonly SubmittedTask[]): (ProfileRun | "base")[] {
  return tasks.map(({ run }) => run ?? "base");
}

const engines: Readonly<Record<string, (planned: PlannedArrays, request: Request) => Promise<string[]>>> = {
  slurm: sendToSlurm,
  kubernetes: (planned, request) => {
    printManifests(planned, request);
    return Promise.resolve([]);
  },
};

/** Sends what has no record. */
export const command: Command = {
  help: `Usage: deno task submit --engine slurm [--profile NAME] [flags] [-- SITE OPTIONS]
       deno task submit --engine kubernetes --dry-run --image IMAGE --claim CLAIM [flags]

Looks which trainings and evaluations of a profile have no record in the store and are not on their way, and sends
those: with Slurm as job arrays, each evaluation behind its training. Run it again to send what failed. "deno task jobs"
shows how far they are; "deno task reproduce" then finds every record, and collects and signs. The nodes must see the
store, this checkout and Deno's cache under the same paths (docs/slurm.md).

  --engine NAME        slurm, or kubernetes: Indexed Jobs as manifests
  --dry-run            prints the scripts or manifests and sends nothing
  -- SITE OPTIONS      options of sbatch for every array: -- --partition=gpu --account=lab --gres=gpu:1 --time=8:00:00
                       (memory and cores are the plan's, unless they stand here)
  --image IMAGE        Kubernetes: an image with Deno and this checkout
  --claim CLAIM        Kubernetes: the claim of the volume that holds the store
  --mount DIR          Kubernetes: where the volume lies in the containers (default: /store)
  --directory DIR      Kubernetes: where the checkout lies in the image (default: /app)
  --namespace NAME     Kubernetes: the namespace (default: that of whoever applies it)
  --gpus N             Kubernetes: GPUs of a task (default: 1 with a GPU's provider, else 0)
  --parallelism N      Kubernetes: tasks at a time (default: all)
${evaluationFlagsHelp}
${suiteCheckFlagsHelp}
${memoryFlagHelp}
${diskFlagHelp}
${runFlagsHelp}`,
  run(args): Promise<number> {
    return withCluster(async () => {
      const [own, site] = splitArguments(args);
      const flags = readFlags(own, {
        boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean, memoryFlag, diskFlag, "dry-run"],
        string: [
          ...runFlags.string,
          ...evaluationFlags.string,
          ...suiteCheckFlags.string,
          "engine",
          ...kubernetesFlags,
        ],
        list: runFlags.list,
      });
      const name = flags.text("engine") ?? "",
        send = Object.hasOwn(engines, name) ? engines[name] : undefined;
      if (!send) {
        throw new UsageError(
          `Cannot send to "${name}": say --engine ${Object.keys(engines).join(" or --engine ")}`,
        );
      }
      const stray = kubernetesFlags.find((flag) => flags.text(flag) !== undefined);
      if (name !== "kubernetes" && stray !== undefined) {
        throw new UsageError(
          `Cannot use --${stray} with ${name}: it is Kubernetes'; options of sbatch stand behind --`,
        );
      }
      checkSiteOptions(site);
      const options = await runOptions(flags), { progress, json } = options;
      const { runs, others, silent } = await progressOf(options);
      if (silent !== undefined && !flags.on("dry-run")) throw new ClusterError(silent);
      const planned = planArrays(runs), request = { flags, options, site, memory: await taskMemory(options) };
      const jobs = await send(planned, request);
      const done = runs.filter((one) => one.trained && one.evaluated === one.suites).length;
      const moving = runs.filter((one) => inFlight(one, "train") || inFlight(one, "evaluate")).length;
      if (json && !flags.on("dry-run")) {
        const train = runList(planned.train.map((pair) => pair.train)), evaluate = runList(planned.evaluate);
        printJson({ policies: runs.length, done, inFlight: moving, train, evaluate, jobs });
        return 0;
      }
      const then = done === runs.length
        ? `; to collect and sign: ${
          [CALL, "reproduce", profileWords(flags), ...givenWords(flags, evaluationFlags)].filter(Boolean)
            .join(" ")
        }${acceptWords(others)}`
        : "";
      progress.line(
        `${done} of ${runs.length} policies have every record, ${moving} on their way; ${
          flags.on("dry-run") ? "to send" : "sent"
        }: ${planned.train.length} trainings with their evaluations, ${planned.evaluate.length} evaluations${
          jobs.length > 0 ? `, as jobs ${jobs.join(", ")}` : ""
        }${then}`,
      );
      return 0;
    });
  },
};
