/**
 * What a worker does with what it is sent: pairs one after the other, and what is reported of them.
 *
 * @module
 */

import { LineDecoder } from "../../lines.ts";
import { type Verdict, verify } from "../verify.ts";
import {
  EMPTY,
  FAULT,
  type LineTasks,
  type Message,
  type Outcome,
  type Report,
  type Task,
  VERDICTS,
} from "./jobs.ts";
import { gradedLine, type LinePair, readPair } from "./line.ts";
import { endedLine, faultText } from "./line_batch.ts";

/** Pairs that are graded one after the other. */
export interface WorkerJob {
  readonly count: number;
  /** Grades pair `at`. */
  grade(at: number): void;
  /** Ends pair `at`, unless it has its verdict already. */
  end(at: number, ms: number, verdict: Verdict): void;
  /** What was graded since the last call. */
  take(): Omit<Report, "state">;
}

/** The job that a message asks for. */
export function workerJob(message: Message): WorkerJob {
  return "bytes" in message ? new LineJob(message) : new PairJob(message);
}

class PairJob implements WorkerJob {
  readonly #tasks: readonly Task[];
  #outcomes: Outcome[] = [];

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  get count(): number {
    return this.#tasks.length;
  }

  grade(at: number): void {
    const task = this.#tasks[at];
    if (!task) return;
    const [index, gold, completion, options] = task, started = performance.now();
    const verdict = verify(gold, completion, options);
    this.#outcomes.push([index, performance.now() - started, verdict]);
  }

  end(at: number, ms: number, verdict: Verdict): void {
    const [index] = this.#tasks[at] ?? [];
    if (index !== undefined && this.#outcomes.at(-1)?.[0] !== index) {
      this.#outcomes.push([index, ms, verdict]);
    }
  }

  take(): Omit<Report, "state"> {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return { outcomes };
  }
}

const decoder = new LineDecoder();

class LineJob implements WorkerJob {
  readonly #tasks: LineTasks;
  #indices: number[] = [];
  #kinds: number[] = [];
  #text = "";

  constructor(tasks: LineTasks) {
    this.#tasks = tasks;
  }

  get count(): number {
    return this.#tasks.places.length / 3;
  }

  #line(at: number): { readonly index: number; readonly line: Uint8Array } {
    const [index = 0, begin, end] = this.#tasks.places.subarray(3 * at, 3 * at + 3);
    return { index, line: this.#tasks.bytes.subarray(begin, end) };
  }

  #push(index: number, kind: number, text: string): void {
    // The engine cuts a script off at loops and where functions begin: here before the first statement, or after the last.
    this.#text += `${text}\n`;
    this.#kinds.push(kind);
    this.#indices.push(index);
  }

  grade(at: number): void {
    const { index, line } = this.#line(at), { idField, options } = this.#tasks;
    let pair: LinePair;
    try {
      const text = decoder.decode(line);
      if (text.trim() === "") return this.#push(index, EMPTY, "");
      pair = readPair(text, idField);
    } catch (error) {
      return this.#push(index, FAULT, faultText(error));
    }
    const started = performance.now(), { gold, completion, id } = pair;
    const found = verify(gold, completion, pair.options ? { ...options, ...pair.options } : options);
    const ms = performance.now() - started;
    this.#push(index, VERDICTS.indexOf(found.verdict), JSON.stringify(gradedLine(found, ms, id)));
  }

  end(at: number, ms: number, verdict: Verdict): void {
    const { index, line } = this.#line(at);
    if (this.#indices.at(-1) === index) return;
    const { kind, text } = endedLine(line, this.#tasks.idField, ms, verdict);
    this.#push(index, kind, text);
  }

  take(): Omit<Report, "state"> {
    const lines = { indices: this.#indices, kinds: this.#kinds, text: this.#text };
    this.#indices = [];
    this.#kinds = [];
    this.#text = "";
    return { outcomes: [], lines };
  }
}
