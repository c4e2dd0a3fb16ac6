import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { initializeWeights, readTensors } from "../../src/model/mod.ts";
import { losses, methods, type Rollout, type TrainerSettings, trainStep } from "../../src/rl/mod.ts";
import type { Runtime } from "../../src/runtime/mod.ts";
import { openLearner, openSampler, randomBatch, relativeDifference, tinyConfig } from "../rl/tiny_model.ts";
import { cpu, testEach } from "./providers.ts";

const settings: TrainerSettings = {
  method: methods.grpo,
  loss: losses.reference,
  seed: 1,
  steps: 2,
  promptsPerStep: 2,
  groupSize: 4,
  updatesPerStep: 1,
  layers: 2,
  internalLayer: 1,
  internalSteps: 1,
  schedule: { peak: 5e-3, warmupSteps: 0, finalShare: 1 },
  microBatchTokens: 64,
  maxResponseTokens: 12,
  logprobTolerance: 1e-3,
};

const task = {
  prompts: [[3, 4], [5], [9, 9, 9], [20, 31, 8]],
  reward: (_problem: number, { response }: Rollout): number =>
    response.filter((token) => token % 2 === 1).length / response.length,
};

const config = tinyConfig({ layers: 2 });

async function open(runtime: Runtime, of = config) {
  const weights = initializeWeights(of, 5);
  const learner = await openLearner(of, { weights, layer: 1, on: runtime });
  return { learner, sampler: await openSampler(of, { batch: 8 }, runtime) };
}

testEach("a rollout is decided by its noise, as on the CPU", async (runtime) => {
  const requests = [0, 1, 2, 3, 4, 5, 6].map((sample) => ({
    prompt: [3, 1 + sample],
    problem: sample % 3,
    sample,
  }));
  const sample = async (on: Runtime, batch: number): Promise<Rollout[]> => {
    const learner = await openLearner(config, { on });
    const sampler = await openSampler(config, { batch }, on);
    const rollouts = await sampler.sample(learner.parameters, requests, [1, 2]);
    await sampler.dispose();
    await learner.dispose();
    return rollouts;
  };
  const expected = await sample(cpu, 4),
    [first, again, wide] = [
      await sample(runtime, 4),
      await sample(runtime, 4),
      await sample(runtime, 8),
    ];
  assertEquals(again, first);
  const tokens = (rollouts: readonly Rollout[]) => rollouts.map(({ response }) => response);
  assertEquals(tokens(first), tokens(expected));
  assertEquals(tokens(wide), tokens(expected));
  first.forEach(({ logprobs }, i) => {
    logprobs.forEach((value, t) => assertLess(Math.abs(value - (expected[i]?.logprobs[t] ?? NaN)), 1e-5));
  });
});

testEach("gradients accumulate over micro-batches as on the CPU", async (runtime) => {
  const { sequences, targets, tokens } = randomBatch(6, 40, 3);
  const gradients = async (on: Runtime, policy: "full" | 1): Promise<Map<string, Float32Array>> => {
    const { learner, sampler } = await open(on);
    // The second sum starts anew.
    for (const each of [targets.slice().reverse(), targets]) {
      await learner.accumulate(policy, sequences, each, tokens, 40);
    }
    const sums = await learner.gradients(policy);
    await sampler.dispose();
    await learner.dispose();
    return sums;
  };
  for (const policy of ["full", 1] as const) {
    assertLess(relativeDifference(await gradients(runtime, policy), await gradients(cpu, policy)), 2e-5);
  }
});

