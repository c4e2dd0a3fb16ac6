/**
 * `deno task reproduce`: the whole pipeline.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { type JobContext, reproduce, type Reproduction } from "../src/pipeline/mod.ts";
import { formatDuration } from "../src/progress.ts";
import { outputStyle, terminalTable } from "../src/report/mod.ts";
import {
  attest,
  BUNDLE_FILE,
  executedEnvironment,
  loadPublishedKeys,
  loadSigningKey,
  publishKey,
  type RunMaker,
  runMetadata,
  type SigningKey,
  signingKeyPath,
  signingTime,
  sourceDependencies,
  verify,
} from "../src/result/mod.ts";
import type { StepSeconds } from "../src/rl/mod.ts";
import { checkWritable, writeFileAtomic } from "../src/store.ts";
import { announcement } from "./shared/announcement.ts";
import { type Command, oneLine, print, readFlags } from "./shared/command.ts";
import { checkDisk, diskFlag, diskFlagHelp } from "./shared/disk_check.ts";
import { checkMemory, memoryFlag, memoryFlagHelp } from "./shared/memory_check.ts";
import { askPassphrase } from "./shared/passphrase.ts";
import { CALL } from "./shared/root.ts";
import { resultTarget } from "./shared/replace.ts";
import { reproduceFrom } from "./shared/reproduce_from.ts";
import { serverFlags, serverFlagsHelp, withServer } from "./shared/server_flags.ts";
import { checkSuites, suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";
import { stoppable } from "./shared/stoppable.ts";
import { watchFlag, watchFlagHelp, watching } from "./shared/watch.ts";
import {
  evaluationFlags,
  evaluationFlagsHelp,
  jobListener,
  runFlags,
  runFlagsHelp,
  runOptions,
  tellFallback,
} from "./shared/run_flags.ts";

/** The stages of a training step, and what they are called in a report. */
const STAGES = { rollout: "rollout", reward: "grading", score: "score", update: "update" } as const;

/** The seconds of all stages of a step. */
function stepSeconds(step: StepSeconds): number {
  return Object.keys(STAGES).reduce((sum, stage) => sum + step[stage as keyof typeof STAGES], 0);
}

/** Writes the seconds, the grader's share of them and the tokens per second of every step, one JSON line each. */
async function writeTimings(directory: string, seconds: Reproduction["seconds"]): Promise<void> {
  for (const [run, steps] of Object.entries(seconds)) {
    const lines = steps.map((stages, i) => {
      const gradingShare = stages.reward / stepSeconds(stages);
      return JSON.stringify({ step: i + 1, ...stages, gradingShare }) + "\n";
    });
    await writeFileAtomic(`${directory}/${run}.jsonl`, lines.join(""));
  }
}

/** Where training's time went, in one line. */
function stageShares(steps: readonly StepSeconds[]): string {
  const all = steps.reduce((sum, step) => sum + stepSeconds(step), 0);
  const shares = Object.entries(STAGES).map(([stage, name]) => {
    const total = steps.reduce((sum, step) => sum + step[stage as keyof typeof STAGES], 0);
    return `${name} ${(100 * total / all).toFixed(1)} %`;
  });
  const speed = steps.reduce((sum, step) => sum + step.tokensPerSecond, 0) / steps.length;
  return `Training time: ${shares.join(", ")}; ${speed.toFixed(0)} sampled tokens/s a worker`;
}

/** Lines about records that were not made by the sources that are checked out. */
function takenOver(makers: readonly RunMaker[], { sources, accepted, engines = [] }: JobContext): string[] {
  return makers.flatMap((maker) => {
    const { commit, dirty, records, provider, kernels } = maker,
      state = dirty === true ? " with changes" : "";
    const others = engines.some((engine) => engine.provider === provider && engine.kernels === kernels);
    return [
      ...(maker.sources === sources.digest ? [] : [
        `Taken over, as --accept-records ${accepted?.commit.slice(0, 12)} said: ${
          records.join(", ")
        }; made at ${commit}${state}`,
      ]),
      ...(others
        ? [`Taken over, as --accept-kernels said: ${records.join(", ")}; made with ${kernels}`]
        : []),
    ];
  });
}

