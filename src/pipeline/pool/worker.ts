/**
 * The entry of a worker thread: takes a context, then jobs one at a time.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { type Job, type JobContext, jobRunner, type WorkerMessage } from "./job.ts";

// The web build of ONNX Runtime, which @huggingface/transformers carries along, resolves its files against
// location.origin; in a worker made from a file that is the text "null", and loading the library would fail.
Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });

const say = (message: WorkerMessage): void => self.postMessage(message);
let runner: ReturnType<typeof jobRunner> | undefined;

self.onmessage = async ({ data }: MessageEvent<{ context: JobContext } | { job: Job }>) => {
  try {
    if ("context" in data) {
      runner = jobRunner(data.context, say);
      await runner;
      say({ type: "ready" });
    } else if (runner) {
      say(await (await runner)(data.job));
    }
  } catch (error) {
    // The experiment could not be opened: no job can run here.
    const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    say({ type: "broken", name, message, stack });
  }
};
