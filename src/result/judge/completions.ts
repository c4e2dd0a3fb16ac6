/**
 * The completions of a result, line by line, against its record.
 *
 * @module
 */

import type { FoundSamples } from "../../judge/mod.ts";
import {
  parseSamples,
  RECORD_FILE,
  type ResultRecord,
  type Run,
  SAMPLES_FILE,
  type SuiteUsed,
} from "../record/mod.ts";
import { contentOf, type ResultFiles } from "./result_files.ts";

/** One problem of one suite, as one policy answered it. */
export interface Item {
  /** The policy's place among the record's runs. */
  readonly index: number;
  readonly run: Run;
  readonly suite: SuiteUsed;
  /** The problem's place in the suite. */
  readonly problem: number;
  /** Its id. */
  readonly id: string;
}

/** Every line that the samples must have, in order. */
function* itemsOf({ runs, suites }: ResultRecord): Generator<Item> {
  for (const [index, run] of runs.entries()) {
    for (const suite of suites) {
      for (const [problem, id] of suite.problems.entries()) yield { index, run, suite, problem, id };
    }
  }
}

/**
 * The completions of every item, each line checked against the record.
 *
 * @param action What is being done, for errors: `Cannot recheck`.
 * @throws {SyntaxError | TypeError | RangeError} If the file cannot be read, or a line is not the one that the record
 * wants next.
 */
export async function* completionsOf(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  record: ResultRecord,
  action: string,
): AsyncGenerator<{ readonly item: Item; readonly responses: readonly string[] }> {
  const items = itemsOf(record);
  for await (const line of parseSamples(stream)) {
    const where = `${action}: line ${line.number} of ${SAMPLES_FILE}`;
    const { value: item } = items.next() as IteratorResult<Item, undefined>;
    if (!item) throw new TypeError(`${where} is one more than ${RECORD_FILE} has problems`);
    const { run, suite, id } = item;
    const found = [line.method, line.seed ?? null, line.suite, line.problem];
    const expected = [run.method, run.seed, suite.name, id];
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new TypeError(`${where} is about ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    }
    if (line.responses.length !== suite.samples) {
      throw new TypeError(`${where} has ${line.responses.length} completions, expected ${suite.samples}`);
    }
    yield { item, responses: line.responses };
  }
  const { value: missing } = items.next() as IteratorResult<Item, undefined>;
  if (missing) {
    const name = JSON.stringify([missing.run.method, missing.run.seed, missing.suite.name, missing.id]);
    throw new TypeError(`${action}: ${SAMPLES_FILE} ends before ${name}`);
  }
}

/** A number of a text: 32-bit FNV-1a over its UTF-16 units. Who makes two texts meet makes two runs more alike. */
function printOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Reads the completions of a result for the judge; what is wrong with the lines is part of the answer. */
export async function readCompletions(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  record: ResultRecord,
): Promise<FoundSamples> {
  const prints = record.runs.map((): number[] => []);
  try {
    for await (const { item, responses } of completionsOf(stream, record, SAMPLES_FILE)) {
      for (const text of responses) prints[item.index]?.push(printOf(text));
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { message } = error;
    return { fault: message.startsWith(SAMPLES_FILE) ? message : `${SAMPLES_FILE}: ${message}`, prints };
  }
  return { fault: null, prints };
}

/** Every completion of a result with its place, as {@linkcode completionsOf} gives them. */
export function completionsIn(
  files: ResultFiles,
  record: ResultRecord,
  action: string,
): ReturnType<typeof completionsOf> {
  return completionsOf(contentOf(files, SAMPLES_FILE), record, action);
}
