import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { initializeWeights, readTensors } from "../../../src/model/mod.ts";
import {
  type Extremes,
  losses,
  methods,
  policyLoss,
  type Rollout,
  type Scores,
  type StepMetrics,
  type TrainerSettings,
  trainStep,
  updateMetrics,
} from "../../../src/rl/mod.ts";
import { openLearner, openSampler, tinyConfig } from "../tiny_model.ts";

const config = tinyConfig({ layers: 2 });
const settings: TrainerSettings = {
  method: methods.grpo,
  loss: losses.reference,
  seed: 1,
  steps: 4,
  promptsPerStep: 6,
  groupSize: 8,
  updatesPerStep: 3,
  layers: 2,
  internalLayer: 1,
  internalSteps: 1,
  schedule: { peak: 3e-2, warmupSteps: 0, finalShare: 1 },
  microBatchTokens: 100,
  maxResponseTokens: 12,
  logprobTolerance: 1e-3,
};
/** Near the clip bound, so that both act. */
const DUAL_CLIP = 1.5;
const prompts = [[3, 4], [5], [9, 9, 9], [20, 31, 8], [12, 1], [2, 2, 5, 6]];

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const norm = (values: Iterable<Float32Array>): number =>
  Math.sqrt(sum([...values].map((list) => list.reduce((total, x) => total + x * x, 0))));

/** What an update started from and made, seen from outside of the step. */
interface Seen {
  /** Which third of the batch. */
  readonly share: number;
  /** The responses' scores before it. */
  readonly scores: readonly Scores[];
  readonly gradientNorm: number;
  updateNorm: number;
}

/** A step of three updates: of the first and the last one half of the responses has an advantage, of the second none. */
async function watchedStep(changes: Partial<TrainerSettings>): Promise<{
  readonly metrics: StepMetrics;
  readonly rollouts: readonly Rollout[];
  readonly rewards: readonly number[];
  readonly seen: readonly Seen[];
}> {
  const learner = await openLearner(config, {
    weights: initializeWeights(config, 5),
    layer: 1,
    loss: (inputs) => policyLoss(inputs, { clipLow: 0.2, clipHigh: 0.2, dualClip: DUAL_CLIP }),
  });
  const sampler = await openSampler(config, { endIds: [0], batch: 16 });
  const rollouts: Rollout[] = [], rewards: number[] = [], seen: Seen[] = [];
  const accumulate = learner.accumulate.bind(learner), step = learner.step.bind(learner);
  learner.accumulate = async (policy, sequences, ...rest) => {
    const scores = await learner.score(rollouts, 500);
    const metrics = await accumulate(policy, sequences, ...rest);
    const share = Math.floor(rollouts.findIndex((rollout) => rollout === sequences[0]) / 16);
    seen.push({
      share,
      scores,
      gradientNorm: norm((await learner.gradients(policy)).values()),
      updateNorm: NaN,
    });
    return metrics;
  };
  learner.step = async (...args) => {
    const before = await readTensors(learner.weights()), norms = await step(...args);
    const changes = [...await readTensors(learner.weights())].map(([name, { data }]) => {
      return (data as Float32Array).map((x, i) => x - Number(before.get(name)?.data[i]));
    });
    (seen.at(-1) as Seen).updateNorm = norm(changes);
    return norms;
  };
  const reward = (_problem: number, rollout: Rollout): number => {
    const place = Math.floor((rollouts.push(rollout) - 1) / 8);
    rewards.push(place === 0 || place === 5 ? mean(rollout.response) : place === 3 ? 1 : 0.5);
    return rewards.at(-1) ?? NaN;
  };
  const { metrics } = await trainStep({ ...settings, ...changes }, learner, sampler, { prompts, reward }, 1);
  await sampler.dispose();
  await learner.dispose();
  return { metrics, rollouts, rewards, seen };
}

/** What an update should report, in float64, from log-probs before and after the updates that came first. */
function expectedUpdate(
  { share, scores }: Seen,
  old: readonly Scores[],
  rollouts: readonly Rollout[],
  rewards: readonly number[],
  logprobs: "logprobs" | "layerLogprobs",
  reduction: "token-mean" | "sequence-mean",
): Record<"loss" | "clipFraction" | "clipFractionLower" | "approxKl" | "diluted", number> & {
  readonly ratios: readonly number[];
  readonly advantages: readonly number[];
} {
  const rows = Array.from({ length: 16 }, (_, i) => 16 * share + i);
  const advantage = (row: number): number => {
    const group = rewards.slice(8 * Math.floor(row / 8), 8 * Math.floor(row / 8) + 8), center = mean(group);
    const deviation = Math.sqrt(sum(group.map((reward) => (reward - center) ** 2)) / 7);
    return ((rewards[row] ?? NaN) - center) / (deviation + 1e-6);
  };
  const all = rows.flatMap((row) =>
    (rollouts[row]?.response ?? []).map((_, t, response) => {
      const change = (scores[row]?.[logprobs][t] ?? NaN) - (old[row]?.[logprobs][t] ?? NaN);
      const a = advantage(row), ratio = Math.exp(change);
      const free = -a * ratio, clipped = -a * Math.min(1.2, Math.max(0.8, ratio));
      const single = Math.max(free, clipped), bounded = a < 0 ? Math.min(single, -DUAL_CLIP * a) : single;
      return {
        a,
        change,
        clip: clipped > free ? 1 : 0,
        lower: a < 0 && single > -DUAL_CLIP * a ? 1 : 0,
        term: bounded / (reduction === "token-mean" ? 1 : 16 * response.length),
      };
    })
  );
  const used = all.filter(({ a }) => a !== 0);
  assert(used.length > 0 && used.length < all.length);
  return {
    loss: sum(all.map(({ term }) => term)) / (reduction === "token-mean" ? all.length : 1),
    clipFraction: mean(all.map(({ clip }) => clip)),
    clipFractionLower: mean(all.map(({ lower }) => lower)),
    approxKl: -mean(used.map(({ change }) => change)),
    diluted: -sum(used.map(({ change }) => change)) / all.length,
    ratios: used.map(({ change }) => Math.exp(change)),
    advantages: all.map(({ a }) => a),
  };
}

