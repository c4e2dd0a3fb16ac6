/**
 * The names of suites: which are files of one's own, what they are called, and which of them could be mistaken for a
 * known suite.
 *
 * @module
 */

/** The endings of a user's own files; `.suite.json` describes one. */
const OWN_FILE = /(\.suite)?\.(jsonl|ndjson|json|csv|tsv|parquet)$/i;

/** These endings in words. */
export const ownEndings = ".jsonl, .ndjson, .json, .csv, .tsv, .parquet or .suite.json";

/** A name in front of a path; a path that begins like one is written with `./`. */
const NAMED = /^([\p{L}\p{N}][\p{L}\p{N}._-]*)=(.+)$/su;

/** Settings behind a path: `?question=q&answer=a`. */
const SETTINGS = /^(.*)\?([a-z]+=[^&?]+(?:&[a-z]+=[^&?]+)*)$/s;

/** A file of one's own as a suite. */
export interface OwnSuite {
  /** What it is called: what stands in front of `=`, or the file's name without folders and ending. */
  readonly name: string;
  /** Where it lies. */
  readonly path: string;
  /** What stands behind `?`, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The last part of a path, on every system. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/**
 * A file of one's own, by its ending; `undefined` if it is none, but a known suite or nothing.
 *
 * @param text A path, `name=path`, and behind it settings such as `?question=q&answer=a`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ownSuite } from "./suite_name.ts";
 *
 * assertEquals(ownSuite("data/easy.JSONL")?.name, "easy");
 * assertEquals(ownSuite("exam=data/test.csv?question=q"), {
 *   name: "exam",
 *   path: "data/test.csv",
 *   settings: { question: "q" },
 * });
 * assertEquals(ownSuite("math-500"), undefined);
 * ```
 */
export function ownSuite(text: string): OwnSuite | undefined {
  const [, before = text, after = ""] = SETTINGS.exec(text) ?? [];
  const [, named, path = before] = NAMED.exec(before) ?? [];
  if (!OWN_FILE.test(path)) return undefined;
  const settings = Object.fromEntries(
    (after === "" ? [] : after.split("&")).map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  return { name: named ?? fileName(path).replace(OWN_FILE, ""), path, settings };
}

/** The same suite of one's own at another path. */
export function withSuitePath(text: string, path: string): string {
  const [, before = text, after = ""] = SETTINGS.exec(text) ?? [], [, named] = NAMED.exec(before) ?? [];
  return `${named === undefined ? "" : `${named}=`}${path}${after === "" ? "" : `?${after}`}`;
}

/** A name as people may mistake it for another: without case, spaces and signs. */
function plainName(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * The known suite that a file of one's own would be mistaken for, by its name; `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shadowedSuite } from "./suite_name.ts";
 *
 * assertEquals(shadowedSuite("MATH_500", ["math-500"]), "math-500");
 * assertEquals(shadowedSuite("easy", ["math-500"]), undefined);
 * ```
 */
export function shadowedSuite(name: string, known: Iterable<string>): string | undefined {
  const plain = plainName(name);
  return [...known].find((one) => plainName(one) === plain);
}
