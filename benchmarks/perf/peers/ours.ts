/**
 * The product itself, working on request.
 *
 *     deno run -A benchmarks/perf/peers/ours.ts THREADS
 *
 * @module
 */

import { cpuInstructions, onnxRuntimeVersion, openRuntime } from "../../../src/runtime/mod.ts";
import { serve } from "./serve.ts";
import { worker } from "./works.ts";

await serve({
  about: () => ({
    version: `onnxruntime ${onnxRuntimeVersion()}, Deno ${Deno.version.deno}`,
    kernel: cpuInstructions() ?? "unknown",
  }),
  prepare: worker(openRuntime({ provider: "cpu", threads: Number(Deno.args[0] ?? 1) })),
});
