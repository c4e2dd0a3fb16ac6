import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import { holdsTooMuch } from "../../src/runtime/arena.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import * as t from "../../src/tensor/mod.ts";

const linux = Deno.build.os === "linux";
const suffix = linux ? "" : " (ignored: /proc is Linux's)";
const WIDTH = 4096, PAGE = 4096;
const runtime = openRuntime({ provider: "cpu", threads: 1 });

/** A graph whose intermediate values are WIDTH times as large as its inputs. */
async function wide(): Promise<(rows: number) => Promise<void>> {
  const x = t.input("x", "float32", ["rows"]), w = t.input("w", "float32", [WIDTH]);
  const outer = t.mul(t.unsqueeze(x, [1]), t.unsqueeze(w, [0]));
  const y = t.sum(t.exp(t.sub(outer, t.max(outer, [1], true))), [1]);
  const session = await runtime.load(t.toOnnx({ name: "wide", inputs: [x, w], outputs: { y } }));
  const weights = runtime.upload("float32", [WIDTH], new Float32Array(WIDTH).fill(0.1));
  return async (rows) => {
    using ones = runtime.upload("float32", [rows], new Float32Array(rows).fill(1));
    const { y } = await session.run({ x: ones, w: weights });
    y?.dispose();
  };
}

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
