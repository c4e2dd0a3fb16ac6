/**
 * A pool of workers. Each job computes with the profile's fixed number of threads, and more cores run more jobs at
 * once: results do not depend on how many.
 *
 * @module
 */

import { type Job, type JobContext, jobName, type JobResults, type WorkerMessage } from "./job.ts";

/** What the pool tells while it works. */
export interface PoolListener {
  /** A job moved on. */
  readonly onProgress: (job: string, done: number, total: number, note: string) => void;
  /** Something is worth a line. */
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
}

/** Runs jobs in the order in which they are asked for, as many at a time as there are workers. */
export class Pool implements Disposable {
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #queue: Waiting[] = [];
  readonly #running = new Map<Worker, Waiting>();
  readonly #listener: PoolListener;
  #failure: Error | undefined;

  /** Starts the workers. */
  constructor(context: JobContext, size: number, listener: PoolListener) {
    this.#listener = listener;
    for (let i = 0; i < size; i++) {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#hear(worker, data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new JobError(event.message));
      };
      worker.postMessage({ context });
      this.#workers.push(worker);
    }
  }

  /**
   * Runs a job.
   *
   * @throws {JobError} If the job fails; all later jobs fail too.
   */
  run<J extends Job>(job: J): Promise<JobResults[J["kind"]]> {
    const { promise, resolve, reject } = Promise.withResolvers<JobResults[Job["kind"]]>();
    if (this.#failure) reject(this.#failure);
    else this.#queue.push({ job, resolve, reject });
    this.#next();
    return promise as Promise<JobResults[J["kind"]]>;
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #next(): void {
    for (;;) {
      const worker = this.#idle.pop();
      if (!worker) return;
      const waiting = this.#queue.shift();
      if (!waiting) {
        this.#idle.push(worker);
        return;
      }
      this.#running.set(worker, waiting);
      worker.postMessage({ job: waiting.job });
    }
  }

  #hear(worker: Worker, message: WorkerMessage): void {
    const waiting = this.#running.get(worker);
    if (message.type === "warning") this.#listener.onWarning(message.text);
    else if (message.type === "failed") {
      this.#fail(Object.assign(new JobError(message.message), { stack: message.stack }));
    } else if (message.type === "progress" && waiting) {
      this.#listener.onProgress(jobName(waiting.job), message.done, message.total, message.note);
    } else if (message.type === "ready" || message.type === "done") {
      this.#running.delete(worker);
      this.#idle.push(worker);
      if (message.type === "done") waiting?.resolve(message.result);
      this.#next();
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of [...this.#running.values(), ...this.#queue.splice(0)]) reject(error);
    this.#running.clear();
  }
}
