import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Job, type JobContext, JobError, jobName, parseProfile, Pool } from "../../src/pipeline/mod.ts";

const smoke = parseProfile(await Deno.readTextFile("benchmarks/profiles/smoke.json"), "smoke.json");
const profile = {
  ...smoke,
  maxResponseTokens: 8,
  evaluation: { ...smoke.evaluation, suites: ["mini-aime", "mini-math"], problems: 2, samples: 2 },
};

/** Runs a test with a pool on a store of its own. */
async function withPool(
  changes: Partial<JobContext["profile"]>,
  size: number,
  test: (pool: Pool, progress: readonly string[]) => Promise<void>,
  model = "benchmarks/model",
): Promise<void> {
  const storeDirectory = await Deno.makeTempDir(), progress: string[] = [];
  const context: JobContext = {
    profile: { ...profile, ...changes },
    root: ".",
    files: { model, datasets: {} },
    storeDirectory,
    provider: "cpu",
    sources: { digest: "0".repeat(64), commit: null, dirty: "unknown" },
  };
  try {
    using pool = new Pool(context, size, {
      onProgress: (job, done, total) => progress.push(`${job} ${done}/${total}`),
      onNotice: (text) => progress.push(text),
      onWarning: (text) => progress.push(text),
    });
    await test(pool, progress);
  } finally {
    await Deno.remove(storeDirectory, { recursive: true });
  }
}

const base: Job = { kind: "evaluate", policy: undefined };

Deno.test("run() answers every job, in more jobs than workers, and tells how far each is", async () => {
  await withPool({}, 1, async (pool, progress) => {
    const [first, second] = await Promise.all([pool.run(base), pool.run(base)]);
    assertEquals(first, second);
    assertEquals(Object.keys(first ?? {}), [...profile.evaluation.suites]);
    // 2 suites of 2 problems with 2 samples; the second job finds the first's records.
    assertEquals(progress.filter((line) => line === "evaluate Base 8/8").length, 2);
    for (const { correct, responses, tokens } of Object.values(first ?? {})) {
      assertEquals([correct.length, responses.length, responses[0]?.length], [2, 2, 2]);
      assert(correct.every((count) => count >= 0 && count <= 2) && tokens > 0 && tokens <= 32);
    }
  });
});

Deno.test("run() rejects with the worker's reason; a failed job does not end the others", async () => {
  await withPool({}, 1, async (pool) => {
    for (let i = 0; i < 2; i++) {
      assertStringIncludes((await assertRejects(() => pool.run(base), JobError)).message, "no/model");
    }
  }, "no/model");
  await withPool({}, 1, async (pool) => {
    const policy = { method: "grpo", seed: 1, checkpoint: "0".repeat(64) } as const;
    await assertRejects(
      () => pool.run({ kind: "evaluate", policy }),
      JobError,
      "Cannot use GRPO seed 1 after step 2: nothing of it is saved",
    );
    assertEquals(Object.keys(await pool.run(base)), [...profile.evaluation.suites]);
  });
});

Deno.test("jobName() says what a job does", () => {
  const policy = { method: "bupo", seed: 2, checkpoint: "" } as const;
  const jobs: readonly Job[] = [
    { kind: "train", method: "grpo", seed: 1 },
    { kind: "evaluate", policy },
    base,
  ];
  assertEquals(jobs.map(jobName), ["train GRPO seed 1", "evaluate BuPO seed 2", "evaluate Base"]);
});
