/**
 * The completions of one problem, out of all of a result.
 *
 * @module
 */

import { z } from "zod";
import { readLines } from "../lines.ts";
import { ResultSourceError } from "./git.ts";
import { contentOf, type ResultFiles } from "./result_files.ts";
import { parseAs } from "./schema.ts";

/** The file that holds all completions: gzipped JSON Lines, one line a policy, suite and problem. */
export const TRANSCRIPTS_FILE = "samples.jsonl.gz";

/** The completions of one policy on one problem. */
export interface Transcript {
  /** `base`, or the training method. */
  readonly method: string;
  /** The training seed; absent for the base model. */
  readonly seed?: number | undefined;
  /** The suite. */
  readonly suite: string;
  /** The problem's id. */
  readonly problem: string;
  /** The completions. */
  readonly responses: readonly string[];
}

const lineSchema: z.ZodType<Transcript> = z.object({
  method: z.string(),
  seed: z.int().optional(),
  suite: z.string(),
  problem: z.string(),
  responses: z.array(z.string()),
});

/** The longest line, in bytes: some hundred completions of 32,000 tokens. */
const LONGEST_LINE = 64 * 2 ** 20;

/** Compressed bytes that are inflated at a time: a bomb makes a thousand times as many of them. */
const PIECE = 4096;

async function* inPieces(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}

/**
 * The completions of the problems with an id, in every suite that has one. Memory is bounded by the longest line.
 *
 * @throws {ResultSourceError} If there is no file of completions, or it cannot be read.
 */
export async function readTranscripts(files: ResultFiles, problem: string): Promise<Transcript[]> {
  const inflated = ReadableStream.from(inPieces(contentOf(files, TRANSCRIPTS_FILE)))
    .pipeThrough(new DecompressionStream("gzip"));
  const found: Transcript[] = [];
  try {
    for await (const lines of readLines(inflated, LONGEST_LINE)) {
      for (const line of lines) {
        const action = `line ${line.number}`;
        if ("fault" in line) throw new SyntaxError(`${action}: ${line.fault}`);
        // Most lines are of other problems: a line that does not even hold the id need not be parsed.
        if (!line.text.includes(JSON.stringify(problem))) continue;
        const transcript = parseAs(lineSchema, JSON.parse(line.text), action);
        if (transcript.problem === problem) found.push(transcript);
      }
    }
  } catch (error) {
    if (error instanceof ResultSourceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ResultSourceError("unusable", `Cannot read ${TRANSCRIPTS_FILE}: ${reason}`);
  }
  return found;
}
