/**
 * What the pool and its workers say to each other, and a batch of pairs on its way through them.
 *
 * @module
 */

import type { Verdict, VerifyOptions } from "../verify.ts";

/** A pair to grade. */
export interface Pair {
  /** The gold answer. */
  readonly gold: string;
  /** What the model wrote. */
  readonly completion: string;
  /** How to grade this pair, where it differs from the others. */
  readonly options?: VerifyOptions;
}

/** A verdict with its pair and its time. */
export interface GradedPair<P extends Pair = Pair> extends Verdict {
  /** The pair itself: the very object that was read, with all of its fields. */
  readonly pair: P;
  /** How long `verify` took, in milliseconds; for a pair that was ended, how long it ran until then. */
  readonly ms: number;
}

/** A pair on its way to a worker: its place in the batch, the gold answer, the completion, how to grade. */
export type Task = readonly [index: number, gold: string, completion: string, options: VerifyOptions];

/** A verdict on its way back: its place in the batch, its milliseconds, the verdict. */
export type Outcome = readonly [index: number, ms: number, verdict: Verdict];

/** Lines of JSON to grade, as bytes: the worker reads them and writes the lines that answer them. */
export interface LineTasks {
  readonly bytes: Uint8Array;
  /** For each line its place in the batch, where it begins in the bytes, and where it ends. */
  readonly places: Uint32Array;
  /** The field with a line's identifier. */
  readonly idField: string;
  /** How lines are graded that do not say themselves. */
  readonly options: VerifyOptions;
}

/** What a worker is sent: pairs, or lines. */
export type Message = readonly Task[] | LineTasks;

/** The verdicts, as numbers: their places here. */
export const VERDICTS = ["correct", "wrong", "unevaluated", "unparsed", "timeout"] as const;

/** What came of a line: the number of a verdict, or that it could not be read, or that it is empty. */
export const FAULT = VERDICTS.length, EMPTY = FAULT + 1;

/** What came of lines. */
export interface LineOutcomes {
  /** Their places in the batch. */
  readonly indices: readonly number[];
  /** Verdict, {@linkcode FAULT} or {@linkcode EMPTY}. */
  readonly kinds: readonly number[];
  /** The lines that answer, what is wrong, or nothing: with a line feed after each. */
  readonly text: string;
}

/** What a worker says after every slice of its work. */
export interface Report {
  /** What was graded since the last report, of pairs. */
  readonly outcomes: readonly Outcome[];
  /** The same, of lines. */
  readonly lines?: LineOutcomes;
  /** `more` will follow; `done`: so is the batch; `spent`: a pair was ended, and the worker must not go on. */
  readonly state: "more" | "done" | "spent";
}

/** What is to be done of a batch. */
export interface Job {
  /** What the worker is sent. */
  readonly message: Message;
  /** How many pairs that are. */
  readonly count: number;
  /** Ends pair `at` of these, whose worker is gone. */
  readonly lose: (at: number, ms: number, verdict: Verdict) => void;
}

/** What travels to a worker and is tried until all of it has an outcome. */
export interface Load {
  /** What has no outcome yet. */
  job(): Job;
  /** Takes outcomes; the first of each stands. */
  hear(report: Report): void;
  /** Gives the batch up. */
  fail(error: Error): void;
}

/** What a worker is given when it starts. */
export interface WorkerSetup {
  /** The shared words {@linkcode BEGUN} and {@linkcode STOPPED}. */
  readonly words: BigInt64Array;
  /** Milliseconds that a pair may run; may be infinite. */
  readonly deadline: number;
}

/** The shared word that counts the pairs that the worker has begun to grade. */
export const BEGUN = 0;

/** The shared word that is 1 once the worker must not go on. */
export const STOPPED = 1;

/**
 * How long a worker grades before it reports and sets its clock anew, in milliseconds. A pair is ended when it has run
 * for the deadline and at most this much longer.
 */
export const SLICE = 20;

/** The verdict on a pair that was ended. */
export function endedVerdict(method: "deadline" | "worker lost", reason: string): Verdict {
  return {
    verdict: "timeout",
    extracted: undefined,
    span: undefined,
    source: undefined,
    rank: undefined,
    goldType: undefined,
    type: undefined,
    method,
    reason,
  };
}

/** Pairs that travel together. Every pair has its own slot, whoever fills it and however often it is tried. */
export class Batch<P extends Pair = Pair> implements Load {
  readonly #pairs: readonly P[];
  readonly #common: VerifyOptions;
  readonly #graded: (GradedPair<P> | undefined)[];
  readonly #end = Promise.withResolvers<void>();
  #left: number;

  /** Collects pairs that are graded alike, unless one says otherwise. */
  constructor(pairs: readonly P[], common: VerifyOptions) {
    this.#pairs = pairs;
    this.#common = common;
    this.#graded = pairs.map(() => undefined);
    this.#left = pairs.length;
    // Whoever waits for an earlier batch hears of the failure there.
    this.#end.promise.catch(() => {});
  }

  /** The pairs that have no verdict yet. */
  job(): Job {
    const tasks = this.#pairs.flatMap(({ gold, completion, options }, index): Task[] => {
      if (this.#graded[index]) return [];
      return [[index, gold, completion, options ? { ...this.#common, ...options } : this.#common]];
    });
    return {
      message: tasks,
      count: tasks.length,
      lose: (at, ms, verdict) => {
        const [index] = tasks[at] ?? [];
        if (index !== undefined) this.#settle([index, ms, verdict]);
      },
    };
  }

  /** Fills the slots of pairs; the first verdict stands. */
  hear({ outcomes }: Report): void {
    for (const outcome of outcomes) this.#settle(outcome);
  }

  #settle([index, ms, verdict]: Outcome): void {
    const pair = this.#pairs[index];
    if (!pair || this.#graded[index]) return;
    this.#graded[index] = { ...verdict, pair, ms };
    if (--this.#left === 0) this.#end.resolve();
  }

  /** Gives the batch up. */
  fail(error: Error): void {
    this.#end.reject(error);
  }

  /**
   * All verdicts in the order of the pairs.
   *
   * @throws {Error} If the batch was given up.
   */
  async verdicts(): Promise<readonly GradedPair<P>[]> {
    await this.#end.promise;
    return this.#graded.filter((graded) => graded !== undefined);
  }
}
