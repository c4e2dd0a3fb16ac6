import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { canonicalJson } from "../../../src/canonical_json.ts";
import {
  type Engine,
  evaluationKey,
  type Experiment,
  openExperiment,
  parseProfile,
  type Profile,
  trainingKey,
} from "../../../src/pipeline/mod.ts";
import { openSampler } from "../../../src/pipeline/stage/context.ts";
import { openRuntime } from "../../../src/runtime/mod.ts";
import { Store } from "../../../src/store.ts";

const path = "benchmarks/profiles/smoke.json", smoke = parseProfile(await Deno.readTextFile(path), path);
const sources = { digest: "0".repeat(64), commit: null, dirty: "unknown" } as const;

async function open(changes: Partial<Profile> = {}): Promise<Experiment> {
  const files = { model: "benchmarks/model", datasets: {} };
  return await openExperiment({
    profile: { ...smoke, ...changes },
    root: ".",
    provider: "cpu",
    files,
    sources,
  });
}

const experiment = await open();
const training = (of: Experiment): string => canonicalJson(trainingKey(of, "bupo", 1));
const evaluation = (of: Experiment): string =>
  canonicalJson(of.suites.map((suite) => evaluationKey(of, suite, "1".repeat(64))));

/** Settings of training that change no byte of a step. */
const free: Partial<Profile>[] = [
  { rolloutBatch: 4 },
  { name: "another", description: "another" },
  { training: { ...smoke.training, steps: 9 } },
  { training: { ...smoke.training, checkpointEvery: 9 } },
  { training: { ...smoke.training, checkpointing: true } },
  { training: { ...smoke.training, gradientShards: 1 } },
];

Deno.test("keys hold what can change a record, and nothing else", async () => {
  for (const changes of free) {
    const other = await open(changes);
    assertEquals([training(other), evaluation(other)], [training(experiment), evaluation(experiment)]);
  }
  const bound: Partial<Profile>[] = [
    { temperature: 0.5 },
    { maxResponseTokens: 9 },
    { maxPromptTokens: smoke.maxPromptTokens + 1 },
    { threads: 2 },
    { rollout: { kvCache: "float16" } },
    { wording: { instruction: "Be brief." } },
    { loss: "paper" },
    { optimizer: { ...smoke.optimizer, epsilon: 1e-6 } },
    { training: { ...smoke.training, learningRate: 1 } },
    { training: { ...smoke.training, microBatchTokens: 9 } },
    { training: { ...smoke.training, problems: 5 } },
    { training: { ...smoke.training, gradientShards: 2 } },
    { training: { ...smoke.training, probe: { everySteps: 2, problems: 4, layers: "all" } } },
  ];
  for (const changes of bound) {
    assertNotEquals(training(await open(changes)), training(experiment), JSON.stringify(changes));
  }
  for (const changes of bound.slice(0, 6)) {
    assertNotEquals(evaluation(await open(changes)), evaluation(experiment), JSON.stringify(changes));
  }
});

Deno.test("where a file lies is in no key, and what is in it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const at = async (place: string, rows: number): Promise<string[]> => {
      const path = `${folder}/${place}/exam.jsonl`;
      const lines = Array.from(
        { length: rows },
        (_, i) => JSON.stringify({ problem: `${i}+1`, answer: i + 1 }),
      );
      await Deno.mkdir(`${folder}/${place}`, { recursive: true });
      await Deno.writeTextFile(path, lines.join("\n"));
      const suites = { suites: [path], problems: undefined };
      const opened = await open({
        training: { ...smoke.training, ...suites, probe: undefined },
        evaluation: { ...smoke.evaluation, ...suites },
      });
      return [training(opened), evaluation(opened)];
    };
    const first = await at("one", 4), [train, evaluate] = await at("three", 5);
    assertEquals(await at("two", 4), first);
    assertNotEquals(train, first[0]);
    assertNotEquals(evaluate, first[1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the rollout batch is in keys, and not to be changed, where 16-bit layers share products among threads", async () => {
  const half = { precision: "float16", threads: 2 } as const, other = { rolloutBatch: 12 };
  for (const each of [half, { ...half, precision: "bfloat16" } as const]) {
    const one = await open(each), another = await open({ ...each, ...other });
    assertNotEquals(training(one), training(another));
    assertNotEquals(evaluation(one), evaluation(another));
  }
  for (const each of [{ ...half, threads: 1 }, { ...half, precision: "float32" } as const]) {
    const one = await open(each), another = await open({ ...each, ...other });
    assertEquals([training(one), evaluation(one)], [training(another), evaluation(another)]);
  }
  const stage = async (changes: Partial<Profile>, rolloutBatch: number) => {
    const quiet = { onProgress: () => {}, onNotice: () => {} };
    const context = { experiment: await open(changes), store: new Store(".store"), provider: "cpu" } as const;
    const sampler = await openSampler(
      { ...context, ...quiet, rolloutBatch },
      openRuntime({ provider: "cpu", threads: 2 }),
    );
    await sampler.dispose();
  };
  await assertRejects(
    () => stage(half, 12),
    RangeError,
    "Cannot use --rollout-batch 12 with 16-bit layers on 2 threads of the CPU",
  );
  await stage(half, smoke.rolloutBatch);
  await stage({ threads: 2 }, 12);
});

Deno.test("keys hold the sources and each part of the engine", () => {
  const changed: Experiment[] = [
    { ...experiment, sources: { ...sources, digest: "1".repeat(64) } },
    ...(Object.keys(experiment.engine) as (keyof Engine)[]).map((part) => {
      return { ...experiment, engine: { ...experiment.engine, [part]: "another" } };
    }),
  ];
  assertEquals(changed.length, 5);
  for (const other of changed) {
    assertNotEquals(training(other), training(experiment));
    assertNotEquals(evaluation(other), evaluation(experiment));
  }
  // Commit and machine are what a record tells, the digest what it is found by.
  const machine = { os: "another", arch: "another", cpu: "another", driver: "another" };
  const elsewhere = { ...experiment, machine, sources: { ...sources, commit: "a".repeat(40), dirty: true } };
  assertEquals([training(elsewhere), evaluation(elsewhere)], [training(experiment), evaluation(experiment)]);
});
