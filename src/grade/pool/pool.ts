/**
 * Grading of many pairs by several workers: in order, in constant memory, and with an end for every pair.
 *
 * @module
 */

import { Crew } from "./crew.ts";
import { Feed } from "./feed.ts";
import { Batch, type GradedPair, type Pair } from "./jobs.ts";
import type { VerifyOptions } from "../verify.ts";

/** How to grade many pairs. */
export interface PoolOptions extends VerifyOptions {
  /** Workers: how many pairs are graded at a time. Changes no verdict. Default: the number of cores. */
  readonly workers?: number;
  /**
   * Milliseconds that a pair may take; beyond them its verdict is `timeout` with the method `deadline`. It is a net
   * under the step budget, which ends a pair much earlier and, unlike a clock, at the same step on every machine.
   * Default 2000; may be `Infinity`.
   */
  readonly deadline?: number;
  /** Pairs that travel to a worker together. Changes no verdict. Default 256. */
  readonly batch?: number;
}

/** The longest deadline that a timer takes, in milliseconds. */
const MAX_DEADLINE = 2 ** 31;

/** Batches per worker: one is graded, one waits, so that no worker waits for this thread. */
export const BATCHES_PER_WORKER = 2;

/**
 * Grades pairs as {@linkcode verify} does, in workers, and gives the verdicts in the order of the pairs.
 *
 * At most `(2 × workers + 2) × batch` pairs are read ahead of the verdicts that were consumed. A pair that runs beyond
 * the deadline is ended: `timeout`, method `deadline`; one whose worker is lost, because its memory ran out or the
 * verifier failed, likewise with the method `worker lost`. The other pairs are graded by a new worker. When the
 * generator ends, is left early or throws, the workers end too.
 *
 * @param pairs The pairs; each comes back with its verdict, whatever other fields it has.
 * @throws {RangeError} If `workers` or `batch` is no positive integer, or the deadline not positive.
 * @throws {Error} If workers cannot be started.
 * @throws {unknown} What reading the pairs throws, after the verdicts on all pairs that came before.
 *
 * @example Grading a list
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { verifyMany } from "./pool.ts";
 *
 * const pairs = [
 *   { id: "a", gold: "\\frac12", completion: "\\boxed{0.5}" },
 *   { id: "b", gold: "7", completion: "The answer is 7.", options: { mode: "lenient" } as const },
 *   { id: "c", gold: "7", completion: "The answer is 7." },
 * ];
 * const seen: string[] = [];
 * for await (const { pair, verdict } of verifyMany(pairs, { workers: 1 })) seen.push(`${pair.id} ${verdict}`);
 * assertEquals(seen, ["a correct", "b correct", "c unparsed"]);
 * ```
 */
export function verifyMany<P extends Pair>(
  pairs: Iterable<P> | AsyncIterable<P>,
  options: PoolOptions = {},
): AsyncGenerator<GradedPair<P>, void, undefined> {
  return grade(pairs, poolSettings(options));
}

/**
 * Options without gaps.
 *
 * @throws {RangeError} If `workers` or `batch` is no positive integer, or the deadline not positive.
 */
export function poolSettings(options: PoolOptions): PoolSettings {
  const { workers = navigator.hardwareConcurrency, deadline = 2000, batch = 256, ...common } = options;
  for (const [name, value] of Object.entries({ workers, batch })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot grade with ${name} ${value}: expected an integer of at least 1`);
    }
  }
  if (!(deadline > 0 && (deadline <= MAX_DEADLINE || deadline === Infinity))) {
    throw new RangeError(
      `Cannot grade with a deadline of ${deadline} ms: expected more than 0 and at most 2^31, or Infinity`,
    );
  }
  return { workers, deadline, batch, common };
}

/** How to grade, without gaps. */
export interface PoolSettings {
  readonly workers: number;
  readonly deadline: number;
  readonly batch: number;
  readonly common: VerifyOptions;
}

async function* grade<P extends Pair>(
  pairs: Iterable<P> | AsyncIterable<P>,
  { workers, deadline, batch, common }: PoolSettings,
): AsyncGenerator<GradedPair<P>, void, undefined> {
  await using crew = new Crew({ size: workers, deadline });
  await using feed = new Feed(pairs, {
    size: batch,
    room: BATCHES_PER_WORKER * workers + 1,
    length: ({ gold, completion }) => gold.length + completion.length,
    send: (pairs: readonly P[]): Batch<P> => {
      const batch = new Batch(pairs, common);
      crew.grade(batch);
      return batch;
    },
  });
  for (let batch = await feed.take(); batch; batch = await feed.take()) {
    yield* await batch.verdicts();
    feed.release();
  }
}
