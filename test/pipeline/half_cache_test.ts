import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { openExperiment, parseProfile, type Profile, train } from "../../src/pipeline/mod.ts";
import { Store } from "../../src/store.ts";

const path = "benchmarks/profiles/smoke.json", smoke = parseProfile(await Deno.readTextFile(path), path);
const half: Profile = { ...smoke, rollout: { kvCache: "float16" } };

/** Trains in a store, with a number of rows, up to a step. */
async function trained(directory: string, profile: Profile, steps: number, rolloutBatch: number) {
  const experiment = await openExperiment({
    profile: { ...profile, training: { ...profile.training, steps } },
    root: ".",
    provider: "cpu",
    files: { model: "benchmarks/model", datasets: {} },
    sources: { digest: "0".repeat(64), commit: null, dirty: "unknown" },
  });
  const notices: string[] = [], store = new Store(directory), quiet = { onProgress: () => {} };
  const context = { experiment, store, provider: "cpu", rolloutBatch, ...quiet } as const;
  const record = await train({ ...context, onNotice: (text) => void notices.push(text) }, "grpo", 1);
  return { record, notices };
}

Deno.test("a run with float16 caches goes on from its first step to the same bytes, whatever its rollout batch", async () => {
  const [whole, parts] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const { record } = await trained(whole, half, 2, 8);
    await trained(parts, half, 1, 3);
    const resumed = await trained(parts, half, 2, 5);
    assert(resumed.notices.some((text) => text.includes("goes on from step 1 of 2")));
    assertEquals(resumed.record.checkpoint, record.checkpoint);
    assertEquals(resumed.record.metrics, record.metrics);
    // What the caches round is seen, and is less than what stops a run.
    for (const { logprobGap } of record.metrics) {
      assertGreater(logprobGap, 1e-5);
      assertLess(logprobGap, 0.1);
    }
  } finally {
    for (const directory of [whole, parts]) await Deno.remove(directory, { recursive: true });
  }
});
