/**
 * The workers of a pool: each grades one batch at a time, and one that is lost is replaced.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import {
  BEGUN,
  endedVerdict,
  type Job,
  type Load,
  type Report,
  SLICE,
  STOPPED,
  type WorkerSetup,
} from "./jobs.ts";

/** What a crew is made of. */
export interface CrewOptions {
  /** How many workers there are at most; each starts when there is work for it. */
  readonly size: number;
  /** Milliseconds that a pair may run; may be infinite. */
  readonly deadline: number;
  /** The module that a worker runs. Default: `worker.ts`. */
  readonly entry?: URL;
  /** Megabytes of heap that a worker may fill. Beyond them the worker alone is lost, not the process. Default 1024. */
  readonly memory?: number;
}

/** Batches at a worker: one that it grades, and one that waits there, so that it need not wait for this thread. */
const BATCHES = 2;

/** Milliseconds between two looks at the workers. */
const TICK = 100;

/** How much longer than its deadline a pair may hold a worker, which should have ended it by then; in milliseconds. */
const GRACE = 1000;

/** How long a worker may take until it grades the first pair of a batch, its own start included; in milliseconds. */
const START = 60_000;

/** Workers that end before they grade anything, one after the other, until the pool gives up. */
const MAX_FAILED_STARTS = 3;

/** What a seat tells its crew. */
interface SeatListener {
  /** The batch is done. */
  readonly onFree: () => void;
  /** Workers do not start. */
  readonly onFailure: (error: Error) => void;
}

/** What a worker was sent of a batch. */
interface SentJob extends Job {
  readonly batch: Load;
  /** How many pairs the same worker was sent before. */
  readonly before: number;
}

/** A seat for one worker. */
class Seat {
  readonly #options: Required<CrewOptions>;
  readonly #listener: SeatListener;
  #worker: Worker | undefined;
  #words: BigInt64Array = new BigInt64Array(2);
  #sent = 0;
  /** What the worker grades, and what waits there. */
  #jobs: SentJob[] = [];
  #seen = 0;
  #ticks = 0;
  #failedStarts = 0;

  constructor(options: Required<CrewOptions>, listener: SeatListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The batches that are at this seat. */
  get batches(): readonly Load[] {
    return this.#jobs.map(({ batch }) => batch);
  }

  /** How long a further batch would wait, in batches; a worker that must start counts for half of one. */
  get wait(): number {
    return this.#jobs.length + (this.#worker ? 0 : 0.5);
  }

  /** Grades a batch after those that are there already. */
  grade(batch: Load): void {
    const worker = this.#worker ??= this.#start();
    const job = batch.job();
    if (this.#jobs.length === 0) this.#ticks = 0;
    this.#jobs.push({ ...job, batch, before: this.#sent });
    this.#sent += job.count;
    worker.postMessage(job.message);
  }

  /**
   * Looks whether the worker still moves, and gives it up if it does not: one that ran out of memory says nothing, and
   * a single operation of the engine that nothing can interrupt goes on for as long as it takes.
   */
  look(): void {
    if (this.#jobs.length === 0) return;
    const running = this.#begun();
    this.#ticks = running === this.#seen ? this.#ticks + 1 : 0;
    this.#seen = running;
    // Counted in looks, not by the clock: while a process is stopped it does not look either.
    const allowed = running > 0 ? this.#options.deadline + SLICE + GRACE : START;
    if (this.#ticks * TICK > allowed) {
      this.#lose("it ran out of memory or into code that cannot be interrupted");
    }
  }

  /** Sends the worker away; it goes when the pair that it grades is done. */
  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    Atomics.store(this.#words, STOPPED, 1n);
    await worker?.terminate();
  }

  /** How many tasks the worker has begun to grade. */
  #begun(): number {
    return Number(Atomics.load(this.#words, BEGUN));
  }

  #start(): Worker {
    const { deadline, entry, memory } = this.#options;
    // A worker that was given up may still write: every one has words of its own.
    this.#words = new BigInt64Array(new SharedArrayBuffer(16));
    this.#sent = this.#seen = this.#ticks = 0;
    const setup: WorkerSetup = { words: this.#words, deadline };
    const worker = new Worker(entry, {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    // Nor does it count what it says from then on.
    const heard = <T>(listen: (value: T) => void) => (value: T): void => {
      if (this.#worker === worker) listen(value);
    };
    worker.on("message", heard((report: Report) => this.#hear(report)));
    worker.on("error", heard((error: Error) => this.#lose(error.message)));
    worker.on("exit", heard((code: number) => this.#lose(`it ended with code ${code}`)));
    return worker;
  }

  #hear(report: Report): void {
    this.#failedStarts = 0;
    this.#jobs[0]?.batch.hear(report);
    if (report.state === "spent") this.#again();
    else if (report.state === "done") {
      this.#jobs.shift();
      this.#listener.onFree();
    }
  }

  /** Gives the worker up, and with it the pair that it was grading. */
  #lose(why: string): void {
    // Its last reports may come later than the news that it is gone: then the first batch is no longer the one.
    const at = this.#begun() - 1;
    const job = this.#jobs.find(({ count, before }) => at >= before && at < before + count);
    if (job) {
      const verdict = endedVerdict("worker lost", `the worker that graded the pair was lost: ${why}`);
      job.lose(at - job.before, this.#ticks * TICK, verdict);
    } else if (++this.#failedStarts === MAX_FAILED_STARTS) {
      this.#listener.onFailure(new Error(`Cannot start a worker that grades: ${why}`));
      return;
    }
    this.#again();
  }

  /** Grades what is left with another worker: in this one the engine may have been cut off midway. */
  #again(): void {
    this.end();
    const left = this.#jobs.map(({ batch }) => batch).filter((batch) => batch.job().count > 0);
    this.#jobs = [];
    for (const batch of left) this.grade(batch);
    this.#listener.onFree();
  }
}

/** Grades batches in the order in which they are given, as many at a time as there are workers. */
export class Crew implements AsyncDisposable {
  readonly #seats: readonly Seat[];
  readonly #queue: Load[] = [];
  #watch: ReturnType<typeof setInterval> | undefined;
  #failure: Error | undefined;

  /** Makes room for workers. */
  constructor({ entry = new URL("./worker.ts", import.meta.url), memory = 1024, ...options }: CrewOptions) {
    const listener = { onFree: () => this.#next(), onFailure: (error: Error) => this.#fail(error) };
    this.#seats = Array.from(
      { length: options.size },
      () => new Seat({ ...options, entry, memory }, listener),
    );
  }

  /** Grades a batch; afterwards it holds its verdicts. */
  grade(batch: Load): void {
    if (this.#failure) return batch.fail(this.#failure);
    this.#watch ??= setInterval(() => this.#seats.forEach((seat) => seat.look()), TICK);
    this.#queue.push(batch);
    this.#next();
  }

  /** Ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    this.#queue.length = 0;
    await Promise.all(this.#seats.map((seat) => seat.end()));
  }

  #next(): void {
    while (this.#queue.length > 0) {
      const seat = this.#seats.reduce((best, seat) => seat.wait < best.wait ? seat : best);
      if (seat.wait >= BATCHES) return;
      const batch = this.#queue.shift();
      if (batch) seat.grade(batch);
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const batch of [...this.#seats.flatMap((seat) => seat.batches), ...this.#queue.splice(0)]) {
      batch.fail(error);
    }
  }
}
