/**
 * The entry of a grading thread: takes tasks, reports verdicts, and ends a pair that runs beyond its deadline.
 *
 * Deno's `Worker.terminate()` does not stop code that is running (denoland/deno#35657), and then the thread, and with
 * it the process, never ends. A script of `node:vm` with a time limit is stopped wherever it is: in a loop, in
 * a regular expression, in a product of large integers. So the thread ends its own pairs.
 *
 * @module
 */

import { Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { BEGUN, endedVerdict, type Message, type Report, SLICE, STOPPED, type WorkerSetup } from "./jobs.ts";
import { type WorkerJob, workerJob } from "./worker_job.ts";

const { words, deadline }: WorkerSetup = workerData;

/** Starting a time limit costs about 10 µs, so one covers as many pairs as fit into a slice. */
const limit = Number.isFinite(deadline) ? { timeout: Math.ceil(deadline) + SLICE } : {};

let job: WorkerJob | undefined;
let next = 0;
let begun = 0n;
let started = 0;

/** Grades pairs until the slice is over. */
function gradeSlice(): void {
  const end = performance.now() + SLICE;
  for (
    let now = performance.now();
    now < end && Atomics.load(words, STOPPED) === 0n;
    now = performance.now()
  ) {
    if (!job || next >= job.count) return;
    started = now;
    next++;
    Atomics.store(words, BEGUN, ++begun);
    job.grade(next - 1);
  }
}

// A script sees only what is global.
Object.defineProperty(globalThis, "gradeSlice", { value: gradeSlice });
const script = new Script("gradeSlice()");

function report(job: WorkerJob, state: Report["state"]): void {
  parentPort?.postMessage({ ...job.take(), state } satisfies Report);
}

/** Ends the pair that was running when a slice was cut off. */
function cutOff(job: WorkerJob, error: unknown): void {
  const late = error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
  const verdict = late
    ? endedVerdict("deadline", `took longer than ${deadline} ms`)
    : endedVerdict("worker lost", `the verifier failed: ${error instanceof Error ? error.message : error}`);
  job.end(next - 1, performance.now() - started, verdict);
}

parentPort?.on("message", (message: Message) => {
  const current = job = workerJob(message);
  next = 0;
  while (next < current.count && Atomics.load(words, STOPPED) === 0n) {
    try {
      script.runInThisContext(limit);
    } catch (error) {
      cutOff(current, error);
      // Nor may a batch that waits be graded here.
      Atomics.store(words, STOPPED, 1n);
      report(current, "spent");
      return;
    }
    report(current, next < current.count ? "more" : "done");
  }
});