/** Trains, evaluates, signs and prints the method table. */
export const command: Command = {
  help: `Usage: deno task reproduce [--profile NAME] [--out DIR] [flags]
       deno task reproduce --model MODEL [--train SUITE] [--suite SUITE] [flags]
       deno task reproduce --from results/embedded/manifest.sigstore.json [--out DIR] [flags]

Runs every stage of a profile that has no record yet; a run that was killed goes on where it was. Writes results.json,
metrics, samples and a signed manifest to results/<profile>.

With --from, computes again what a signed result says was run, with this checkout and in a store of its own, and says
whether the outputs are byte-equal, statistically equal (each method shown to differ by less than the margin of
compare), different, and where, or whether neither could be shown. Exit code 0 for the first two, else 1.

${evaluationFlagsHelp}
${watchFlagHelp}
${serverFlagsHelp}
${suiteCheckFlagsHelp}
${runFlagsHelp}
${memoryFlagHelp}
${diskFlagHelp}
  --from MANIFEST      a signed result that is to be made again; takes the place of --profile. --model then says where
                       the folder of its model lies here
  --out DIR            where to write (default: results/<profile>, or a folder beside it where another key signed that;
                       with --from: in a folder of its own in the store)
  --replace            write over a signed result of another profile, model or key`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, ...suiteCheckFlags.boolean, memoryFlag, diskFlag, watchFlag, "replace"],
      string: [
        ...runFlags.string,
        ...evaluationFlags.string,
        ...serverFlags.string,
        ...suiteCheckFlags.string,
        "out",
        "from",
      ],
      list: runFlags.list,
    });
    const from = flags.text("from"), out = flags.text("out");
    if (from !== undefined) return await reproduceFrom(from, flags);
    // What signing will need is asked for before anything is downloaded or computed: hours later it would be too late.
    let key: SigningKey | undefined;
    const options = await runOptions(flags, undefined, async () => {
      const own = Deno.env.get("BUPO_KEY");
      key = await loadSigningKey(own ?? signingKeyPath(), {
        create: own === undefined,
        passphrase: () => askPassphrase(),
      });
    }, (profile) => withServer(profile, flags, false));
    if (!key) throw new TypeError("internal: the key was not read");
    const signer = key;
    const { context, workers, progress, json } = options;
    const { profile } = context;
    const plan = await checkMemory(flags, options);
    await checkDisk(flags, plan, context.storeDirectory);
    await checkSuites(flags, options);
    const directory = flags.on("replace")
      ? out ?? `results/${profile.name}`
      : await resultTarget(context, signer.publicKey.keyid, out);
    progress.line(announcement(profile, plan, { directory, resumed: existsSync(context.storeDirectory) }));
    await checkWritable(directory);
    const started = new Date();
    // Asked before anything is written: the outputs themselves must not make the tree look changed.
    const model = typeof profile.model === "string" ? context.files.model : undefined;
    const sources = await sourceDependencies(context.root, model);
    const changed = sources.find(({ name }) => name === "source")?.annotations?.["changed"];
    if (changed !== undefined) {
      progress.line(oneLine(`The sources differ from their commit, and the result will say so: ${changed}`));
    }
    tellFallback(options);
    return await stoppable(options, async (stopping) => {
      const listener = jobListener(options);
      const { record, seconds, overlap, cut, makers } = await reproduce(
        stopping,
        directory,
        workers,
        flags.on(watchFlag) ? watching(listener, progress) : listener,
      );
      const finished = new Date();
      const keyFile = await publishKey(directory, signer.publicKey);
      // A manifest that still holds is kept: signing again would only change its times.
      const published = await loadPublishedKeys(`${directory}/../keys`);
      const before = await verify(directory, { published });
      if (!before.ok || before.keyid !== signer.publicKey.keyid) {
        const epoch = Deno.env.get("SOURCE_DATE_EPOCH"), metadata = runMetadata(started, finished, epoch);
        await attest(directory, {
          key: signer,
          environment: executedEnvironment(makers, profile.threads),
          sources,
          metadata,
          makers,
          signing: { signedOn: signingTime(new Date(), metadata.finishedOn, epoch) },
        });
      }
      await writeTimings(`${context.storeDirectory}/timings/${profile.name}`, seconds).catch((error) => {
        // They are for the curious; a store that can only be read need not have them.
        progress.line(`warning: ${error.message}`);
      });
      if (json) {
        print(JSON.stringify({ record, seconds, manifest: `${directory}/${BUNDLE_FILE}` }));
        return 0;
      }
      print(terminalTable(record, outputStyle()));
      for (const { method, seed, silentSteps } of record.runs) {
        if (silentSteps === undefined) continue;
        print(
          `Without signal: ${silentSteps} of ${profile.training.steps} steps of ${method} seed ${seed} updated nothing`,
        );
      }
      for (const { method, seed, alarms = {} } of record.runs) {
        for (const [sign, steps] of Object.entries(alarms)) {
          print(`Warned of: ${sign} in ${steps} steps of ${method} seed ${seed} (docs/training.md)`);
        }
      }
      const elapsed = formatDuration((finished.getTime() - started.getTime()) / 1000);
      for (const line of takenOver(makers, context)) print(line);
      for (const [suite, count] of Object.entries(cut)) {
        print(`Cut to ${profile.maxPromptTokens} tokens: the beginning of ${count} prompts of ${suite}`);
      }
      for (const [stage, suites] of Object.entries(overlap)) {
        for (const { suite, problems, exact, meaning, ngram } of suites ?? []) {
          if (exact.length + meaning.length + ngram.length === 0) continue;
          print(
            `In ${stage} too: ${exact.length} of ${problems} questions of ${suite}, ${meaning.length} in any writing; 13 words in a row of ${ngram.length}`,
          );
        }
      }
      print(`\n${stageShares(Object.values(seconds).flat())}`);
      print(`Took ${elapsed}. Signed manifest: ${directory}/${BUNDLE_FILE} (key ${keyFile})`);
      print(`Check it: ${CALL} verify ${directory}`);
      return 0;
    });
  },
};
