/**
 * Grades the stored completions of a result again and compares the counts with the recorded ones.
 *
 * @module
 */

import { type Found, type Regraded, runName } from "../../judge/mod.ts";
import type { Pair } from "../../grade/mod.ts";
import { randomKey } from "../../random.ts";
import type { ResultRecord, Run, SuiteUsed } from "../record/mod.ts";
import { completionsIn, type Item } from "./completions.ts";
import type { GoldProblems } from "./problems.ts";
import type { ResultFiles } from "./result_files.ts";

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
export interface RegradeOptions {
  /** Workers; changes no verdict. */
  readonly workers?: number | undefined;
  /**
   * The most completions that are graded; default all. Of more, whole problems are drawn by the record's digest, so that
   * the same result is always judged by the same ones.
   */
  readonly most?: number | undefined;
  /** Told how many completions were graded. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A net under the step budget, which ends every pair long before: milliseconds. */
const DEADLINE = 60_000;

/** A pair to grade, and where it belongs. */
interface ItemPair extends Pair {
  readonly item: Item;
}

/** Counts of a run on a suite, as they are graded. */
class Tally {
  counts = 0;
  completions = 0;
  readonly differences: Difference[] = [];
  #seen = 0;
  #correct = 0;
  #unparsed = 0;
  /** Is the count of unreadable answers of all problems known? */
  readonly #whole: boolean;

  constructor(whole: boolean) {
    this.#whole = whole;
  }

  #compare(run: Run, suite: SuiteUsed, problem: number | null, regraded: number): void {
    this.counts++;
    const outcome = run.suites[suite.name];
    const recorded = (problem === null ? outcome?.unparsed : outcome?.correct[problem]) ?? 0;
    if (recorded === regraded) return;
    this.differences.push({
      method: run.method,
      seed: run.seed,
      suite: suite.name,
      problem: problem === null ? null : suite.problems[problem] ?? null,
      count: problem === null ? "unparsed" : "correct",
      recorded,
      regraded,
    });
  }

  /** Takes the next verdict. */
  add({ run, suite, problem }: Item, correct: boolean, unparsed: boolean): void {
    this.completions++;
    this.#seen++;
    if (correct) this.#correct++;
    if (unparsed) this.#unparsed++;
    if (this.#seen < suite.samples) return;
    this.#compare(run, suite, problem, this.#correct);
    this.#seen = this.#correct = 0;
    if (this.#whole && problem === suite.problems.length - 1) {
      this.#compare(run, suite, null, this.#unparsed);
      this.#unparsed = 0;
    }
  }
}

/** Completions of a record: of all suites, or of those with a name. */
function completionsOfAll({ suites, runs }: ResultRecord, names?: ReadonlySet<string>): number {
  const each = suites.filter(({ name }) => names?.has(name) ?? true)
    .reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  return each * runs.length;
}

/**
 * Grades the completions of a result with the present grader, as evaluation did, and compares the counts of each
 * problem. Suites whose problems are not known are passed over. Completions are streamed: memory is bounded whatever
 * their number.
 *
 * @param digest SHA-256 of the record.
 * @throws {SyntaxError | TypeError | RangeError} If the samples cannot be read, or do not belong to the record.
 */
export async function regrade(
  files: ResultFiles,
  record: ResultRecord,
  digest: string,
  problems: ReadonlyMap<string, Found<GoldProblems>>,
  { workers, most = Infinity, onProgress }: RegradeOptions = {},
): Promise<Recheck> {
  // Loaded here alone: it takes longer than all that the other checks of a result need.
  const { graderVersion, SCORING, verifyMany } = await import("../../grade/mod.ts");
  const known = new Map(
    [...problems].flatMap(([name, found]) => "value" in found ? [[name, found.value]] : []),
  );
  const all = completionsOfAll(record, new Set(known.keys())), share = Math.min(1, most / all);
  const drawn = ({ index, suite, id }: Item): boolean =>
    share >= 1 || randomKey("regrade", digest, index, suite.name, id)[0] < share * 2 ** 32;
  async function* pairs(): AsyncGenerator<ItemPair> {
    for await (const { item, responses } of completionsIn(files, record, "Cannot recheck")) {
      const golds = known.get(item.suite.name)?.golds;
      if (!golds || !drawn(item)) continue;
      const gold = golds.get(item.id);
      if (!gold) {
        throw new TypeError(`Cannot recheck: the suite ${item.suite.name} has no problem "${item.id}"`);
      }
      const options = { ...gold.form, question: gold.question };
      for (const completion of responses) yield { gold: gold.answer, completion, item, options };
    }
  }
  const tally = new Tally(share >= 1);
  let unevaluated = 0;
  const settings = { ...SCORING, deadline: DEADLINE, ...(workers === undefined ? {} : { workers }) };
  for await (const { pair: { item }, verdict } of verifyMany(pairs(), settings)) {
    if (verdict === "unevaluated") unevaluated++;
    tally.add(item, verdict === "correct", verdict === "unparsed" || verdict === "timeout");
    onProgress?.(tally.completions, Math.ceil(all * share));
  }
  const { completions, counts, differences } = tally;
  return {
    recordedGrader: record.graderVersion,
    presentGrader: graderVersion,
    completions,
    unevaluated,
    counts,
    differences,
  };
}

/** A difference in words. */
export function differenceText(
  { method, seed, suite, problem, count, recorded, regraded }: Difference,
): string {
  const where = problem === null ? suite : `${suite}, problem ${problem}`;
  return `${runName({ method, seed })}, ${where}: ${recorded} ${count} recorded, ${regraded} now`;
}

/** What grading again gave, for the judge. */
export function regradedOf(
  record: ResultRecord,
  problems: ReadonlyMap<string, Found<GoldProblems>>,
  { completions, differences }: Pick<Recheck, "completions" | "differences">,
): Regraded {
  const left = [...problems].flatMap(([name, found]): [string, string][] =>
    "absent" in found ? [[name, found.absent]] : []
  );
  const [first] = differences;
  return {
    graded: completions,
    completions: completionsOfAll(record),
    difference: first ? differenceText(first) : null,
    differences: differences.length,
    left: new Map(left),
  };
}
