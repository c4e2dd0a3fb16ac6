/**
 * `--model`, `--suite` and `--train`: runs for which nobody wrote a profile. The flags change a profile, the shipped one
 * `own` where a model is named and no profile; what comes out is a profile like any other.
 *
 * @module
 */

import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { checkProfile, type Profile, withoutServerPlace } from "../../src/pipeline/mod.ts";
import { writeFileAtomic } from "../../src/store.ts";
import { suiteName } from "../../src/suite/mod.ts";
import { ownSuite, withSuitePath } from "../../src/suite_name.ts";
import { type Flags, UsageError } from "./command.ts";
import { type ModelFacts, namedModel } from "./named_model.ts";
import { profileNames, readProfile } from "./profile_flag.ts";
import { placedSuite } from "./profile_paths.ts";

/** The flags, for `readFlags`. */
export const ownFlags = { string: ["profile", "variant", "model"], list: ["suite", "train"] } as const;

/** They in words, for `--help`. */
export const ownFlagsHelp =
  `  --profile NAME|FILE  a profile of benchmarks/profiles, or a file of your own (default: embedded; with --model: own)
  --variant NAME       a variant of the profile, such as paper
  --model MODEL        a model's folder, or one on the Hub: ORG/NAME or ORG/NAME@REVISION
  --train SUITE        train on this file or data set instead; may be given more than once
  --suite SUITE        evaluate on this one instead: a file (FILE, NAME=FILE, FILE?question=COLUMN&answer=COLUMN), a
                       data set of the Hub (ORG/NAME[:CONFIG][:SPLIT]), or a name of "deno task suites"; may be given
                       more than once (docs/suites.md)`;

/** The profile that a model gets which came without one. */
const STANDARD = "own";

/** Tokens of prompts and responses at most where a model takes more, and the share of prompts where it takes less. */
const PROMPT = 512, RESPONSE = 1024, PROMPT_SHARE = 1 / 4;

/** The longest name that is made of names. */
const LONGEST_NAME = 60;

/** A name as profiles have them. */
export function nameOf(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9.]+/g, "-");
  return plain.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}

/**
 * The profile `own` for a model: lengths that it takes, a wording that suits it, and the layer that the paper's choice
 * for Qwen3 (6 of 36) gives.
 */
export function fitted(profile: Profile, { layers, contextLength, template }: ModelFacts): Profile {
  const room = contextLength ?? PROMPT + RESPONSE;
  const maxPromptTokens = Math.min(PROMPT, Math.max(1, Math.floor(room * PROMPT_SHARE)));
  return {
    ...profile,
    template,
    maxPromptTokens,
    maxResponseTokens: Math.max(1, Math.min(RESPONSE, room - maxPromptTokens)),
    training: { ...profile.training, internalLayer: Math.max(1, Math.round(layers / 6)) },
  };
}

/** A name for a run of one's own, which is none of a shipped profile. */
async function ownName(
  profile: Profile,
  parts: readonly string[],
  limit: number | undefined,
): Promise<string> {
  const made = parts.length > 0
    ? [...new Set(parts.map(nameOf))].filter(Boolean).join("-").slice(0, LONGEST_NAME).replace(/[.-]+$/, "")
    : profile.name;
  const name = `${made || profile.name}${
    limit !== undefined ? "-partial" : parts.length > 0 ? "" : "-other"
  }`;
  return (await profileNames()).includes(name) ? `${name}-own` : name;
}

/** What a model is called. */
function modelName(model: Profile["model"]): string {
  return basename(typeof model === "string" ? model : model.repository);
}

/**
 * The profile that the flags choose, with what they change. Its name then is one of its own, so that no result takes
 * another's place.
 *
 * @param facts Tells of a model that came without a profile.
 * @throws {UsageError} If there is no such profile, or it cannot be used with these changes.
 */
