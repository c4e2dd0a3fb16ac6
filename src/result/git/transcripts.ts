/**
 * The completions of one problem, out of all of a result.
 *
 * @module
 */

import { ResultSourceError } from "./git.ts";
import { contentOf, type ResultFiles } from "../judge/mod.ts";
import { parseSamples, type SampleLine, SAMPLES_FILE } from "../record/mod.ts";

/**
 * The completions of the problems with an id, in every suite that has one. Memory is bounded by the longest line.
 *
 * @throws {ResultSourceError} If there is no file of completions, or it cannot be read.
 */
export async function readTranscripts(files: ResultFiles, problem: string): Promise<SampleLine[]> {
  const found: SampleLine[] = [];
  try {
    for await (const { number: _, ...line } of parseSamples(contentOf(files, SAMPLES_FILE))) {
      if (line.problem === problem) found.push(line);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new ResultSourceError("unusable", error.message);
  }
  return found;
}
