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
import {
  BEGUN,
  endedVerdict,
  type Outcome,
  type Report,
  SLICE,
  STOPPED,
  type Task,
  type WorkerSetup,
} from "./jobs.ts";
import { verify } from "../verify.ts";

const { words, deadline }: WorkerSetup = workerData;

/** Starting a time limit costs about 10 µs, so one covers as many pairs as fit into a slice. */
const limit = Number.isFinite(deadline) ? { timeout: Math.ceil(deadline) + SLICE } : {};

let tasks: readonly Task[] = [];
let next = 0;
let begun = 0n;
let outcomes: Outcome[] = [];
let started = 0;

/** Grades tasks until the slice is over. */
function gradeSlice(): void {
  const end = performance.now() + SLICE;
  for (let now = performance.now(); now < end && Atomics.load(words, STOPPED) === 0n;) {
    const task = tasks[next];
    if (!task) return;
    const [index, gold, completion, options] = task;
    started = now;
    next++;
    Atomics.store(words, BEGUN, ++begun);
    const verdict = verify(gold, completion, options);
    now = performance.now();
    outcomes.push([index, now - started, verdict]);
  }
}

// A script sees only what is global.
Object.defineProperty(globalThis, "gradeSlice", { value: gradeSlice });
const script = new Script("gradeSlice()");

function report(state: Report["state"]): void {
  parentPort?.postMessage({ outcomes, state } satisfies Report);
  outcomes = [];
}

/** The verdict on the pair that was running when a slice was cut off. */
function cutOff(error: unknown): Outcome | undefined {
  const task = tasks[next - 1];
  if (!task || outcomes.at(-1)?.[0] === task[0]) return undefined;
  const late = error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
  const verdict = late
    ? endedVerdict("deadline", `took longer than ${deadline} ms`)
    : endedVerdict("worker lost", `the verifier failed: ${error instanceof Error ? error.message : error}`);
  return [task[0], performance.now() - started, verdict];
}

parentPort?.on("message", (message: readonly Task[]) => {
  tasks = message;
  next = 0;
  while (next < tasks.length && Atomics.load(words, STOPPED) === 0n) {
    try {
      script.runInThisContext(limit);
    } catch (error) {
      const outcome = cutOff(error);
      if (outcome) outcomes.push(outcome);
      // Nor may a batch that waits be graded here.
      Atomics.store(words, STOPPED, 1n);
      report("spent");
      return;
    }
    report(next < tasks.length ? "more" : "done");
  }
});
