/**
 * A block of lines on its way through the workers.
 *
 * @module
 */

import { type LineBlock, LineDecoder, lineOf } from "../../lines.ts";
import type { Verdict, VerifyOptions } from "../verify.ts";
import { EMPTY, FAULT, type Job, type Load, type Report, VERDICTS } from "./jobs.ts";
import { gradedLine, readPair } from "./line.ts";

/** What came of lines that were read together. */
export interface GradedLines {
  /** The lines that answer, in order, without the last line feed; empty if there is none. */
  readonly text: string;
  /** How many lines answer. */
  readonly graded: number;
  /** How many of each verdict. */
  readonly counts: Readonly<Record<Verdict["verdict"], number>>;
  /** Lines that cannot be read. */
  readonly faults: readonly { readonly number: number; readonly fault: string }[];
  /** Where the next line begins, in bytes of the input. */
  readonly end: number;
}

/** A line that was seen to: which way, and what answers it. */
interface Seen {
  readonly kind: number;
  readonly text: string;
}

/** The lines of a block; every line has its own slot, whoever fills it and however often it is tried. */
export class LineBatch implements Load {
  readonly #block: LineBlock;
  readonly #bytes: Uint8Array;
  readonly #ends: readonly number[];
  readonly #common: VerifyOptions;
  readonly #idField: string;
  readonly #seen: (Seen | undefined)[];
  readonly #end = Promise.withResolvers<void>();
  #left: number;

  /** Takes a block whose lines are graded alike. */
  constructor(block: LineBlock, common: VerifyOptions, idField: string) {
    const { bytes = new Uint8Array(), ends = [] } = "fault" in block ? {} : block;
    this.#block = block;
    this.#bytes = bytes;
    this.#ends = ends;
    this.#common = common;
    this.#idField = idField;
    this.#seen = ends.map(() => undefined);
    this.#left = ends.length;
    if (this.#left === 0) this.#end.resolve();
    // Whoever waits for an earlier block hears of the failure there.
    this.#end.promise.catch(() => {});
  }

  /** The lines that nobody saw to yet. */
  job(): Job {
    const open = this.#seen.flatMap((seen, i) => seen ? [] : [i]);
    const places = new Uint32Array(3 * open.length);
    open.forEach((i, k) => {
      places.set([i, i === 0 ? 0 : (this.#ends[i - 1] ?? 0) + 1, this.#ends[i] ?? 0], 3 * k);
    });
    return {
      message: { bytes: this.#bytes, places, idField: this.#idField, options: this.#common },
      count: open.length,
      lose: (at, ms, verdict) => {
        const i = open[at];
        if (i !== undefined) {
          this.#settle(i, endedLine(lineOf(this.#bytes, this.#ends, i), this.#idField, ms, verdict));
        }
      },
    };
  }

  /** Fills the slots of lines; what came first stands. */
  hear({ lines }: Report): void {
    if (!lines) return;
    const texts = lines.text.split("\n");
    lines.indices.forEach((index, k) => {
      this.#settle(index, { kind: lines.kinds[k] ?? FAULT, text: texts[k] ?? "" });
    });
  }

  /** Gives the block up. */
  fail(error: Error): void {
    this.#end.reject(error);
  }

  /**
   * What came of all lines.
   *
   * @throws {Error} If the block was given up.
   */
  async graded(): Promise<GradedLines> {
    await this.#end.promise;
    const { number, end } = this.#block,
      counts = { correct: 0, wrong: 0, unevaluated: 0, unparsed: 0, timeout: 0 };
    if ("fault" in this.#block) {
      return { text: "", graded: 0, counts, faults: [{ number, fault: this.#block.fault }], end };
    }
    const answers: string[] = [], faults: { number: number; fault: string }[] = [];
    this.#seen.forEach((seen, i) => {
      if (!seen || seen.kind === EMPTY) return;
      const verdict = VERDICTS[seen.kind];
      if (verdict === undefined) faults.push({ number: number + i, fault: seen.text });
      else {
        counts[verdict]++;
        answers.push(seen.text);
      }
    });
    return { text: answers.join("\n"), graded: answers.length, counts, faults, end };
  }

  #settle(index: number, seen: Seen): void {
    if (this.#seen[index] || index >= this.#seen.length) return;
    this.#seen[index] = seen;
    if (--this.#left === 0) this.#end.resolve();
  }
}

/** What is wrong with a line, on one line: it is no JSON, lacks a field, or is nested too deeply to be read. */
export function faultText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll("\n", "⏎");
}

const decoder = new LineDecoder();

/** What answers a line whose pair was ended; or that it cannot be read. */
export function endedLine(line: Uint8Array, idField: string, ms: number, verdict: Verdict): Seen {
  try {
    const { id } = readPair(decoder.decode(line), idField);
    return { kind: VERDICTS.indexOf(verdict.verdict), text: JSON.stringify(gradedLine(verdict, ms, id)) };
  } catch (error) {
    return { kind: FAULT, text: faultText(error) };
  }
}
