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

/** What a worker says after every slice of its work. */
export interface Report {
  /** What was graded since the last report. */
  readonly outcomes: readonly Outcome[];
  /** `more` will follow; `done`: so is the batch; `spent`: a pair was ended, and the worker must not go on. */
  readonly state: "more" | "done" | "spent";
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
export class Batch<P extends Pair = Pair> {
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
  tasks(): Task[] {
    return this.#pairs.flatMap(({ gold, completion, options }, index): Task[] => {
      if (this.#graded[index]) return [];
      return [[index, gold, completion, options ? { ...this.#common, ...options } : this.#common]];
    });
  }

  /** Fills the slot of a pair; the first verdict stands. */
  settle([index, ms, verdict]: Outcome): void {
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
