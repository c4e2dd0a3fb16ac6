/**
 * Runs the graph of `wide.ts` in a process of its own, since others would touch memory beside it, and prints as JSON what
 * the process touched and holds. It may read /proc, which needs all permissions.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import { openRuntime } from "../../src/runtime/mod.ts";
import { wide } from "./wide.ts";

/** Pages that this process touched for the first time since it began. */
function faults(): number {
  return Number(Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ")[7]);
}

/** Resident bytes. */
function resident(): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}

const probes = {
  /** Pages that a run touches after the one before it. */
  async again(): Promise<number> {
    const run = await wide(), rows = 2048;
    await run(rows);
    const before = faults();
    for (let i = 0; i < 4; i++) await run(rows);
    return (faults() - before) / 4;
  },
  /** Bytes that are held after runs of ever larger sizes, beyond those after the first. */
  async larger(): Promise<number> {
    const run = await wide();
    await run(512);
    const before = resident();
    for (let rows = 640; rows <= 4096; rows += 128) {
      await run(rows);
      await delay(25);
    }
    return resident() - before;
  },
  /** Bytes that are held after a run whose memory was given back, beyond those before it. */
  async back(): Promise<number> {
    const run = await wide();
    await run(64);
    const before = resident();
    await run(4096);
    await openRuntime({ provider: "cpu", threads: 1 }).giveBack();
    return resident() - before;
  },
  /** Pages that a run touches after one of another thread. */
  async shared(): Promise<number> {
    const run = await wide(), rows = 8192;
    const worker = new Worker(import.meta.resolve("./wide_worker.ts"), { type: "module" });
    const done = new Promise((resolve) => worker.onmessage = resolve);
    worker.postMessage(rows);
    await done;
    const before = faults();
    await run(rows);
    const touched = faults() - before;
    worker.terminate();
    return touched;
  },
} as const;

/** What can be measured. */
export type Probe = keyof typeof probes;

if (import.meta.main) {
  const [name] = Deno.args;
  const probe = Object.entries(probes).find(([one]) => one === name)?.[1];
  if (!probe) throw new RangeError(`Cannot measure "${name}": expected ${Object.keys(probes).join(", ")}`);
  Deno.stdout.writeSync(new TextEncoder().encode(`${await probe()}\n`));
}
