import { assertEquals, assertStringIncludes } from "@std/assert";
import { judged } from "./forger.ts";
import { copyRun, isOf } from "./edits.ts";
import { copyOf, digestOf, honestParts, type Loose, type Parts } from "./honest.ts";

const honest = await honestParts();
const STEPS: number = honest.record.profile.training.steps;
const BASE = { method: "base", seed: null };

/** The trained runs of a result. */
function trained({ record }: Parts): { method: string; seed: number }[] {
  return record.runs.flatMap(({ method, seed }: Loose) => seed === null ? [] : [{ method, seed }]);
}

/** The honest result as it is where no response was ever right: every run is the base model still, and says so. */
function withoutReward(): Parts {
  const parts = copyOf(honest), logs = structuredClone(parts.logs), probes = structuredClone(parts.probes);
  for (const run of trained(parts)) {
    copyRun(parts, BASE, run, () => digestOf("the base model's weights"));
    const copy = parts.record.runs.find((one: Loose) => isOf(one, run));
    copy.silentSteps = STEPS;
    for (const step of logs[`${run.method}-${run.seed}`] ?? []) step.rewardMean = 0;
  }
  return { ...parts, logs, probes };
}

Deno.test("where no reward ever came, all runs are the base model, and the result is whole", async () => {
  const { judgement, problems } = await judged(withoutReward(), { options: { regrade: { workers: 1 } } });
  assertEquals([judgement.fault, problems, judgement.whole], [null, [], true]);
});

Deno.test("runs of one checkpoint are refused where one of them is not marked for all of its steps", async () => {
  const parts = withoutReward();
  parts.record.runs[1].silentSteps = STEPS - 1;
  const { claims } = (await judged(parts)).judgement;
  assertStringIncludes(JSON.stringify(claims.seeds), "they have one checkpoint");
});

Deno.test("the mark hides no copy: what nothing changed has to write what the base model writes", async () => {
  const parts = copyOf(honest), [first, ...others] = trained(parts).filter(({ method }) => method === "grpo");
  for (const run of others) if (first) copyRun(parts, first, run, () => digestOf(`${run.seed}`));
  for (const run of parts.record.runs) if (run.method === "grpo") run.silentSteps = STEPS;
  const { claims } = (await judged(parts)).judgement;
  assertStringIncludes(JSON.stringify(claims.samples), "so they are one run");
});

Deno.test("a layer that the seed draws may be one that another method names, and with another seed it may not", async () => {
  const parts = copyOf(honest), bupo = (seed: number) => ({ method: "bupo", seed });
  const drawn = (seed: number) => ({ method: "drawn", seed });
  parts.record.profile.methods.push({ name: "drawn", row: "bupo_random_layer" });
  const logs = structuredClone(parts.logs), probes = structuredClone(parts.probes);
  for (const seed of [1, 2, 3]) {
    copyRun(parts, bupo(seed), drawn(seed));
    parts.logs[`drawn-${seed}`] = structuredClone(logs[`bupo-${seed}`] ?? []);
    parts.probes[`drawn-${seed}`] = structuredClone(probes[`bupo-${seed}`] ?? []);
  }
  const { claims } = (await judged(parts)).judgement;
  assertEquals([claims.seeds.state, claims.samples.state, claims.byproducts.state], [
    "proved",
    "proved",
    "proved",
  ]);
  copyRun(parts, bupo(1), drawn(1), () => digestOf("its own"));
  copyRun(parts, bupo(1), drawn(2));
  const other = (await judged(parts)).judgement.claims.seeds;
  assertStringIncludes(
    JSON.stringify(other),
    "bupo with seed 1 and drawn with seed 2: they have one checkpoint",
  );
});
