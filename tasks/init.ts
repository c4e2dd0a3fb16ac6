/**
 * `deno task init`: a profile of one's own, with comments, tried on three prompts.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkProfile } from "../src/pipeline/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { commentedProfile } from "./shared/commented_profile.ts";
import { advice, askedLines, askFirst } from "./shared/first_prompts.ts";
import { openHub } from "./shared/hub_flags.ts";
import { checkMemory, memoryFlag, memoryFlagHelp } from "./shared/memory_check.ts";
import { modelFacts } from "./shared/named_model.ts";
import { chosenProfile, nameOf, ownFlags, ownFlagsHelp, relativeTo } from "./shared/own_run.ts";
import { profileNames } from "./shared/profile_flag.ts";
import { CALL, ROOT } from "./shared/root.ts";
import { runFlags, runOptions } from "./shared/run_flags.ts";
import { checkSuites, suiteCheckFlags, suiteCheckFlagsHelp } from "./shared/suite_check.ts";
import { Progress } from "../src/progress.ts";

/** The schema of profiles. */
const SCHEMA = "benchmarks/profiles/profile.schema.json";

/** The flags with the profile's file in place of what it was made from. */
function withFile(flags: Flags, path: string): Flags {
  const replaced: Readonly<Record<string, string | undefined>> = {
    profile: path,
    variant: undefined,
    model: undefined,
  };
  return {
    ...flags,
    text: (name) => Object.hasOwn(replaced, name) ? replaced[name] : flags.text(name),
    list: (name) => (ownFlags.list as readonly string[]).includes(name) ? [] : flags.list(name),
  };
}

/**
 * The name of the experiment.
 *
 * @throws {UsageError} If there is none, or results cannot be filed under it.
 */
async function readName(given: string | undefined): Promise<string> {
  if (given === undefined) {
    throw new UsageError(`Cannot make a profile: name it, such as "${CALL} init my-experiment"`);
  }
  const name = given.replace(/\.jsonc?$/, "");
  if (name !== nameOf(name)) {
    throw new UsageError(
      `Cannot call an experiment "${given}": expected small letters, digits, "-" and ".", such as "${
        nameOf(name) || "my-experiment"
      }"`,
    );
  }
  if ((await profileNames()).includes(name)) {
    throw new UsageError(
      `Cannot call an experiment "${name}": so is a profile that is there; try "my-${name}"`,
    );
  }
  return name;
}

/** Writes a profile of one's own and tries it. */
export const command: Command = {
  help: `Usage: deno task init NAME [--model MODEL] [--train SUITE] [--suite SUITE] [flags]

Writes NAME.jsonc into this folder: a whole profile, a comment at each field. Model and data are checked, three
problems are put to the base model, and prompt, completion and grade of each are printed, and what to type next.
Where something cannot be used, one line says what, and nothing is written.

${ownFlagsHelp}
  --provider NAME      auto, cpu, webgpu or cuda (default: auto)
${suiteCheckFlagsHelp}
${memoryFlagHelp}
  --offline            never the network: models and data sets must be in the Hub's cache
  --quiet              no progress

Examples:
  deno task init my-experiment
  deno task init my-experiment --model ~/models/my-model --train train.jsonl --suite exam.csv`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["quiet", "offline", ...suiteCheckFlags.boolean, memoryFlag],
      string: [...runFlags.string, ...suiteCheckFlags.string],
      list: ownFlags.list,
      positional: 1,
    });
    const name = await readName(flags.positional[0]), path = `${name}.jsonc`;
    if (existsSync(path) || existsSync(`${name}.json`)) {
      const there = existsSync(path) ? path : `${name}.json`;
      throw new UsageError(
        `Cannot write ${path}: there is ${there} already; choose another name, or remove it`,
      );
    }
    const progress = new Progress({ quiet: flags.on("quiet") });
    const hub = openHub(progress, { offline: flags.on("offline") });
    const chosen = await chosenProfile(flags, (model) => modelFacts(model, hub));
    const profile = checkProfile(
      { ...relativeTo(chosen, "."), name, description: `${name}: ${chosen.description}` },
      path,
    );
    const schema = ROOT === "." ? `./${SCHEMA}` : pathToFileURL(resolve(join(ROOT, SCHEMA))).href;
    await writeFileAtomic(path, commentedProfile(profile, schema));
    try {
      const options = await runOptions(withFile(flags, path)), { context } = options;
      await checkMemory(flags, options);
      await checkSuites(flags, options);
      const asked = await askFirst(context);
      print(askedLines(asked).join("\n"));
      const next = [
        ["plan", "", "does it fit, how long"],
        ["evaluate", " --limit 20", "the base model on a part"],
        ["reproduce", "", `train, evaluate, sign: results/${name}`],
      ].map(([task, more, what]) => [`  ${CALL} ${task} --profile ${path}${more}`, what ?? ""] as const);
      const width = Math.max(...next.map(([line]) => line.length)) + 2;
      print([
        ...advice(asked, profile.maxResponseTokens),
        `Written: ${path}. Next:`,
        ...next.map(([line, what]) => `${line.padEnd(width)}# ${what}`),
      ].join("\n"));
      return 0;
    } catch (error) {
      await Deno.remove(path).catch(() => {});
      throw error;
    }
  },
};
