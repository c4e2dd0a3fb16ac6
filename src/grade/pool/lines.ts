/**
 * Grading of lines of JSON: workers read them and write what answers them, so that the thread that reads and writes the
 * stream keeps up with several.
 *
 * @module
 */

import { readBlocks } from "../../lines.ts";
import { Crew } from "./crew.ts";
import { Feed } from "./feed.ts";
import { type GradedLines, LineBatch } from "./line_batch.ts";
import { BATCHES_PER_WORKER, type PoolOptions, type PoolSettings, poolSettings } from "./pool.ts";

export type { GradedLines } from "./line_batch.ts";

/** How to grade lines. */
export interface LineOptions extends PoolOptions {
  /** The field with a line's identifier. Default: id. */
  readonly idField?: string;
}

/**
 * Grades a stream of lines as {@linkcode verifyMany} grades pairs, and gives the lines that answer them, block by block in
 * order. Lines are graded as they come: a block is what was read at a time, at most `batch` lines.
 *
 * @throws {RangeError} If `workers` or `batch` is no positive integer, or the deadline not positive.
 * @throws {Error} If workers cannot be started.
 * @throws {unknown} What reading the stream throws, after what came before.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradeLines } from "./lines.ts";
 *
 * const input = '{"id": 1, "gold": "5", "pred": "5"}\n{"gold"\n{"id": 3, "gold": "5", "pred": "6"}\n';
 * for await (const { text, counts, faults } of gradeLines(new Blob([input]).stream(), { workers: 1 })) {
 *   assertEquals(text.split("\n").map((line) => JSON.parse(line).id), [1, 3]);
 *   assertEquals([counts.correct, counts.wrong], [1, 1]);
 *   assertEquals(faults.map(({ number }) => number), [2]);
 * }
 * ```
 */
export function gradeLines(
  stream: AsyncIterable<Uint8Array>,
  { idField = "id", ...options }: LineOptions = {},
): AsyncGenerator<GradedLines, void, undefined> {
  return grade(stream, idField, poolSettings(options));
}

async function* grade(
  stream: AsyncIterable<Uint8Array>,
  idField: string,
  { workers, deadline, batch: lines, common }: PoolSettings,
): AsyncGenerator<GradedLines, void, undefined> {
  await using crew = new Crew({ size: workers, deadline });
  await using feed = new Feed(readBlocks(stream, { lines }), {
    size: 1,
    room: BATCHES_PER_WORKER * workers + 1,
    length: () => 0,
    send: (blocks): LineBatch => {
      // A feed of size 1 sends one at a time.
      const [block] = blocks;
      if (!block) throw new RangeError("Cannot grade an empty batch");
      const batch = new LineBatch(block, common, idField);
      if (batch.job().count > 0) crew.grade(batch);
      return batch;
    },
  });
  for (let batch = await feed.take(); batch; batch = await feed.take()) {
    yield await batch.graded();
    feed.release();
  }
}
