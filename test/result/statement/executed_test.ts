import { assert, assertEquals } from "@std/assert";
import { executedEnvironment, type RunMaker } from "../../../src/result/mod.ts";
import { environmentSchema } from "../../../src/result/statement/statement.ts";

const maker = {
  ...{ sources: "0".repeat(64), commit: null, dirty: false, records: ["train grpo-1"] },
  ...{ provider: "cpu", kernels: "avx avx2", onnxruntime: "1.30.0", deno: "2.9.6" },
  ...{ os: "linux 6", arch: "x86_64", cpu: "A" },
} satisfies RunMaker;

Deno.test("executedEnvironment() has each fact once for every value, and a GPU with its driver", () => {
  const { kernels: instructions, provider, onnxruntime, deno, os, arch, cpu } = maker;
  assertEquals(executedEnvironment([maker, maker], 2), {
    ...{ provider, threads: 2, onnxruntime, deno, os, arch, cpu, instructions },
  });
  const other = { ...maker, kernels: "avx avx2 avx512f", cpu: "B", os: "linux 5" };
  assertEquals(executedEnvironment([maker, other, maker], 1), {
    ...{ provider, threads: 1, onnxruntime, deno, arch },
    ...{ os: "linux 6; linux 5", cpu: "A; B", instructions: "avx avx2; avx avx2 avx512f" },
  });
  const gpu = executedEnvironment([{ ...maker, provider: "cuda", kernels: "NVIDIA H200", driver: "580" }], 1);
  assertEquals([gpu.provider, gpu.driver, gpu.instructions], ["cuda (NVIDIA H200)", "580", undefined]);
  // An architecture that stands for instructions which nobody told is none of them.
  assertEquals(executedEnvironment([{ ...maker, kernels: "x86_64" }], 1).instructions, undefined);
  const { os: _, cpu: __, ...older } = maker;
  assertEquals(executedEnvironment([older], 1).cpu, "unknown");
});

Deno.test("executedEnvironment() of many machines fits into a statement", () => {
  const many = Array.from({ length: 200 }, (_, i) => ({ ...maker, cpu: `a processor with number ${i}` }));
  const { cpu } = environmentSchema.parse(executedEnvironment(many, 1));
  assert(/; and \d+ more$/.test(cpu), cpu);
});