for (
  const [name, changes, logprobs, reduction] of [
    ["of the full policy", {}, "logprobs", "token-mean"],
    ["of a layer's policy", { method: methods.bupo }, "layerLogprobs", "token-mean"],
    ["with a mean a response", { loss: losses.paper }, "logprobs", "sequence-mean"],
  ] as const
) {
  Deno.test(`every metric has the denominator that it says, by a computation in float64: ${name}`, async () => {
    const { metrics, rollouts, rewards, seen } = await watchedStep(changes);
    const old = seen[0]?.scores ?? [], tokens = rollouts.flatMap(({ response }) => response);
    const near = (metric: keyof StepMetrics, expected: number, tolerance: number): void =>
      assertAlmostEquals(
        Number(metrics[metric]),
        expected,
        tolerance * Math.max(1e-3, Math.abs(expected)),
        metric,
      );

    assertEquals([seen.map(({ share }) => share), metrics.skippedUpdates], [[0, 2], 1]);
    const updates = seen.map((update) => expectedUpdate(update, old, rollouts, rewards, logprobs, reduction));
    near("loss", mean(updates.map(({ loss }) => loss)), 1e-3);
    near("clipFraction", mean(updates.map(({ clipFraction }) => clipFraction)), 1e-6);
    near("clipFractionLower", mean(updates.map(({ clipFractionLower }) => clipFractionLower)), 1e-6);
    near("approxKl", mean(updates.map(({ approxKl }) => approxKl)), 1e-3);
    assertGreater(metrics.clipFraction, 0);
    assertGreater(metrics.clipFractionLower, 0);
    // The mistake that this guards against would be seen.
    const diluted = mean(updates.map((update) => update.diluted));
    assertGreater(Math.abs(metrics.approxKl - diluted), 0.2 * Math.abs(metrics.approxKl));
    for (const [i, loss] of [updates[0]?.loss, null, updates[1]?.loss].entries()) {
      const found = metrics.updateLosses[i] ?? null;
      if (loss === null) assertEquals(found, null);
      else assertAlmostEquals(Number(found), loss ?? NaN, 1e-3 * Math.max(1e-3, Math.abs(loss ?? NaN)));
    }
    assertEquals(metrics.updateLosses.length, 3);
    const spread = (found: Extremes | undefined, values: readonly number[], average: number): void => {
      const expected = { least: Math.min(...values), mean: average, most: Math.max(...values) };
      for (const key of ["least", "mean", "most"] as const) {
        assertAlmostEquals(
          found?.[key] ?? NaN,
          expected[key],
          1e-4 * Math.max(1, Math.abs(expected[key])),
          key,
        );
      }
    };
    spread(
      metrics.ratio,
      updates.flatMap(({ ratios }) => ratios),
      mean(updates.map((each) => mean(each.ratios))),
    );
    // Nothing was bounded: a ratio lies beyond the clip range.
    assertGreater(metrics.ratio?.most ?? 0, 1.2);
    // The middle third has advantages too: of equal rewards, all 0.
    const given = [...updates.flatMap(({ advantages }) => advantages)];
    const quiet = rollouts.slice(16, 32).flatMap(({ response }) => response.map(() => 0));
    spread(metrics.advantages, [...given, ...quiet], mean([...given, ...quiet]));
    near("gradientNorm", mean(seen.map(({ gradientNorm }) => gradientNorm)), 1e-5);
    near("updateNorm", mean(seen.map(({ updateNorm }) => updateNorm)), 1e-5);

    // Two responses of each group.
    const reported = old.filter((_, i) => i % 8 < 2);
    near("entropy", mean(reported.flatMap(({ entropy }) => entropy)), 1e-6);
    near("layerEntropy", mean(reported.flatMap(({ layerEntropy }) => layerEntropy)), 1e-6);
    assertGreater(new Set(rollouts.map(({ response }) => response.length)).size, 3);
    assertGreater(metrics.logprobGap, 0);
    assertLess(metrics.logprobGap, 1e-5);
    assertEquals([metrics.tokens, metrics.responseLength], [tokens.length, tokens.length / 48]);
    const lengths = rollouts.map(({ response }) => response.length);
    assertEquals([metrics.shortestResponse, metrics.longestResponse], [
      Math.min(...lengths),
      Math.max(...lengths),
    ]);
    const ended = rollouts.filter(({ response }) => response.at(-1) === 0).map(({ response }) =>
      response.length
    );
    assertEquals(metrics.endedLength, mean(ended));
    assertEquals(metrics.truncated, rollouts.filter(({ response }) => response.at(-1) !== 0).length / 48);
    near("rewardMean", mean(rewards), 1e-12);
    near("rewardDeviation", Math.sqrt(mean(rewards.map((reward) => (reward - mean(rewards)) ** 2))), 1e-9);
    assertEquals(metrics.zeroVarianceGroups, 4 / 6);
  });
}

Deno.test("updateMetrics() are means over updates of equal weight, and 0 where there was none", () => {
  const of = (value: number) => ({
    loss: value,
    clipFraction: 2 * value,
    clipFractionLower: 3 * value,
    approxKl: 4 * value,
    gradientNorm: 5 * value,
    updateNorm: 6 * value,
  });
  assertEquals(updateMetrics([of(1), of(3)]), of(2));
  assertEquals(updateMetrics([]), of(0));
});
