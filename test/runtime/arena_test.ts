import { assertEquals, assertLess } from "@std/assert";
import { fileURLToPath } from "node:url";
import { holdsTooMuch } from "../../src/runtime/arena.ts";
import { runDeno } from "../tasks/run_task.ts";
import type { Probe } from "./arena_probe.ts";
import { WIDTH } from "./wide.ts";

const linux = Deno.build.os === "linux";
const suffix = linux ? "" : " (ignored: /proc is Linux's)";
const PAGE = 4096, probe = fileURLToPath(new URL("arena_probe.ts", import.meta.url));

/** What a process of its own measured. */
async function measured(name: Probe): Promise<number> {
  const { code, stdout, stderr } = await runDeno(["run", "-A", "--quiet", "--no-check", probe, name]);
  assertEquals([code, stderr], [0, ""]);
  return Number(stdout);
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
  fn: async () => assertLess(await measured("again"), 4 * 2048 * WIDTH / PAGE / 4),
});

Deno.test({
  name: `runs of ever larger sizes do not pile up what the smaller ones needed${suffix}`,
  ignore: !linux,
  // Values of two sizes, and what a run needs besides; all sizes together are more than 15 times the largest.
  fn: async () => assertLess(await measured("larger"), 4 * (4 * 4096 * WIDTH)),
});

Deno.test({
  name: `what runs have freed goes back to the system where that is asked for${suffix}`,
  ignore: !linux,
  fn: async () => assertLess(await measured("back"), 4 * 4096 * WIDTH / 4),
});

Deno.test({
  name: `a run computes in the memory that another thread's run has freed${suffix}`,
  ignore: !linux,
  fn: async () => assertLess(await measured("shared"), 4 * 8192 * WIDTH / PAGE / 4),
});
