/**
 * Grades the stored completions of a result again and compares the counts with the recorded ones.
 *
 * @module
 */

import { join } from "node:path";
import type { Pair } from "../../grade/mod.ts";
import { type Gold, type GoldSource, loadGolds } from "./golds.ts";
import {
  parseRecord,
  readSamples,
  RECORD_FILE,
  type ResultRecord,
  type Run,
  SAMPLES_FILE,
  type SuiteUsed,
} from "../record/mod.ts";

/** A count that came out otherwise. */
export interface Difference {
  /** The policy. */
  readonly method: string;
  /** Its training seed. */
  readonly seed: number | null;
  /** The suite. */
  readonly suite: string;
  /** The problem, or null where `count` is the suite's number of unreadable answers. */
  readonly problem: string | null;
  /** What was counted. */
  readonly count: "correct" | "unparsed";
  /** What `results.json` says. */
  readonly recorded: number;
  /** What the present grader finds. */
  readonly regraded: number;
}

/** The outcome of grading again. */
export interface Recheck {
  /** The grader that judged the completions first. */
  readonly recordedGrader: string;
  /** The grader that judged them now. */
  readonly presentGrader: string;
  /** Completions that were graded. */
  readonly completions: number;
  /** Those whose value is right, but in which work is left: they count as wrong. */
  readonly unevaluated: number;
  /** Counts that were compared. */
  readonly counts: number;
  /** Those that differ. */
  readonly differences: readonly Difference[];
}

/** How to grade again. */
export interface RecheckOptions {
  /** Where the suites are found. */
  readonly suites: GoldSource;
  /** Workers; changes no verdict. */
  readonly workers?: number;
  /** Told how many completions were graded. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The largest record that is read, in bytes. */
const LARGEST_RECORD = 64 * 2 ** 20;

/** A net under the step budget, which ends every pair long before: milliseconds. */
const DEADLINE = 60_000;

/** One problem of one suite, as one policy answered it. */
interface Item {
  readonly run: Run;
  readonly suite: SuiteUsed;
  readonly problem: number;
}

/** Every line that the samples must have, in order. */
function* itemsOf({ runs, suites }: ResultRecord): Generator<Item> {
  for (const run of runs) {
    for (const suite of suites) {
      for (let problem = 0; problem < suite.problems.length; problem++) yield { run, suite, problem };
    }
  }
}

/** A pair to grade, and where it belongs. */
interface ItemPair extends Pair {
  readonly item: Item;
}

/** The completions of every item, checked against the record line by line, as pairs to grade. */
async function* pairsOf(
  directory: string,
  record: ResultRecord,
  golds: ReadonlyMap<string, ReadonlyMap<string, Gold>>,
): AsyncGenerator<ItemPair> {
  const items = itemsOf(record);
  for await (const line of readSamples(join(directory, SAMPLES_FILE))) {
    const where = `Cannot recheck: line ${line.number} of ${SAMPLES_FILE}`;
    const { value: item } = items.next() as IteratorResult<Item, undefined>;
    if (!item) throw new TypeError(`${where} is one more than ${RECORD_FILE} has problems`);
    const { run, suite } = item, id = suite.problems[item.problem] ?? "";
    const found = [line.method, line.seed ?? null, line.suite, line.problem];
    const expected = [run.method, run.seed, suite.name, id];
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new TypeError(`${where} is about ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    }
    if (line.responses.length !== suite.samples) {
      throw new TypeError(`${where} has ${line.responses.length} completions, expected ${suite.samples}`);
    }
    const gold = golds.get(suite.name)?.get(id);
    if (gold === undefined) throw new TypeError(`${where}: the suite ${suite.name} has no problem "${id}"`);
    for (const completion of line.responses) {
      yield { gold: gold.answer, completion, item, options: { ...gold.form, question: gold.question } };
    }
  }
  const { value: missing } = items.next() as IteratorResult<Item, undefined>;
  if (missing) {
    const { run, suite, problem } = missing;
    const name = JSON.stringify([run.method, run.seed, suite.name, suite.problems[problem]]);
    throw new TypeError(`Cannot recheck: ${SAMPLES_FILE} ends before ${name}`);
  }
}

/** The record of a result directory. */
async function readRecord(directory: string): Promise<ResultRecord> {
  const path = join(directory, RECORD_FILE);
  const { size } = await Deno.stat(path);
  if (size > LARGEST_RECORD) {
    throw new RangeError(`Cannot read ${path}: it has ${size} bytes, expected at most ${LARGEST_RECORD}`);
  }
  return parseRecord(await Deno.readFile(path));
}

/**
 * Grades every stored completion of a result directory with the present grader, as evaluation did, and compares the
 * counts of each problem. Completions are streamed: memory is bounded whatever their number.
 *
 * @throws {SyntaxError | TypeError | RangeError} If the record or the samples cannot be read, do not belong together, or
 * the suites' answers cannot be found.
 */
export async function recheck(directory: string, options: RecheckOptions): Promise<Recheck> {
  // Loaded here alone: it takes longer than all that the other checks of a result need.
  const { graderVersion, SCORING, verifyMany } = await import("../../grade/mod.ts");
  const record = await readRecord(directory);
  const golds = await loadGolds(record, options.suites);
  const perRun = record.suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const total = perRun * record.runs.length, differences: Difference[] = [];
  let completions = 0, unevaluated = 0, counts = 0, seen = 0, correct = 0, unparsed = 0;
  const compare = ({ run, suite }: Item, problem: number | null, regraded: number): void => {
    counts++;
    const outcome = run.suites[suite.name];
    const recorded = (problem === null ? outcome?.unparsed : outcome?.correct[problem]) ?? 0;
    if (recorded === regraded) return;
    differences.push({
      method: run.method,
      seed: run.seed,
      suite: suite.name,
      problem: problem === null ? null : suite.problems[problem] ?? null,
      count: problem === null ? "unparsed" : "correct",
      recorded,
      regraded,
    });
  };
  const settings = {
    ...SCORING,
    deadline: DEADLINE,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  };
  for await (const { pair: { item }, verdict } of verifyMany(pairsOf(directory, record, golds), settings)) {
    const { suite, problem } = item;
    completions++;
    seen++;
    if (verdict === "correct") correct++;
    if (verdict === "unevaluated") unevaluated++;
    if (verdict === "unparsed" || verdict === "timeout") unparsed++;
    if (seen < suite.samples) continue;
    compare(item, problem, correct);
    seen = correct = 0;
    if (problem === suite.problems.length - 1) {
      compare(item, null, unparsed);
      unparsed = 0;
    }
    options.onProgress?.(completions, total);
  }
  return {
    recordedGrader: record.graderVersion,
    presentGrader: graderVersion,
    completions,
    unevaluated,
    counts,
    differences,
  };
}

/** A policy's name in reports. */
export function policyName({ method, seed }: Pick<Difference, "method" | "seed">): string {
  return seed === null ? method : `${method} with seed ${seed}`;
}
