/**
 * Computes one long row with the embedded model in a process of its own, and prints as JSON what memory that took and what
 * the cost of the graph foretold. It may read /proc, which needs all permissions.
 *
 * @module
 */

import { evaluationGraph, gradientName, outputName, trainingGraph } from "../../src/artifact/mod.ts";
import { parameterShapes, parseConfig, plainLayout } from "../../src/model/mod.ts";
import { type DeviceTensor, openRuntime } from "../../src/runtime/mod.ts";
import { graphCost, toOnnx } from "../../src/tensor/mod.ts";
import { objective } from "../rl/tiny_model.ts";

/** What a process measured, in bytes. */
export interface RowMemory {
  /** The most that was resident during the run beyond what was before it. */
  readonly measured: number;
  /** The most intermediate values at a time, as the graph's cost says. */
  readonly counted: number;
}

/** Bytes that this process holds, or the most it ever held. */
function resident(which: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]);
}

/** Runs one row of a length through the training or the evaluation graph. */
async function rowMemory(
  kind: string,
  length: number,
  attentionBlock: number | undefined,
  checkpointing: boolean,
): Promise<RowMemory> {
  const config = parseConfig(
    await Deno.readTextFile(new URL("../../benchmarks/model/config.json", import.meta.url)),
  );
  const training = kind === "training", runtime = openRuntime({ provider: "cpu", threads: 1 });
  const graph = training
    ? trainingGraph({ config, policy: "full", objective, attentionBlock, checkpointing })
    : evaluationGraph(config, undefined, plainLayout, attentionBlock);
  const session = await runtime.load(toOnnx(graph)), shape = [1, length];
  const floats = (sizes: readonly number[], of: (i: number) => number): DeviceTensor =>
    runtime.upload(
      "float32",
      sizes,
      Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
    );
  const integers = (of: (i: number) => number): DeviceTensor =>
    runtime.upload("int64", shape, BigInt64Array.from({ length }, (_, i) => BigInt(of(i))));
  const feeds: Record<string, DeviceTensor> = {
    input_ids: integers((i) => i * 7 % 400),
    target_ids: integers((i) => (i + 1) * 7 % 400),
    position_ids: integers((i) => i),
    segment_ids: integers(() => 1),
    temperature: floats([], () => 1),
  };
  const place: Record<string, DeviceTensor> = {};
  for (const [name, sizes] of parameterShapes(config)) {
    feeds[name] = floats(sizes, (i) => sizes.length === 1 ? 1 : Math.sin(i) / 12);
    if (!training) continue;
    feeds[gradientName(name)] = floats(sizes, () => 0);
    place[outputName(gradientName(name))] = feeds[gradientName(name)] as DeviceTensor; // made above
  }
  if (training) {
    for (const name of ["old_logprobs", "advantages", "weights", "metric_weights"]) {
      feeds[name] = floats(shape, () => 1 / length);
    }
    feeds.reset_gradient = runtime.upload("bool", [], Uint8Array.of(1));
  }
  const before = resident("VmRSS");
  await session.run(feeds, place);
  const { peakBytes } = graphCost(graph)({ batch: 1, sequence: length });
  return { measured: resident("VmHWM") - before, counted: peakBytes };
}

if (import.meta.main) {
  const [kind = "", length, block, checkpointing] = Deno.args;
  const measured = await rowMemory(
    kind,
    Number(length),
    block === "whole" ? undefined : Number(block),
    checkpointing === "checkpointing",
  );
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(measured)}\n`));
}
