/**
 * A pool of workers. Each job computes with the profile's fixed number of threads, and more cores run more jobs at
 * once: results do not depend on how many.
 *
 * @module
 */

import {
  type Job,
  type JobContext,
  jobName,
  type JobResults,
  type TrainJob,
  type WorkerMessage,
} from "./job.ts";
import { type StepLog, StoppedError } from "../stage/mod.ts";

/** What the pool tells while it works. */
export interface PoolListener {
  /** A job moved on. */
  readonly onProgress: (job: string, done: number, total: number, note: string) => void;
  /** A training run has steps: at first those that it had, then each new one. */
  readonly onSteps?: ((job: TrainJob, steps: readonly StepLog[]) => void) | undefined;
  /** Something is worth a line: where a job goes on from, or that another run makes its record. */
  readonly onNotice: (text: string) => void;
  /** Something is wrong but can be mended: a record is made anew. */
  readonly onWarning: (text: string) => void;
}

/** A job failed in its worker. */
export class JobError extends Error {
  /** The class's name. */
  override readonly name = "JobError";
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: JobResults[Job["kind"]]) => void;
  readonly reject: (error: Error) => void;
  /** Not to be tried before this time, because another run has its lock. */
  after: number;
  /** Whether it was told that another run has its lock. */
  told: boolean;
}

/** Milliseconds until a job whose record another run makes is tried again. */
export const BUSY_PAUSE = 500;

/**
 * Runs jobs in the order in which they are asked for, as many at a time as there are workers. A job that fails does not
 * end the others; one whose record another run is making waits behind them.
 */
export class Pool implements Disposable {
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #queue: Waiting[] = [];
  readonly #running = new Map<Worker, Waiting>();
  readonly #listener: PoolListener;
  #failure: Error | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the workers. */
  constructor(context: JobContext, size: number, listener: PoolListener) {
    this.#listener = listener;
    for (let i = 0; i < size; i++) {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#hear(worker, data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#lose(worker, new JobError(event.message));
      };
      worker.postMessage({ context });
      this.#workers.add(worker);
    }
  }

  /**
   * Runs a job.
   *
   * @throws {JobError} If the job fails.
   * @throws {StoppedError} If the run was asked to stop before the job had ended.
   */
  run<J extends Job>(job: J): Promise<JobResults[J["kind"]]> {
    const { promise, resolve, reject } = Promise.withResolvers<JobResults[Job["kind"]]>();
    if (this.#failure) reject(this.#failure);
    else this.#queue.push({ job, resolve, reject, after: 0, told: false });
    this.#next();
    return promise as Promise<JobResults[J["kind"]]>;
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const worker of this.#workers) worker.terminate();
  }

  /** Gives jobs to idle workers. */
  #next(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    while (this.#idle.length > 0) {
      const at = this.#queue.findIndex(({ after }) => after <= now),
        [waiting] = at < 0 ? [] : this.#queue.splice(at, 1);
      const worker = waiting && this.#idle.pop();
      if (!waiting || !worker) break;
      this.#running.set(worker, waiting);
      worker.postMessage({ job: waiting.job });
    }
    if (this.#idle.length > 0 && this.#queue.length > 0) {
      this.#timer = setTimeout(() => this.#next(), BUSY_PAUSE);
    }
  }

  #hear(worker: Worker, message: WorkerMessage): void {
    const waiting = this.#running.get(worker);
    if (message.type === "warning") return this.#listener.onWarning(message.text);
    if (message.type === "broken") {
      return this.#lose(worker, Object.assign(new JobError(message.message), { stack: message.stack }));
    }
    if (message.type === "notice") {
      return this.#listener.onNotice(`${waiting ? `${jobName(waiting.job)} ` : ""}${message.text}`);
    }
    if (message.type === "steps") {
      if (waiting?.job.kind === "train") this.#listener.onSteps?.(waiting.job, message.steps);
      return;
    }
    if (message.type === "progress") {
      if (waiting) this.#listener.onProgress(jobName(waiting.job), message.done, message.total, message.note);
      return;
    }
    this.#running.delete(worker);
    this.#idle.push(worker);
    if (waiting && message.type === "done") waiting.resolve(message.result);
    else if (waiting && message.type === "stopped") {
      waiting.reject(new StoppedError(message.text && `${jobName(waiting.job)}: stopped at ${message.text}`));
    } else if (waiting && message.type === "failed") {
      waiting.reject(Object.assign(new JobError(message.message), { stack: message.stack }));
    } else if (waiting && message.type === "busy") this.#postpone(waiting);
    this.#next();
  }

  /** Puts a job whose record another run is making behind all others. */
  #postpone(waiting: Waiting): void {
    waiting.after = performance.now() + BUSY_PAUSE;
    if (!waiting.told) {
      this.#listener.onNotice(
        `${jobName(waiting.job)} is being made by another run; its record will be taken`,
      );
    }
    waiting.told = true;
    this.#queue.push(waiting);
  }

  /** Goes on without a worker; without any, no job can run. */
  #lose(worker: Worker, error: Error): void {
    this.#workers.delete(worker);
    worker.terminate();
    this.#running.get(worker)?.reject(error);
    this.#running.delete(worker);
    if (this.#workers.size > 0) return;
    this.#failure = error;
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}
