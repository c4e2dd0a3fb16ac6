/**
 * A thread of `shards_test.ts`: it trains some methods together with the others.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { canonicalJson, sha256 } from "../../../src/canonical_json.ts";
import type { ProfileMethod } from "../../../src/pipeline/mod.ts";
import type { StepMetrics } from "../../../src/rl/mod.ts";
import { type Shared, threadCollective } from "../../collective/threads.ts";

/** What is trained: methods, with a number of shards. */
export interface ShardTask {
  readonly methods: readonly ProfileMethod[];
  readonly gradientShards: number | undefined;
}

/** What came of a method: the digest of all that trains, and the metrics of each step. */
export interface ShardOutcome {
  readonly state: string;
  readonly metrics: readonly StepMetrics[];
}

// The web build of ONNX Runtime resolves its files against it; in a worker it is the text "null".
Object.defineProperty(globalThis, "location", { value: undefined, configurable: true });

self.onmessage = async ({ data }: MessageEvent<{ shared: Shared; rank: number; task: ShardTask }>) => {
  const { shared, rank, task: { methods, gradientShards } } = data, outcomes: ShardOutcome[] = [];
  // A module that waits while it loads would let the message pass.
  const { openRow, profileOf } = await import("../methods/row_lab.ts");
  const collective = threadCollective(shared, rank);
  for (const method of methods) {
    const changes = { promptsPerStep: 8, ...(gradientShards === undefined ? {} : { gradientShards }) };
    const run = await openRow(
      profileOf(method, { ...changes, steps: 2, internalSteps: 1 }),
      undefined,
      collective,
    );
    const metrics: StepMetrics[] = [];
    for (let step = 1; step <= 2; step++) metrics.push(await run.step(step, metrics));
    const state = [...await run.state()].map(([name, { data }]) => [name, Array.from(data, String)]);
    outcomes.push({ state: await sha256(new TextEncoder().encode(canonicalJson(state))), metrics });
    await run.dispose();
  }
  self.postMessage(outcomes);
};