export async function chosenProfile(
  flags: Flags,
  facts: (model: Profile["model"]) => Promise<ModelFacts>,
): Promise<Profile> {
  const named = flags.text("profile"), text = flags.text("model");
  const model = text === undefined ? undefined : namedModel(text);
  const base = await readProfile(
    named ?? (model === undefined ? "embedded" : STANDARD),
    flags.text("variant"),
  );
  const train = flags.list("train").map((suite) => placedSuite(suite, "."));
  const suites = flags.list("suite").map((suite) => placedSuite(suite, "."));
  const samples = flags.integer("samples"), limit = flags.integer("limit");
  if (
    model === undefined && train.length + suites.length === 0 && samples === undefined && limit === undefined
  ) {
    return base;
  }
  const fit = model !== undefined && named === undefined;
  const { training, evaluation, ...rest } = fit ? fitted(base, await facts(model)) : base;
  const parts = [
    ...(model === undefined ? [] : [modelName(model)]),
    ...(model === undefined && train.length > 0 ? [base.name] : []),
    ...train.map(suiteName),
    ...(model === undefined && train.length === 0 ? [] : suites.map(suiteName)),
  ];
  // The number of problems was meant for the profile's own suites.
  const changed = {
    ...rest,
    name: await ownName(base, parts, limit),
    model: model ?? rest.model,
    training: train.length === 0 ? training : { ...training, suites: train, problems: undefined },
    evaluation: {
      ...evaluation,
      ...(suites.length === 0 ? {} : { suites, problems: undefined }),
      ...(samples === undefined ? {} : { samples }),
      ...(limit === undefined ? {} : { limit }),
    },
    ...(parts.length === 0 ? {} : { description: describe(base, model, train, suites) }),
  };
  try {
    return checkProfile(changed, "what the flags say");
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** A run of one's own, in a line. */
function describe(
  { name }: Profile,
  model: Profile["model"] | undefined,
  train: readonly string[],
  suites: readonly string[],
): string {
  const changes = [
    ...(model === undefined ? [] : [`the model ${modelName(model)}`]),
    ...(train.length === 0 ? [] : [`training on ${train.map(suiteName).join(", ")}`]),
    ...(suites.length === 0 ? [] : [`evaluation on ${suites.map(suiteName).join(", ")}`]),
  ];
  return `The profile ${name} with ${changes.join(", ")}`;
}

/** A path as a file in a folder says it: relative to that where it lies in the working folder, else absolute. */
function from(folder: string, path: string): string {
  const inside = relative(".", path),
    below = inside !== "" && !/^\.\.([\\/]|$)/.test(inside) && !isAbsolute(inside);
  return below ? relative(folder, path) : resolve(path);
}

/** A profile whose paths are as a file in a folder says them. */
export function relativeTo({ $schema: _, ...profile }: Profile, folder: string): Profile {
  const { model, training, evaluation } = profile;
  const place = (suites: readonly string[]): string[] =>
    suites.map((suite) => {
      const own = ownSuite(suite);
      return own ? withSuitePath(suite, from(folder, own.path)) : suite;
    });
  return {
    ...profile,
    // What is not absolute is the program's own.
    model: typeof model === "string" && isAbsolute(model) ? from(folder, model) : model,
    training: { ...training, suites: place(training.suites) },
    evaluation: { ...evaluation, suites: place(evaluation.suites) },
  };
}

/** Was this profile made by flags? */
export function isOwnRun(flags: Flags): boolean {
  return flags.text("model") !== undefined || flags.list("train").length + flags.list("suite").length > 0;
}

/**
 * Writes the profile of a run that flags describe, so that a file says it too.
 *
 * @returns The file.
 */
export async function keepProfile(profile: Profile, storeDirectory: string): Promise<string> {
  const folder = join(storeDirectory, "profiles"), path = join(folder, `${profile.name}.json`);
  const evaluation = withoutServerPlace(profile.evaluation);
  await writeFileAtomic(
    path,
    JSON.stringify(relativeTo({ ...profile, evaluation }, folder), null, 2) + "\n",
  );
  return path;
}

/** The words of a command line that choose the same profile and the same records again. */
export function profileWords(flags: Flags): string {
  const quoted = (word: string): string =>
    /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  const words = [
    ...[...ownFlags.string, "store"].flatMap((name) => {
      const value = flags.text(name);
      return value === undefined ? [] : [`--${name}`, quoted(value)];
    }),
    ...ownFlags.list.flatMap((name) => flags.list(name).flatMap((value) => [`--${name}`, quoted(value)])),
  ];
  return words.join(" ");
}
