/**
 * The command line: `main.ts <command> [flags]`. Every deno task calls it.
 *
 * @module
 */

import { type Command, nearest, oneLine, print, UsageError } from "./tasks/shared/command.ts";
import { asCalled } from "./tasks/shared/root.ts";
import { hearSignals } from "./tasks/shared/signals.ts";

/** The commands: what the list says of each, and where it is. One is loaded only when it is called. */
const commands: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<{ command: Command }> }>
> = {
  reproduce: {
    summary: "Train GRPO and BuPO, evaluate, sign, and print the method table",
    load: () => import("./tasks/reproduce.ts"),
  },
  download: {
    summary: "Download a model or a data set from the Hugging Face Hub into its cache",
    load: () => import("./tasks/download.ts"),
  },
  pretrain: {
    summary: "Make the embedded base model: tokenizer, then supervised training on generated solutions",
    load: () => import("./tasks/pretrain.ts"),
  },
  profile: {
    summary: "List the profiles, print one whole, or what each field means",
    load: () => import("./tasks/profile.ts"),
  },
  init: {
    summary: "Write a profile of your own, with comments, and try it on three prompts",
    load: () => import("./tasks/init.ts"),
  },
  plan: {
    summary: "What a profile needs: memory, time, disk; whether it fits, and what to change",
    load: () => import("./tasks/plan.ts"),
  },
  train: {
    summary: "Train the methods of a profile; the records are kept for evaluate and reproduce",
    load: () => import("./tasks/train.ts"),
  },
  submit: {
    summary: "Send what has no record to a cluster: Slurm's job arrays, or manifests for Kubernetes",
    load: () => import("./tasks/submit.ts"),
  },
  jobs: {
    summary: "What of a profile is done, running, failed: in the store, then on the cluster",
    load: () => import("./tasks/jobs.ts"),
  },
  evaluate: {
    summary: "Evaluate one policy of a profile: the base model, or a method that has been trained",
    load: () => import("./tasks/evaluate.ts"),
  },
  metrics: {
    summary: "What training reported: curves, SVG, TensorBoard, MLflow; of finished and of running runs",
    load: () => import("./tasks/metrics.ts"),
  },
  export: {
    summary: "Write a trained checkpoint as a model directory for transformers, vLLM or llama.cpp",
    load: () => import("./tasks/export.ts"),
  },
  attest: {
    summary: "Sign a result directory or a checkpoint with your own key",
    load: () => import("./tasks/attest.ts"),
  },
  verify: {
    summary: "Check a result's signatures, digests and consistency",
    load: () => import("./tasks/verify.ts"),
  },
  publish: {
    summary: "Build the leaderboard and its page from verified results",
    load: () => import("./tasks/publish.ts"),
  },
  recheck: {
    summary: "Grade a result's stored completions again and compare the counts",
    load: () => import("./tasks/recheck.ts"),
  },
  "submit-check": {
    summary: "Check what the leaderboard asks of a result, as CI does for a pull request",
    load: () => import("./tasks/submit_check.ts"),
  },
  keys: {
    summary: "Make signing keys, show fingerprints, export public keys",
    load: () => import("./tasks/keys.ts"),
  },
  compare: {
    summary: "Compare results of commits, folders and the paper",
    load: () => import("./tasks/compare.ts"),
  },
  results: {
    summary: "List the results on disk, or those in the history",
    load: () => import("./tasks/results.ts"),
  },
  grade: {
    summary: "Grade answers: JSON Lines in, verdicts out",
    load: () => import("./tasks/grade.ts"),
  },
  "bench:grade": {
    summary: "Score the verifier on published grading cases",
    load: () => import("./tasks/bench_grade.ts"),
  },
  "bench:hack": {
    summary: "Count what a policy earns that copies its questions",
    load: () => import("./tasks/bench_hack.ts"),
  },
  inspect: {
    summary: "Internal policies: entropy through the layers, and which layer BuPO should train",
    load: () => import("./tasks/inspect.ts"),
  },
  devices: {
    summary: "List what this machine can compute on, and how to get what is missing",
    load: () => import("./tasks/devices.ts"),
  },
  golden: {
    summary: "Check decoder, gradients, optimizer, estimators and statistics against reference data",
    load: () => import("./tasks/golden.ts"),
  },
  store: {
    summary: "List, check or remove the records that runs keep",
    load: () => import("./tasks/store.ts"),
  },
  suites: {
    summary: "List, check and compare the suites of problems",
    load: () => import("./tasks/suites.ts"),
  },
};

/** Prints the list of commands. */
function overview(): void {
  print(
    asCalled(
      "BuPO Bench: train with GRPO and BuPO, evaluate, sign, compare.\n\nUsage: deno task <command> [flags]\n",
    ),
  );
  for (const [name, { summary }] of Object.entries(commands)) print(`  ${name.padEnd(14)}${summary}`);
  print("\nEach command explains itself with --help; --version names version and commit.");
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (!import.meta.url.startsWith("file:")) {
      throw new UsageError(
        "Cannot run from a registry: profiles, models and records lie in files; clone the repository, and call it there or install it from there (README)",
      );
    }
    if (name === undefined || name === "--help" || name === "help") {
      overview();
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "version") {
      const { versionLine } = await import("./tasks/shared/version.ts");
      print(await versionLine());
      return 0;
    }
    const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!found) {
      const near = nearest(name, Object.keys(commands));
      throw new UsageError(`Cannot run "${name}": no such command${near ? `; did you mean "${near}"?` : ""}`);
    }
    const { command } = await found.load();
    if (rest.includes("--help") || rest.includes("-h")) {
      print(asCalled(command.help));
      return 0;
    }
    return await command.run(rest);
  } catch (error) {
    // Whoever reads the output has seen enough: `deno task golden | head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    // A user's mistake is one line; BUPO_TRACE=1 shows the stack of what may be ours.
    const text = error instanceof Error ? error.message : String(error);
    const stack = Deno.env.get("BUPO_TRACE") === "1" && error instanceof Error ? `\n${error.stack}` : "";
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${oneLine(asCalled(text))}${stack}\n`));
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) {
  hearSignals();
  Deno.exit(await main(Deno.args));
}
