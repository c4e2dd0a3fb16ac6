import { assertEquals } from "@std/assert";
import { earlierStretches, type Made } from "../../src/pipeline/mod.ts";

const made: Made = {
  sources: { digest: "0".repeat(64), commit: "a".repeat(40), dirty: false },
  engine: { provider: "cpu", kernels: "avx", onnxruntime: "1.30.0", deno: "2.9.6" },
  machine: { os: "linux 6", arch: "x86_64", cpu: "A" },
};

Deno.test("a stretch of a training goes on only where the same code on the same machine goes on", () => {
  const first = { ...made, step: 3 }, there = { ...made, machine: { ...made.machine, cpu: "B" } };
  assertEquals(earlierStretches([], made), []);
  assertEquals(earlierStretches([first], made), []);
  assertEquals(earlierStretches([first], there), [first]);
  // Back where it was before, it does not swallow what was made between.
  const between = { ...there, step: 5 };
  assertEquals(earlierStretches([first, between], made), [first, between]);
  assertEquals(earlierStretches([first, between], there), [first]);
  const kernels = { ...made, engine: { ...made.engine, kernels: "avx avx2" } };
  assertEquals(earlierStretches([first], kernels), [first]);
});
