/**
 * `samples.jsonl.gz`: every completion of a result, one line a policy, suite and problem.
 *
 * @module
 */

import { z } from "zod";
import { readLines } from "../../lines.ts";
import { limits } from "./limits.ts";

/** The file in a result directory. */
export const SAMPLES_FILE = "samples.jsonl.gz";

/** The completions of one policy on one problem. */
export interface SampleLine {
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

const lineSchema: z.ZodType<SampleLine> = z.strictObject({
  method: z.string(),
  seed: z.int().optional(),
  suite: z.string(),
  problem: z.string(),
  responses: z.array(z.string()),
});

/** How much of the samples is read at most; default {@linkcode limits}. */
export interface SampleBounds {
  /** Bytes of a line. */
  readonly longest?: number;
  /** Lines. */
  readonly lines?: number;
  /** Bytes of all lines together. */
  readonly total?: number;
}

/** Compressed bytes that are inflated at a time: a bomb makes a thousand times as many of them. */
const PIECE = 4096;

/** Bytes in small pieces, so that what they inflate to fits in memory. */
async function* inPieces(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}

/** Passes bytes on until a line, or all lines together, have too many of them. */
async function* withinBounds(
  stream: AsyncIterable<Uint8Array>,
  longest: number,
  total: number,
): AsyncGenerator<Uint8Array> {
  let length = 0, all = 0;
  for await (const chunk of stream) {
    all += chunk.length;
    if (all > total) throw new RangeError(`there are more than ${total} bytes`);
    const feed = chunk.lastIndexOf(10);
    length = feed < 0 ? length + chunk.length : chunk.length - feed - 1;
    if (length > longest) throw new RangeError(`a line is longer than ${longest} bytes`);
    yield chunk;
  }
}

/** The lines of a samples file, one at a time, as {@linkcode readSamples} gives them. */
export async function* parseSamples(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { longest = limits.sampleLineBytes, lines: most = limits.counts, total = limits.inflatedBytes }:
    SampleBounds = {},
): AsyncGenerator<SampleLine & { readonly number: number }> {
  const inflated = ReadableStream.from(inPieces(stream)).pipeThrough(new DecompressionStream("gzip"));
  let number = 0;
  try {
    for await (const lines of readLines(withinBounds(inflated, longest, total), longest)) {
      for (const line of lines) {
        number = line.number;
        if (number > most) throw new RangeError(`there are more than ${most} lines`);
        if ("fault" in line) throw new SyntaxError(line.fault);
        yield { ...lineSchema.parse(JSON.parse(line.text)), number };
      }
    }
  } catch (error) {
    const reason = error instanceof z.ZodError
      ? `${error.issues[0]?.path.join(".") || "the line"}: ${error.issues[0]?.message}`
      : error instanceof Error
      ? error.message
      : String(error);
    throw new SyntaxError(`Cannot read ${SAMPLES_FILE}: near line ${Math.max(1, number)}: ${reason}`);
  }
}

/**
 * The lines of a samples file, one at a time. Memory is bounded by the longest line, time by the number of lines and bytes.
 *
 * @param path The gzipped file.
 * @throws {SyntaxError} If it is too large, no gzip, a line is too long, no JSON, or not such a line: with the line's number.
 */
export async function* readSamples(
  path: string,
  bounds: SampleBounds = {},
): AsyncGenerator<SampleLine & { readonly number: number }> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size > limits.samplesBytes) {
    throw new SyntaxError(
      `Cannot read ${SAMPLES_FILE}: it has ${size} bytes, expected at most ${limits.samplesBytes}`,
    );
  }
  yield* parseSamples(file.readable, bounds);
}
