/**
 * `deno task jobs`: how far the trainings and evaluations of a profile are.
 *
 * @module
 */

import { join } from "node:path";
import { isRecorded } from "../src/pipeline/mod.ts";
import { type Cell, outputStyle, renderTables } from "../src/report/mod.ts";
import { inFlight, type RunProgress, SUBMISSIONS_FOLDER, type TaskKind } from "../src/scale/mod.ts";
import { policyName, progressOf, withCluster } from "./shared/cluster.ts";
import { type Command, print, printJson, readFlags } from "./shared/command.ts";
import {
  evaluationFlags,
  evaluationFlagsHelp,
  runFlags,
  runFlagsHelp,
  runOptions,
} from "./shared/run_flags.ts";
import { acceptWords } from "./submit.ts";

/** How far a stage of a policy is. */
type StageState = "done" | "running" | "waiting" | "failed" | "not sent";

/** A stage of a policy: what the store says, else what Slurm says. */
interface Stage {
  readonly state: StageState;
  /** Slurm's words, or how much is saved. */
  readonly note: string;
  /** The task's output, where it failed. */
  readonly output: string | undefined;
}

const RUNNING: ReadonlySet<string> = new Set(["RUNNING", "COMPLETING", "CONFIGURING"]);

function stageOf(run: RunProgress, kind: TaskKind): Stage {
  const done = kind === "train" ? run.trained : run.trained && run.evaluated === run.suites;
  const saved = kind === "train"
    ? run.saved > 0 ? `step ${run.saved} of ${run.steps}` : ""
    : run.evaluated > 0
    ? `${run.evaluated} of ${run.suites} suites`
    : "";
  if (done) return { state: "done", note: saved, output: undefined };
  const sent = run.sent[kind];
  if (!sent) return { state: "not sent", note: saved, output: undefined };
  const { task, state, output } = sent;
  const words = state === undefined
    ? `task ${task}: Slurm no longer knows it`
    : `task ${task}: ${[state.state, state.reason].filter((word) => word !== undefined).join(", ")}`;
  const note = [saved, words].filter((word) => word !== "").join("; ");
  if (!inFlight(run, kind)) return { state: "failed", note, output };
  return { state: state && RUNNING.has(state.state) ? "running" : "waiting", note, output: undefined };
}

const cell = (text: string): Cell => ({ text });

/** Shows what is done, running and failed. */
export const command: Command = {
  help: `Usage: deno task jobs [--profile NAME] [--store DIR] [flags]

Shows each training and evaluation of a profile: what the store has is done, whatever Slurm remembers; of the rest, what
Slurm says of the tasks that "deno task submit" sent. Exit code 1 if one failed: submit sends it again.

${evaluationFlagsHelp}
${runFlagsHelp}`,
  run(args): Promise<number> {
    return withCluster(async () => {
      const flags = readFlags(args, {
        boolean: runFlags.boolean,
        string: [...runFlags.string, ...evaluationFlags.string],
        list: runFlags.list,
      });
      const options = await runOptions(flags), { context: { storeDirectory, profile }, json } = options;
      const { runs, others, silent, experiment } = await progressOf(options);
      const stages = runs.flatMap((run) => {
        const kinds: readonly TaskKind[] = run.run ? ["train", "evaluate"] : ["evaluate"];
        return kinds.map((kind) => ({ policy: policyName(run), kind, ...stageOf(run, kind) }));
      });
      const failed = stages.filter(({ state }) => state === "failed");
      const code = failed.length > 0 ? 1 : 0;
      const kernels = [experiment.engine, ...others].map((engine) => engine.kernels);
      if (json) {
        printJson({ profile: profile.name, kernels, slurm: silent ?? null, stages });
        return code;
      }
      const head = ["policy", "stage", "state", ""].map(cell);
      const rows = stages.map(({ policy, kind, state, note }) => [policy, kind, state, note].map(cell));
      const title = `${profile.name}: ${
        runs.filter(isRecorded).length
      } of ${runs.length} policies have every record`;
      print(
        renderTables({ sections: [{ title, rows: [head, ...rows] }], legend: [] }, "terminal", outputStyle())
          .trimEnd(),
      );
      for (const { policy, kind, output } of failed) {
        print(`${kind} ${policy}: see ${join(storeDirectory, SUBMISSIONS_FOLDER, "logs", output ?? "")}`);
      }
      if (silent !== undefined) print(`Slurm was not asked: ${silent}`);
      if (others.length > 0) {
        const names = others.map(({ kernels }) => `"${kernels}"`).join(", ");
        print(
          `Other kernels than this machine's made records: ${names}; reproduce takes them with${
            acceptWords(others)
          }`,
        );
      }
      return code;
    });
  },
};
