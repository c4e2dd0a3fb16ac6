import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { initializeWeights, readTensors } from "../../../src/model/mod.ts";
import {
  type Learner,
  LogprobMismatchError,
  losses,
  methods,
  type Rollout,
  type StepMetrics,
  stepPolicy,
  stepProblems,
  type TokenTargets,
  tokenWeights,
  type TrainerSettings,
  type TrainingTask,
  trainStep,
} from "../../../src/rl/mod.ts";
import { openLearner, openSampler, randomBatch, relativeDifference, tinyConfig } from "../tiny_model.ts";

const config = tinyConfig({ layers: 2 });
const settings: TrainerSettings = {
  method: methods.grpo,
  loss: losses.reference,
  seed: 1,
  steps: 15,
  promptsPerStep: 4,
  groupSize: 8,
  updatesPerStep: 2,
  layers: 2,
  internalLayer: 1,
  internalSteps: 3,
  schedule: { peak: 5e-3, warmupSteps: 0, finalShare: 1 },
  microBatchTokens: 256,
  maxResponseTokens: 12,
  logprobTolerance: 1e-3,
};

/** Rewards the share of token 7. */
const task: TrainingTask = {
  prompts: [[3, 4], [5], [9, 9, 9], [20, 31, 8], [12, 1], [2, 2, 5, 6]],
  reward: (_problem, { response }: Rollout): number =>
    response.filter((token) => token === 7).length / response.length,
};

/** Rewards something that always differs among responses. */
const varied: TrainingTask = {
  ...task,
  reward: (_problem, { response }) => response.reduce((sum, token) => sum + token, 0) / response.length,
};

interface Run {
  readonly metrics: readonly StepMetrics[];
  readonly learner: Learner;
}

/** Takes steps from random weights. */
async function run(overrides: Partial<TrainerSettings>, steps: number, own = task): Promise<Run> {
  const merged = { ...settings, ...overrides }, metrics: StepMetrics[] = [];
  const learner = await openLearner(config, { weights: initializeWeights(config, 5), layer: 1 });
  const sampler = await openSampler(config, { endIds: [0], batch: 16 });
  for (let step = 1; step <= steps; step++) {
    metrics.push((await trainStep(merged, learner, sampler, own, step)).metrics);
  }
  await sampler.dispose();
  return { metrics, learner };
}

Deno.test("trainStep() raises the reward of GRPO and BuPO, and reports finite numbers", async () => {
  for (const method of [methods.grpo, methods.bupo]) {
    const { metrics, learner } = await run({ method }, 15);
    await learner.dispose();
    const reward = (from: number, to: number): number =>
      metrics.slice(from, to).reduce((sum, { rewardMean }) => sum + rewardMean / (to - from), 0);
    assertGreater(reward(12, 15), 3 * reward(0, 2) + 0.1, method.label);
    metrics.forEach((step, i) => {
      for (const [name, value] of Object.entries(step)) {
        if (name === "policy") continue;
        // An update that was skipped has no loss.
        const numbers = typeof value === "object"
          ? Object.values(value).filter((one) => one !== null)
          : [value];
        assert(
          numbers.length > 0 && numbers.every(Number.isFinite),
          `${name} of step ${i + 1} is ${JSON.stringify(value)}`,
        );
      }
      for (const name of ["zeroVarianceGroups", "truncated", "clipFraction", "rewardMean"] as const) {
        assert(step[name] >= 0 && step[name] <= 1, name);
      }
      assertEquals([step.step, step.responseLength * 32], [i + 1, step.tokens]);
      assert(
        step.entropy > 0 && step.layerEntropy > 0 && step.entropy < Math.log(40) && step.logprobGap < 1e-4,
      );
      assert(step.gradientNorm > 0 && step.updateNorm > 0);
    });
    assertEquals(metrics[0]?.policy, method === methods.bupo ? 1 : "full");
  }
});

Deno.test("trainStep() of BuPO trains layer k for exactly the internal steps, then the full policy", async () => {
  for (const internalSteps of [0, 2]) {
    const { metrics, learner } = await run(
      { method: methods.bupo, internalSteps, updatesPerStep: 1 },
      4,
      varied,
    );
    assertEquals(metrics.map(({ skippedUpdates }) => skippedUpdates), [0, 0, 0, 0]);
    const counters = await readTensors(learner.state());
    await learner.dispose();
    assertEquals(
      metrics.map(({ policy }) => policy),
      [1, 2, 3, 4].map((step) => step <= internalSteps ? 1 : "full"),
    );
    const steps = (name: string): number => Number(counters.get(`${name}_steps`)?.data[0]);
    assertEquals(steps("model.layers.0.mlp.up_proj.weight"), 4);
    assertEquals(steps("model.layers.1.mlp.up_proj.weight"), 4 - internalSteps);
    assertEquals(steps("model.norm.weight"), 4 - internalSteps);
  }
  assertEquals(stepPolicy({ ...settings, method: methods.grpo, internalSteps: 9 }, 1), "full");
});

