import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import { holdsTooMuch } from "../../src/runtime/arena.ts";
import { wide, WIDTH } from "./wide.ts";

const linux = Deno.build.os === "linux";
const suffix = linux ? "" : " (ignored: /proc is Linux's)";
const PAGE = 4096;

/** Pages that this process touched for the first time since it began. */
function faults(): number {
  return Number(Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ")[7]);
}

/** Resident bytes. */
function resident(): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}

Deno.test("an arena holds too much beyond a tenth more than its peak, unless it is small", () => {
  const mebibytes = (total: number, peak: number): boolean =>
    holdsTooMuch({ total: total * 2 ** 20, peak: peak * 2 ** 20 });
  assertEquals([mebibytes(1100, 1000), mebibytes(1101, 1000), mebibytes(60, 1), mebibytes(65, 1)], [
    false,
    true,
    false,
    true,
  ]);
});

Deno.test({
  name: `a run computes in the memory that the one before it has freed${suffix}`,
  ignore: !linux,
  fn: async () => {
    const run = await wide(), rows = 2048, pages = 4 * rows * WIDTH / PAGE;
    await run(rows);
    const before = faults();
    for (let i = 0; i < 4; i++) await run(rows);
    assertLess((faults() - before) / 4, pages / 4, `${pages} pages a value`);
  },
});

Deno.test({
  name: `runs of ever larger sizes do not pile up what the smaller ones needed${suffix}`,
  ignore: !linux,
  fn: async () => {
    const run = await wide(), largest = 4 * 4096 * WIDTH;
    await run(512);
    const before = resident();
    let sum = 0;
    for (let rows = 640; rows <= 4096; rows += 128) {
      await run(rows);
      sum += 4 * rows * WIDTH;
      await delay(25);
    }
    assertGreater(sum, 15 * largest);
    // Values of two sizes, and what a run needs besides.
    assertLess(resident() - before, 4 * largest);
  },
});

Deno.test({
  name: `a run computes in the memory that another thread's run has freed${suffix}`,
  ignore: !linux,
  fn: async () => {
    const run = await wide(), rows = 8192, pages = 4 * rows * WIDTH / PAGE;
    const worker = new Worker(import.meta.resolve("./wide_worker.ts"), { type: "module" });
    const done = new Promise((resolve) => worker.onmessage = resolve);
    worker.postMessage(rows);
    await done;
    const before = faults();
    await run(rows);
    assertLess(faults() - before, pages / 4, `${pages} pages a value`);
    worker.terminate();
  },
});
