/**
 * Profiles that a command line or another profile names.
 *
 * @module
 */

import { dirname, isAbsolute, join } from "node:path";
import {
  parseProfile,
  type Profile,
  type ProfileText,
  resolveExtends,
  withOwnFiles,
} from "../../src/pipeline/mod.ts";
import { nearest, UsageError } from "./command.ts";
import { parseJsonc } from "./jsonc.ts";
import { fromHome, placedPaths } from "./profile_paths.ts";
import { ROOT } from "./root.ts";

/** Where the profiles lie that the project ships. */
const FOLDER = join(ROOT, "benchmarks/profiles");

/** The endings of a profile's file; with the second it may have comments. */
const ENDING = /\.jsonc?$/;

/** The names of the profiles that the project ships. */
export async function profileNames(): Promise<string[]> {
  const files = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name);
  return files.filter((file) => !file.includes("schema")).map((file) => file.replace(/\.json$/, "")).sort();
}

/** The text of a profile as JSON whose paths mean the same everywhere. */
function placedText(text: string, source: string): string {
  let document: unknown;
  try {
    document = source.endsWith("c") ? parseJsonc(text, source) : JSON.parse(text);
  } catch (error) {
    // Whoever reads the text as JSON says better what is wrong with it.
    if (source.endsWith("c")) throw error;
    return text;
  }
  return JSON.stringify(placedPaths(document, dirname(source)));
}

/** The file of a profile: a name is one of benchmarks/profiles, a path is relative to a folder. */
async function profileFile(name: string, folder: string): Promise<ProfileText> {
  const own = ENDING.test(name), path = fromHome(name);
  const source = own ? (isAbsolute(path) ? path : join(folder, path)) : join(FOLDER, `${name}.json`);
  try {
    return { text: placedText(await Deno.readTextFile(source), source), source };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const names = await profileNames(), near = nearest(name, names);
    const beside = (await Array.fromAsync(Deno.readDir("."))).map(({ name }) => name);
    const file = beside.find((each) => ENDING.test(each) && each.replace(ENDING, "") === name);
    const hint = file !== undefined
      ? `a profile of your own is named by its file: --profile ${file}`
      : near
      ? `did you mean "${near}"?`
      : `known profiles: ${names.join(", ")}`;
    throw new UsageError(`Cannot find the profile "${name}": ${hint}`);
  }
}

/**
 * Reads a profile by name or path, with what it extends.
 *
 * @throws {UsageError} If there is no such profile or variant.
 * @throws {SyntaxError} If it cannot be used: one line that names the field.
 */
export async function readProfile(name: string, variant?: string): Promise<Profile> {
  const file = await withOwnFiles(await profileFile(name, "."));
  const whole = await resolveExtends(
    file,
    async (base, from) => await withOwnFiles(await profileFile(base, dirname(from))),
  );
  try {
    return parseProfile(JSON.stringify(whole), file.source, variant);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
