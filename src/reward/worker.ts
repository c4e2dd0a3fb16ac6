/**
 * The entry of a worker without permissions. Within it a thread with a bounded heap runs the modules: a worker has no
 * bound of its own, and a thread shares the permissions of what starts it.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { Worker as Thread } from "node:worker_threads";
import { cell, type CellJob, type CellReport } from "./cell.ts";

/** Megabytes of heap. */
const HEAP = 256;

const script = `(${cell})(require("node:worker_threads").parentPort, require("node:vm"))`;
const thread = new Thread(script, { eval: true, resourceLimits: { maxOldGenerationSizeMb: HEAP } });

thread.on("message", (report: CellReport) => self.postMessage(report));
thread.on("error", ({ message }: Error) => self.postMessage({ fault: `it ended its thread: ${message}` }));
thread.on("exit", () => self.postMessage({ fault: "it ended its thread" }));
self.onmessage = ({ data }: MessageEvent<CellJob>) => thread.postMessage(data);
