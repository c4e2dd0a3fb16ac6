import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type JobContext, parseProfile, Pool } from "../../src/pipeline/mod.ts";
import { readRecord, type RecordFile } from "../../src/store.ts";
import { exists, finish, Lab, tiny } from "./lab.ts";

/** So large a learning rate that the first update leaves float32's range. */
const training = { ...tiny.training, steps: 1, learningRate: 1e30, updatesPerStep: 1, internalSteps: 0 };

Deno.test("a run that leaves the numbers is told with method, seed and step; its batch is kept; nothing is signed", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile({ ...tiny, methods: ["grpo"], training });
  const { code, stderr } = await finish(await lab.reproduce(profile, "store", "out"));
  assertEquals(code, 1, stderr);
  assertMatch(
    stderr,
    /^error: Cannot finish step 1 of GRPO seed 1 \(full policy\): .* expected a finite number; /m,
  );
  assertStringIncludes(stderr, "lower training.learningRate");
  // The base model's evaluation was not ended by it.
  assertStringIncludes(stderr, "1 of 2 runs ended well and are recorded");
  assertEquals((await lab.records("store", "evaluation")).length, 2);
  assert(!await exists(lab.path("results", "out", "manifest.intoto.json")));
  assert(!await exists(lab.path("results", "out", "results.json")));
  const [path = ""] = await lab.records("store", "failure");
  assertStringIncludes(stderr, `the batch is in ${path}`);
  const { value } = await readRecord(path) as RecordFile;
  const { method, seed, step, batch } = value as {
    method: string;
    seed: number;
    step: number;
    batch: { responses: unknown[] };
  };
  assertEquals([method, seed, step, batch.responses.length], ["GRPO", 1, 1, 24]);
  // It is no state to go on from.
  assertEquals(await lab.records("store", "training"), []);
});

Deno.test("run() goes on with other jobs when one has failed", async () => {
  const path = "benchmarks/profiles/smoke.json", smoke = parseProfile(await Deno.readTextFile(path), path);
  const storeDirectory = await Deno.makeTempDir(), notices: string[] = [];
  const context: JobContext = {
    profile: { ...smoke, training: { ...smoke.training, steps: 1, learningRate: 1e30 } },
    root: ".",
    files: { model: "benchmarks/model", datasets: {} },
    storeDirectory,
    provider: "cpu",
    sources: { digest: "0".repeat(64), commit: null, dirty: "unknown" },
  };
  {
    const tell = (text: string) => void notices.push(text);
    using pool = new Pool(context, 1, { onProgress: () => {}, onNotice: tell, onWarning: tell });
    const [failed, base] = await Promise.allSettled([
      pool.run({ kind: "train", method: "grpo", seed: 5 }),
      pool.run({ kind: "evaluate", policy: undefined }),
    ]);
    assertEquals([failed.status, base.status], ["rejected", "fulfilled"]);
    // Nothing else is told but where the metrics are.
    assertEquals(notices.filter((text) => !/ writes its metrics to /.test(text)), []);
    assert(failed.status === "rejected");
    assertStringIncludes(failed.reason.message, "Cannot finish step 1 of GRPO seed 5");
  }
  await Deno.remove(storeDirectory, { recursive: true });
});
