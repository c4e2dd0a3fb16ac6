/**
 * The command line: `main.ts <command> [flags]`. Every deno task calls it.
 *
 * @module
 */

import { type Command, nearest, oneLine, print, UsageError } from "./tasks/shared/command.ts";
import { hearSignals } from "./tasks/shared/signals.ts";

/** The commands, each loaded only when it is called. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  reproduce: () => import("./tasks/reproduce.ts"),
  download: () => import("./tasks/download.ts"),
  pretrain: () => import("./tasks/pretrain.ts"),
  plan: () => import("./tasks/plan.ts"),
  train: () => import("./tasks/train.ts"),
  evaluate: () => import("./tasks/evaluate.ts"),
  export: () => import("./tasks/export.ts"),
  attest: () => import("./tasks/attest.ts"),
  verify: () => import("./tasks/verify.ts"),
  publish: () => import("./tasks/publish.ts"),
  recheck: () => import("./tasks/recheck.ts"),
  "submit-check": () => import("./tasks/submit_check.ts"),
  keys: () => import("./tasks/keys.ts"),
  compare: () => import("./tasks/compare.ts"),
  results: () => import("./tasks/results.ts"),
  grade: () => import("./tasks/grade.ts"),
  "bench:grade": () => import("./tasks/bench_grade.ts"),
  "bench:hack": () => import("./tasks/bench_hack.ts"),
  inspect: () => import("./tasks/inspect.ts"),
  devices: () => import("./tasks/devices.ts"),
  golden: () => import("./tasks/golden.ts"),
  store: () => import("./tasks/store.ts"),
  suites: () => import("./tasks/suites.ts"),
};

/** Prints the list of commands. */
async function overview(): Promise<void> {
  print(
    "BuPO Bench: train with GRPO and BuPO, evaluate, sign, compare.\n\nUsage: deno task <command> [flags]\n",
  );
  for (const [name, load] of Object.entries(commands)) {
    print(`  ${name.padEnd(14)}${(await load()).command.summary}`);
  }
  print("\nEach command explains itself with --help; --version names version and commit.");
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "help") {
      await overview();
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "version") {
      const { versionLine } = await import("./tasks/shared/version.ts");
      print(await versionLine());
      return 0;
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load) {
      const near = nearest(name, Object.keys(commands));
      throw new UsageError(`Cannot run "${name}": no such command${near ? `; did you mean "${near}"?` : ""}`);
    }
    const { command } = await load();
    if (rest.includes("--help") || rest.includes("-h")) {
      print(command.help);
      return 0;
    }
    return await command.run(rest);
  } catch (error) {
    // Whoever reads the output has seen enough: `deno task golden | head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    // A user's mistake is one line; BUPO_TRACE=1 shows the stack of what may be ours.
    const text = error instanceof Error ? error.message : String(error);
    const stack = Deno.env.get("BUPO_TRACE") === "1" && error instanceof Error ? `\n${error.stack}` : "";
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${oneLine(text)}${stack}\n`));
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) {
  hearSignals();
  Deno.exit(await main(Deno.args));
}
