/**
 * Profiles that build on others: `"extends": "embedded"` takes everything over that the file does not say itself.
 *
 * @module
 */

import { type Json, mergeJson } from "./merge.ts";

/** A profile's file: its text, and what errors call it. */
export interface ProfileText {
  /** What stands in it. */
  readonly text: string;
  /** Its path. */
  readonly source: string;
}

function documentOf({ text, source }: ProfileText): Json | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source}: ${error instanceof Error ? error.message : error}`);
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as Json : undefined;
}

/**
 * A profile's document with what it extends written out: objects are merged, everything else is replaced, and the variants
 * of the base stay. Notes and description are of each file alone.
 *
 * @param find Reads the profile that is extended, by its name or path as the file `from` gives it.
 * @throws {SyntaxError} If a file is no JSON, extends itself, or has no name of its own: results are filed under the name,
 * and would take the place of the base's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resolveExtends } from "./chain.ts";
 *
 * const base = '{"name":"base","description":"all","seeds":[1,2],"training":{"steps":40,"groupSize":8}}';
 * const mine = '{"extends":"base","name":"mine","training":{"steps":80}}';
 * assertEquals(
 *   await resolveExtends({ text: mine, source: "mine.json" }, () => Promise.resolve({ text: base, source: "base.json" })),
 *   { name: "mine", description: "base with changes", seeds: [1, 2], training: { steps: 80, groupSize: 8 } },
 * );
 * ```
 */
export async function resolveExtends(
  file: ProfileText,
  find: (name: string, from: string) => Promise<ProfileText>,
  seen: readonly string[] = [],
): Promise<unknown> {
  const document = documentOf(file), { source } = file;
  if (!document || document.extends === undefined) return document ?? JSON.parse(file.text);
  const chain = [...seen, source];
  if (typeof document.extends !== "string") {
    throw new SyntaxError(`Cannot use ${source}: extends: expected the name or the path of a profile`);
  }
  const found = await find(document.extends, source);
  if (chain.includes(found.source)) {
    throw new SyntaxError(`Cannot use ${source}: extends: ${[...chain, found.source].join(" extends ")}`);
  }
  const base = await resolveExtends(found, find, chain) as Json | null;
  if (document.name === undefined || document.name === base?.name) {
    throw new SyntaxError(
      `Cannot use ${source}: name: expected one of its own, since results are filed under it; found ${
        document.name === undefined ? "none" : `"${document.name}", as in ${found.source}`
      }`,
    );
  }
  const { notes: _, $schema: __, ...inherited } = base ?? {}, { extends: ___, ...changes } = document;
  return mergeJson({ ...inherited, description: `${inherited.name} with changes` }, changes);
}
