/**
 * Profiles that a command line or another profile names.
 *
 * @module
 */

import { dirname, isAbsolute, join } from "node:path";
import { parseProfile, type Profile, type ProfileText, resolveExtends } from "../../src/pipeline/mod.ts";
import { nearest, UsageError } from "./command.ts";

const FOLDER = "benchmarks/profiles";

/** The names of the profiles that the project ships. */
export async function profileNames(): Promise<string[]> {
  const files = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name);
  return files.filter((file) => !file.includes("schema")).map((file) => file.replace(/\.json$/, "")).sort();
}

/** The file of a profile: a name is one of benchmarks/profiles, a path is relative to a folder. */
async function profileFile(name: string, folder: string): Promise<ProfileText> {
  const own = name.endsWith(".json"), relative = own && !isAbsolute(name);
  const source = relative ? join(folder, name) : own ? name : `${FOLDER}/${name}.json`;
  try {
    return { text: await Deno.readTextFile(source), source };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const names = await profileNames(), near = nearest(name, names);
    const hint = near ? `did you mean "${near}"?` : `known profiles: ${names.join(", ")}`;
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
  const file = await profileFile(name, ".");
  const whole = await resolveExtends(file, (base, from) => profileFile(base, dirname(from)));
  try {
    return parseProfile(JSON.stringify(whole), file.source, variant);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