Deno.test("trainStep() skips updates without an advantage and leaves all state as it was", async () => {
  const { metrics, learner } = await run({}, 2, { ...task, reward: () => 1 });
  for (const step of metrics) {
    assertEquals([step.skippedUpdates, step.zeroVarianceGroups, step.rewardDeviation], [2, 1, 0]);
    assertEquals([step.gradientNorm, step.updateNorm, step.loss], [0, 0, 0]);
  }
  const fresh = await openLearner(config, { weights: initializeWeights(config, 5), layer: 1 });
  assertEquals(await readTensors(learner.state()), await readTensors(fresh.state()));
  await learner.dispose();
  await fresh.dispose();
  // With rewards that differ only among the second half of the prompts, only the first update is skipped.
  const half: TrainingTask = { prompts: task.prompts.slice(0, 4), reward: () => 1 };
  const second = new Set(stepProblems(1, 1, 4, 4).slice(2));
  half.reward = (problem, { response }) => second.has(problem) ? (response[0] ?? 0) % 2 : 1;
  const mixed = await run({}, 1, half);
  await mixed.learner.dispose();
  assertEquals([mixed.metrics[0]?.skippedUpdates, mixed.metrics[0]?.zeroVarianceGroups], [1, 0.5]);
});

Deno.test("trainStep() gives the same metrics and state for the same seed, and others for another", async () => {
  const [first, second, other] = [await run({}, 2), await run({}, 2), await run({ seed: 2 }, 2)];
  assertEquals(first.metrics, second.metrics);
  assertEquals(await readTensors(first.learner.state()), await readTensors(second.learner.state()));
  assert(first.metrics[0]?.entropy !== other.metrics[0]?.entropy);
  for (const { learner } of [first, second, other]) await learner.dispose();
});

Deno.test("trainStep() frees what a stage does not use, where asked to, and gives the same metrics and state", async () => {
  const [kept, staged] = [await run({}, 3), await run({ stagedMemory: true }, 3)];
  assertEquals(staged.metrics, kept.metrics);
  assertEquals(await readTensors(staged.learner.state()), await readTensors(kept.learner.state()));
  for (const { learner } of [kept, staged]) await learner.dispose();
});

Deno.test("trainStep() samples new responses for a problem that the step draws twice", async () => {
  const responses: Rollout[] = [], problems: number[] = [];
  const reward = (problem: number, rollout: Rollout): number => {
    problems.push(problem);
    responses.push(rollout);
    return responses.length % 3;
  };
  const prompts = task.prompts.slice(0, 3);
  const { learner } = await run({ promptsPerStep: 8, groupSize: 4, updatesPerStep: 1 }, 1, {
    prompts,
    reward,
  });
  await learner.dispose();
  assertEquals([0, 1, 2].map((problem) => problems.filter((each) => each === problem).length / 4).sort(), [
    2,
    3,
    3,
  ]);
  const distinct = new Set(responses.map(({ response }, i) => `${problems[i]}: ${response.join()}`));
  assertEquals([responses.length, distinct.size], [32, 32]);
});

Deno.test("trainStep() refuses prompts that the updates do not divide", async () => {
  for (const [promptsPerStep, updatesPerStep] of [[5, 4], [2, 8]] as const) {
    await assertRejects(
      () => run({ promptsPerStep, updatesPerStep }, 1),
      RangeError,
      `Cannot divide ${promptsPerStep} prompts among ${updatesPerStep} updates: expected a multiple of ${updatesPerStep}`,
    );
  }
});

Deno.test("trainStep() stops when sampler and trainer disagree", async () => {
  await assertRejects(() => run({ logprobTolerance: 0 }, 1), LogprobMismatchError, "expected at most 0");
  // A learner at another temperature than the sampler's is such a mistake.
  const learner = await openLearner(config, { layer: 1, temperature: 1.1 });
  const sampler = await openSampler(config);
  await assertRejects(
    () => trainStep(settings, learner, sampler, task, 1),
    LogprobMismatchError,
    "nats a token",
  );
  await sampler.dispose();
  await learner.dispose();
});