for (const method of [methods.grpo, methods.bupo]) {
  testEach(`a step of ${method.label} changes what it changes on the CPU`, async (runtime) => {
    const step = async (on: Runtime) => {
      const { learner, sampler } = await open(on);
      const { metrics, seconds } = await trainStep({ ...settings, method }, learner, sampler, task, 1);
      const tensors = await readTensors(learner.state());
      await learner.dispose();
      await sampler.dispose();
      return {
        metrics,
        seconds,
        state: new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array])),
      };
    };
    const actual = await step(runtime), expected = await step(cpu);
    for (const [name, value] of Object.entries(expected.metrics)) {
      const other = actual.metrics[name as keyof typeof actual.metrics];
      if (typeof value !== "number" || name === "logprobGap") assert(other !== undefined);
      else assertLess(Math.abs(Number(other) - value), 1e-5 + 1e-4 * Math.abs(value), name);
    }
    assertLess(actual.metrics.logprobGap, 1e-4);
    const floats = [...expected.state.keys()].filter((name) => !name.endsWith("_steps"));
    const only = (state: Map<string, Float32Array>, end: RegExp) =>
      new Map(
        floats.filter((name) => end.test(name)).map((name) => [name, state.get(name) ?? new Float32Array()]),
      );
    for (const part of [/weight$/, /exp_avg$|moment|_m$/, /./]) {
      assertLess(relativeDifference(only(actual.state, part), only(expected.state, part)), 1e-3);
    }
    assertEquals(actual.seconds.transferred.up > 0, runtime.provider !== "cpu");
  });
}

testEach("200 steps take no more of the device than the first ones", async (runtime) => {
  const before = runtime.memory;
  const { learner, sampler } = await open(runtime, tinyConfig({ layers: 1 }));
  const { sequences, targets, tokens } = randomBatch(2, 40, 1);
  // Gradients and caches are placed when they are first needed.
  await learner.accumulate("full", sequences, targets, tokens, 1000);
  await sampler.sample(learner.parameters, [{ prompt: [1, 2], problem: 0, sample: 0 }], [1, 0]);
  const placed = runtime.memory;
  if (runtime.provider !== "cpu") assertGreater(placed.bytes, before.bytes);
  let early = 0; // bytes of this process after half of the steps
  for (let step = 1; step <= 200; step++) {
    await learner.accumulate("full", sequences, targets, tokens, 1000);
    await learner.step("full", 1e-4);
    if (step % 10 === 0) {
      const requests = [{ prompt: [1, 2], problem: 0, sample: step }];
      await sampler.sample(learner.parameters, requests, [1, step]);
      await learner.score(sequences, 1000);
    }
    assertEquals(runtime.memory, placed);
    if (step === 100) early = Deno.memoryUsage().rss;
  }
  // A driver that computes on the CPU keeps the device's memory in this process.
  assertLess(Deno.memoryUsage().rss - early, 64 * 2 ** 20);
  await learner.dispose();
  await sampler.dispose();
  assertEquals(runtime.memory, before);
});

testEach("what crosses in a step does not grow with the number of parameters", async (runtime) => {
  const moved: { up: number; down: number }[] = [], parameters: number[] = [];
  for (const layers of [1, 3]) {
    const { learner, sampler } = await open(runtime, tinyConfig({ layers }));
    parameters.push(
      Object.values(learner.parameters).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
    );
    const { sequences, targets, tokens } = randomBatch(4, 40, 2);
    const once = async (): Promise<void> => {
      await learner.score(sequences, 64);
      await learner.accumulate("full", sequences, targets, tokens, 64);
      await learner.step("full", 1e-4);
      await sampler.sample(learner.parameters, [{ prompt: [1, 2], problem: 0, sample: 0 }], [1, 2]);
    };
    await once(); // gradients and caches are placed when they are first needed
    const before = runtime.transfers;
    await once();
    const after = runtime.transfers;
    moved.push({ up: after.up - before.up, down: after.down - before.down });
    await learner.dispose();
    await sampler.dispose();
  }
  assertGreater(parameters[1] as number, 1.8 * (parameters[0] as number));
  if (runtime.provider === "cpu") assertEquals(moved, [{ up: 0, down: 0 }, { up: 0, down: 0 }]);
  else {
    // The step counters of the parameters, 8 bytes each, are all that is more; the number of sampled tokens may differ.
    assertLess(moved[1]?.up ?? NaN, (moved[0]?.up ?? NaN) + 2000);
    assertLess(moved[1]?.up ?? NaN, 4 * (parameters[0] as number));
    assertLess(moved[1]?.down ?? NaN, 2000 + (moved[0]?.down ?? NaN));
  }
});
