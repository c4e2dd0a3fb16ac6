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

/** A data set on the Hub: its repository, perhaps `@` and a revision, and up to two parts behind `:`. */
const ON_THE_HUB = /^([\w-][\w.-]*\/[\w.-]+)(?:@([\w./-]+))?((?::[^:/]*){0,2})$/;

/** A data set of the Hub that nobody defined, as a suite. */
export interface HubSuite extends OwnSuite {
  /** The repository. */
  readonly id: string;
  /** A commit, branch or tag. */
  readonly revision: string;
  /** What stands behind `:`: a configuration, a split, or both. */
  readonly parts: readonly string[];
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
  const { named, path, settings } = partsOf(text);
  if (!OWN_FILE.test(path)) return undefined;
  return { name: named ?? fileName(path).replace(OWN_FILE, ""), path, settings };
}

/** What stands in front of `=`, behind `?`, and between them. */
function partsOf(
  text: string,
): { named: string | undefined; path: string; settings: Record<string, string> } {
  const [, before = text, after = ""] = SETTINGS.exec(text) ?? [];
  const [, named, path = before] = NAMED.exec(before) ?? [];
  const settings = Object.fromEntries(
    (after === "" ? [] : after.split("&")).map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  return { named, path, settings };
}

/**
 * A data set of the Hub; `undefined` if the text is none: a file, a known suite or nothing.
 *
 * @param text `ORG/NAME`, with `@REVISION`, `:CONFIG`, `:SPLIT` or both behind it, and `name=` and settings as of a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hubSuite } from "./suite_name.ts";
 *
 * const { name, id, revision, parts } = hubSuite("openai/gsm8k@main:main:test") ?? {};
 * assertEquals([name, id, revision, parts], ["gsm8k-main-test", "openai/gsm8k", "main", ["main", "test"]]);
 * assertEquals(hubSuite("data/gsm8k.jsonl"), undefined);
 * ```
 */
export function hubSuite(text: string): HubSuite | undefined {
  const { named, path, settings } = partsOf(text);
  const [, id, revision = "main", behind = ""] = OWN_FILE.test(path) ? [] : ON_THE_HUB.exec(path) ?? [];
  if (id === undefined) return undefined;
  const parts = behind.split(":").slice(1), name = [fileName(id), ...parts].filter(Boolean).join("-");
  return { name: named ?? name, path, settings, id, revision, parts };
}

/** A suite that nobody defined: a file of one's own, or a data set of the Hub. */
export function undefinedSuite(text: string): OwnSuite | undefined {
  return ownSuite(text) ?? hubSuite(text);
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