/** What a step scored before its updates, and how far it came; the sampler's log-probs are moved at one place. */
async function scoredStep(
  overrides: Partial<TrainerSettings>,
  moved?: { readonly place: number; readonly by: number },
): Promise<{ places: number[]; used: number[]; gap: number }> {
  const learner = await openLearner(config, { weights: initializeWeights(config, 5), layer: 1 });
  const sampler = await openSampler(config, { endIds: [0], batch: 16 });
  const rollouts: Rollout[] = [], score = learner.score.bind(learner), sample = sampler.sample.bind(sampler);
  const places: number[] = [], used: number[] = [];
  sampler.sample = async (...args) => {
    const sampled = (await sample(...args)).map((rollout, place) =>
      place === moved?.place
        ? { ...rollout, logprobs: rollout.logprobs.map((value) => value + moved.by) }
        : rollout
    );
    rollouts.push(...sampled);
    return sampled;
  };
  learner.score = (sequences, tokens) => {
    places.push(...sequences.map((sequence) => rollouts.indexOf(sequence as Rollout)));
    return score(sequences, tokens);
  };
  const accumulate = learner.accumulate.bind(learner);
  learner.accumulate = (policy, sequences, ...rest) => {
    used.push(...sequences.map((sequence) => rollouts.indexOf(sequence as Rollout)));
    return accumulate(policy, sequences, ...rest);
  };
  // The second of the first update's groups gives no advantage, and the last group none either.
  const reward: TrainingTask["reward"] = (_, rollout) => {
    const group = Math.floor(rollouts.indexOf(rollout) / 8);
    return group === 1 || group === 3 ? 1 : rollout.response.reduce((sum, token) => sum + token, 0);
  };
  try {
    const { metrics } = await trainStep(
      { ...settings, ...overrides },
      learner,
      sampler,
      { ...task, reward },
      1,
    );
    return { places, used, gap: metrics.logprobGap };
  } finally {
    await sampler.dispose();
    await learner.dispose();
  }
}

Deno.test("trainStep() scores what later updates need and two responses a group; the rest is the first pass's own", async () => {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const { places, used } = await scoredStep({});
  assertEquals(places, [0, 1, 8, 9, ...range(16, 24), 24, 25]);
  assertEquals(used.toSorted((a, b) => a - b), [...range(0, 8), ...range(16, 24)]);
  assertEquals((await scoredStep({ updatesPerStep: 1 })).places, [0, 1, 8, 9, 16, 17, 24, 25]);
});

Deno.test("trainStep() compares sampler and trainer wherever the trainer computes the full policy first", async () => {
  const by = 5e-4,
    gapAt = async (place: number, more: Partial<TrainerSettings> = {}): Promise<number> =>
      Math.round(1e5 * (await scoredStep(more, { place, by })).gap) / 1e5;
  // Scored; of the first update; of the second.
  for (const place of [8, 5, 20]) assertEquals(await gapAt(place), by, String(place));
  // No update needs it; a layer's policy says nothing of the full one.
  assertEquals([await gapAt(12), await gapAt(5, { method: methods.bupo })], [0, 0]);
  // Nothing is changed by an update that would rest on wrong log-probs.
  await assertRejects(() => scoredStep({}, { place: 5, by: 0.5 }), LogprobMismatchError, "differ by 0.5");
});

Deno.test("trainStep() with one update a step has every ratio exactly 1", async () => {
  for (const method of [methods.grpo, methods.bupo]) {
    const { metrics, learner } = await run({ method, updatesPerStep: 1 }, 4, varied);
    await learner.dispose();
    assertEquals(
      metrics.map(({ approxKl, clipFraction }) => [approxKl, clipFraction]),
      [0, 1, 2, 3].map(() => [0, 0]),
    );
    assert(metrics.every(({ gradientNorm, loss }) => gradientNorm > 0 && Number.isFinite(loss)));
  }
});

Deno.test("stepProblems() takes each problem once an epoch, whatever the batch, in another order each epoch", () => {
  const problems = 10;
  for (const count of [1, 3, 4, 10, 25]) {
    const all = Array.from({ length: 60 }, (_, i) => stepProblems(1, i + 1, count, problems)).flat();
    for (let at = 0; at + problems <= all.length; at += problems) {
      assertEquals(
        all.slice(at, at + problems).toSorted((a, b) => a - b),
        Array.from({ length: 10 }, (_, i) => i),
      );
    }
    // The stream does not depend on how it is cut into steps.
    assertEquals(
      all.slice(0, 60),
      Array.from({ length: 60 }, (_, i) => stepProblems(1, i + 1, 1, problems)).flat(),
    );
  }
  const epoch = (seed: number, step: number): string => stepProblems(seed, step, 10, problems).join();
  assertEquals(new Set([epoch(1, 1), epoch(1, 2), epoch(2, 1)]).size, 3);
});

Deno.test("accumulate() without the responses of advantage 0 gives the gradient with them", async () => {
  const learner = await openLearner(config, { layer: 1 });
  const { sequences, tokens } = randomBatch(12, config.vocabularySize, 7);
  const scores = await learner.score(sequences, 200);
  const weights = tokenWeights(sequences.map(({ response }) => response.map(() => 1)), "sequence-mean");
  const targets = sequences.map((_, i): TokenTargets => ({
    oldLogprobs: scores[i]?.logprobs ?? [],
    advantages: scores[i]?.logprobs.map(() => i % 3 === 0 ? 0 : i % 3 - 1.4) ?? [],
    weights: Array.from(weights[i] ?? []),
  }));
  await learner.accumulate("full", sequences, targets, tokens, 100);
  const expected = await learner.gradients("full");
  const used = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % 3 !== 0);
  await learner.accumulate("full", used(sequences), used(targets), tokens, 100);
  assertLess(relativeDifference(await learner.gradients("full"), expected), 1e-6);
  await learner.dispose();
});
