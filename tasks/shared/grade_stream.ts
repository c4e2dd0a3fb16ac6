/**
 * Grading of a stream of lines, with progress and a summary.
 *
 * @module
 */

import { type GradedLines, gradeLines, type LineOptions, type Verdict } from "../../src/grade/mod.ts";
import { LineWriter } from "../../src/lines.ts";
import type { Progress } from "../../src/progress.ts";
import { oneLine } from "./command.ts";

/** Milliseconds between two updates of the progress. */
const UPDATE = 250;

/** Seconds between two lines of progress where the size of the input is not known. */
const LINE_EVERY = 20;

/** Counts what was graded and tells of it. */
class Tally {
  readonly #progress: Progress;
  readonly #size: number | undefined;
  readonly #started = performance.now();
  readonly #counts: Record<Verdict["verdict"], number> = {
    correct: 0,
    wrong: 0,
    unevaluated: 0,
    unparsed: 0,
    timeout: 0,
  };
  #graded = 0;
  #hasBar = false;
  #told = { at: this.#started, graded: 0, line: this.#started };
  /** Lines that could not be read. */
  faults = 0;

  /** Begins to count; `size` is the number of bytes of the input, where it is known. */
  constructor(progress: Progress, size: number | undefined) {
    this.#progress = progress;
    this.#size = size;
  }

  /** Counts what came of lines. */
  add({ graded, counts, end }: GradedLines): void {
    this.#graded += graded;
    for (const [verdict, count] of Object.entries(counts)) {
      this.#counts[verdict as Verdict["verdict"]] += count;
    }
    const now = performance.now();
    if (now - this.#told.at < UPDATE) return;
    const rate = `${Math.round(1000 * (this.#graded - this.#told.graded) / (now - this.#told.at))} pairs/s`;
    this.#told = { ...this.#told, at: now, graded: this.#graded };
    if (this.#size !== undefined && end < this.#size) {
      this.#hasBar = true;
      this.#progress.update("kB graded", Math.floor(end / 1000), Math.ceil(this.#size / 1000), rate);
    } else if (this.#size === undefined && now - this.#told.line >= 1000 * LINE_EVERY) {
      this.#told.line = now;
      this.#progress.line(`${this.#graded} pairs graded  ${rate}`);
    }
  }

  /** Says what came of it. */
  summary(): void {
    if (this.#hasBar && this.#size !== undefined) {
      const total = Math.ceil(this.#size / 1000);
      this.#progress.update("kB graded", total, total);
    }
    const seconds = (performance.now() - this.#started) / 1000;
    const counts = Object.entries(this.#counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
    const faults = this.faults === 0 ? "" : `; ${this.faults} lines could not be read`;
    this.#progress.line(
      `${this.#graded} pairs in ${seconds.toFixed(1)} s, ${
        Math.round(this.#graded / seconds)
      } pairs/s: ${counts}${faults}`,
    );
  }
}

/** Where lines come from and go to, and how they are graded. */
export interface GradeOptions extends LineOptions {
  /** The input. */
  readonly input: ReadableStream<Uint8Array>;
  /** Its bytes, where they are known. */
  readonly size?: number | undefined;
  /** The output. */
  readonly output: { writeSync(bytes: Uint8Array): number };
  /** Where progress and summary go. */
  readonly progress: Progress;
  /** Says that a line cannot be read. */
  readonly warn: (text: string) => void;
}

/** Grades a stream of lines and returns how many could not be read. */
export async function gradeStream(options: GradeOptions): Promise<number> {
  const { input, size, output, progress, warn, ...how } = options;
  const tally = new Tally(progress, size);
  using writer = new LineWriter(output);
  for await (const lines of gradeLines(input, how)) {
    for (const { number, fault } of lines.faults) {
      tally.faults++;
      warn(`Cannot read line ${number}: ${oneLine(fault)}`);
    }
    if (lines.graded > 0) writer.write(lines.text);
    tally.add(lines);
  }
  writer.flush();
  tally.summary();
  return tally.faults;
}
