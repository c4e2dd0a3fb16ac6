/**
 * The workers of a pool: each grades one batch at a time, and one that is lost is replaced.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { type Batch, endedVerdict, type Report, RUNNING, SLICE, STOPPED, type Task } from "./jobs.ts";
import type { WorkerSetup } from "./jobs.ts";

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

/** A seat for one worker. */
class Seat {
  readonly #options: Required<CrewOptions>;
  readonly #listener: SeatListener;
  #worker: Worker | undefined;
  #words: Int32Array = new Int32Array(2);
  #batch: Batch | undefined;
  #tasks: readonly Task[] = [];
  #seen = 0;
  #ticks = 0;
  #failedStarts = 0;

  constructor(options: Required<CrewOptions>, listener: SeatListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The batch that is graded at this seat. */
  get batch(): Batch | undefined {
    return this.#batch;
  }

  /** Is there a worker already? */
  get warm(): boolean {
    return this.#worker !== undefined;
  }

  /** Grades a batch, or what is left of it. */
  grade(batch: Batch): void {
    this.#batch = batch;
    this.#tasks = batch.tasks();
    this.#seen = this.#ticks = 0;
    const worker = this.#worker ??= this.#start();
    Atomics.store(this.#words, RUNNING, 0);
    worker.postMessage(this.#tasks);
  }

  /**
   * Looks whether the worker still moves, and gives it up if it does not: one that ran out of memory says nothing, and
   * a single operation of the engine that nothing can interrupt goes on for as long as it takes.
   */
  look(): void {
    if (!this.#batch) return;
    const running = Atomics.load(this.#words, RUNNING);
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
    Atomics.store(this.#words, STOPPED, 1);
    await worker?.terminate();
  }

  #start(): Worker {
    const { deadline, entry, memory } = this.#options;
    // A worker that was given up may still write: every one has words of its own.
    this.#words = new Int32Array(new SharedArrayBuffer(8));
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

  #hear({ outcomes, state }: Report): void {
    this.#failedStarts = 0;
    for (const outcome of outcomes) this.#batch?.settle(outcome);
    if (state === "spent") this.#again();
    else if (state === "idle") this.#free();
  }

  /** Gives the worker up, and with it the pair that it was grading. */
  #lose(why: string): void {
    const task = this.#tasks[Atomics.load(this.#words, RUNNING) - 1];
    if (task) {
      const verdict = endedVerdict("worker lost", `the worker that graded the pair was lost: ${why}`);
      this.#batch?.settle([task[0], this.#ticks * TICK, verdict]);
    } else if (++this.#failedStarts === MAX_FAILED_STARTS) {
      this.#listener.onFailure(new Error(`Cannot start a worker that grades: ${why}`));
      return;
    }
    this.#again();
  }

  /** Grades what is left of the batch with another worker: in this one the engine may have been cut off midway. */
  #again(): void {
    this.end();
    if (this.#batch && this.#batch.tasks().length > 0) this.grade(this.#batch);
    else this.#free();
  }

  #free(): void {
    this.#batch = undefined;
    this.#tasks = [];
    this.#listener.onFree();
  }
}

/** Grades batches in the order in which they are given, as many at a time as there are workers. */
export class Crew implements AsyncDisposable {
  readonly #seats: readonly Seat[];
  readonly #queue: Batch[] = [];
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
  grade(batch: Batch): void {
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
      const free = this.#seats.filter((seat) => !seat.batch);
      const seat = free.find((seat) => seat.warm) ?? free[0];
      const batch = seat && this.#queue.shift();
      if (!batch) return;
      seat.grade(batch);
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const batch of [...this.#seats.map((seat) => seat.batch), ...this.#queue.splice(0)]) {
      batch?.fail(error);
    }
  }
}
