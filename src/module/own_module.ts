/**
 * A module of the user's own as it stands in a resolved profile: bundled into one text, with its digest, so that what ran
 * can be read in the signed result and run again without the file.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";

/** A module of the user's own. */
export interface OwnModule {
  /** Its path, as it was named. */
  readonly file: string;
  /** SHA-256 of the lines, joined by line feeds. */
  readonly sha256: string;
  /** The lines of the script that it was bundled into, all that it imports included. */
  readonly source: readonly string[];
}

/** The most lines of a script. */
const MAX_LINES = 600;

/** The longest line of a script. */
const MAX_LINE = 4000;

/** The files that are modules. */
const MODULE_FILE = /\.(?:ts|mts|js|mjs)$/;

/** Is it the path of a module? */
export function isModuleFile(path: string): boolean {
  return MODULE_FILE.test(path);
}

function digestOf(source: readonly string[]): string {
  return createHash("sha256").update(source.join("\n")).digest("hex");
}

/**
 * A module from the script that it was bundled into.
 *
 * @throws {RangeError} If it is longer than a signed result can hold.
 */
export function ownModule(file: string, script: string): OwnModule {
  const source = script.trimEnd().split("\n");
  const longest = Math.max(...source.map((line) => line.length));
  if (source.length > MAX_LINES || longest > MAX_LINE) {
    throw new RangeError(
      `Cannot use ${file}: with what it imports it has ${source.length} lines of up to ${longest} characters; expected at most ${MAX_LINES} of ${MAX_LINE}, because the signed result holds them`,
    );
  }
  return { file, sha256: digestOf(source), source };
}

/** The script of a module. */
export function scriptOf({ source }: OwnModule): string {
  return source.join("\n");
}

/** A module in a profile: a path as people write it, which is read before the profile is checked, or what was read. */
export const ownModuleSchema: z.ZodType<OwnModule> = z.union([
  z.string().regex(MODULE_FILE).describe("A module's path, relative to the file that names it"),
  z.strictObject({
    file: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    source: z.array(z.string().max(MAX_LINE)).min(1).max(MAX_LINES),
  }).refine(({ sha256, source }) => digestOf(source) === sha256, "expected the digest of its source"),
]).refine((module) => typeof module !== "string", "expected a module that was read") as z.ZodType<
  unknown
> as z.ZodType<OwnModule>;

function isModule(value: object): value is OwnModule {
  return "sha256" in value && "source" in value && "file" in value;
}

/** A JSON value in which modules are what they compute: their digests, without path and text. For keys. */
export function withDigests(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDigests);
  if (typeof value !== "object" || value === null) return value;
  if (isModule(value)) return value.sha256;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDigests(member)]));
}
