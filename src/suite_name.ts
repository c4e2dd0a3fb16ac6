/**
 * The names of suites: which are files of one's own, and which of them could be mistaken for a known suite.
 *
 * @module
 */

/** The endings of a user's own files. */
const OWN_FILE = /\.(jsonl|json|parquet)$/;

/** Is it the path of a file of one's own, by its ending? */
export function isOwnFile(nameOrPath: string): boolean {
  return OWN_FILE.test(nameOrPath);
}

/** The last part of a path, on every system. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The name of a file of one's own as a suite: without folders and ending. */
export function ownName(path: string): string {
  return fileName(path).replace(OWN_FILE, "");
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
 * assertEquals(shadowedSuite("data/MATH_500.jsonl", ["math-500"]), "math-500");
 * assertEquals(shadowedSuite("data/easy.jsonl", ["math-500"]), undefined);
 * ```
 */
export function shadowedSuite(path: string, known: Iterable<string>): string | undefined {
  const name = plainName(ownName(path));
  return [...known].find((one) => plainName(one) === name);
}
