import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  alteredRewards,
  batchAdvantages,
  explainedVariance,
  meanDivergence,
  methodFault,
  methods,
} from "../../../src/rl/mod.ts";

const responses = Array.from({ length: 4000 }, (_, i) => ({
  problem: Math.floor(i / 8),
  sample: i % 8,
  place: Math.floor(i / 8),
  length: i % 40,
}));
const graded = responses.map(({ problem, sample }) => (problem + sample) % 2);
const place = { seed: 1, step: 3, round: 0, maxResponseTokens: 40 };

Deno.test("alteredRewards() errs at the share of responses that it should, at the same ones each time", () => {
  const noisy = alteredRewards(graded, responses, { right: 0.7 }, place);
  const wrong = noisy.map((reward, i) => reward !== graded[i]);
  const share = wrong.filter(Boolean).length / wrong.length;
  assert(Math.abs(share - 0.3) < 4 * Math.sqrt(0.21 / 4000), String(share));
  // A response's error does not depend on what shares its batch.
  const some = responses.map((_, i) => i).filter((i) => i % 5 === 2);
  const alone = alteredRewards(
    some.map((i) => graded[i] ?? NaN),
    some.map((i) => responses[i] as typeof responses[0]),
    {
      right: 0.7,
    },
    place,
  );
  assertEquals(alone, some.map((i) => noisy[i]));
  const later = alteredRewards(graded, responses, { right: 0.7 }, { ...place, step: 4 });
  assert(later.some((reward, i) => reward !== noisy[i]));
  assertEquals(alteredRewards(graded, responses, {}, place), graded);
  assertEquals(alteredRewards(graded, responses, { right: 0 }, place), graded.map((reward) => 1 - reward));
});

Deno.test("alteredRewards() deals the same rewards to others, so that they say nothing of their responses", () => {
  const dealt = alteredRewards(graded, responses, { shuffled: true }, place);
  assertEquals(dealt.toSorted(), graded.toSorted());
  const mean = 0.5,
    covariance = dealt.reduce((sum, r, i) => sum + (r - mean) * ((graded[i] ?? NaN) - mean), 0);
  assert(Math.abs(covariance / graded.length / 0.25) < 4 / Math.sqrt(graded.length));
  assertEquals(dealt, alteredRewards(graded, responses, { shuffled: true }, place));
});

Deno.test("alteredRewards() takes the soft penalty from overlong responses", () => {
  const overlong = { buffer: 0.2, factor: 1 };
  const rewards = alteredRewards(
    [1, 1, 0],
    [{ length: 32 }, { length: 36 }, { length: 40 }].map(({ length }) => ({
      problem: 0,
      sample: 0,
      place: 0,
      length,
    })),
    { overlong },
    place,
  );
  assertEquals(rewards, [1, 0.5, -1]);
});

const mask = [[1, 1], [1], [1, 1, 1], []];

Deno.test("batchAdvantages() of groups of one, of equal rewards, of cut and of empty responses is 0 as stated", () => {
  const rows = Object.entries(methods).filter(([, { estimator: { kind } }]) => {
    return ["grpo", "grpo-mean", "rloo", "reinforce++-baseline"].includes(kind);
  });
  for (const [name, method] of rows) {
    const of = (rewards: number[], groups: number[]) =>
      batchAdvantages(method, { rewards, groups, mask }).advantages.map((row) => Array.from(row));
    const zeros = [[0, 0], [0], [0, 0, 0], []];
    assertEquals(of([1, 0, 3, 4], [0, 1, 2, 3]), zeros, `${name}: groups of one`);
    assertEquals(of([1, 1, 1, 1], [0, 0, 0, 0]), zeros, `${name}: equal rewards`);
    assertEquals(of([0, 0, 0, 0], [0, 0, 1, 1]), zeros, `${name}: all cut`);
    // An empty response has no advantage, but the others are compared with it.
    const [, , third] = of([0, 0, 1, 0], [0, 0, 1, 1]);
    assert(third?.every((advantage) => advantage > 0), `${name}: beside an empty one`);
  }
  for (const name of ["reinforce_pp", "sft_on_correct"] as const) {
    const { advantages } = batchAdvantages(methods[name], {
      rewards: [0, 0, 0, 0],
      groups: [0, 0, 1, 1],
      mask,
    });
    assertEquals(advantages.map((row) => Array.from(row)), [[0, 0], [0], [0, 0, 0], []], name);
  }
  const none = batchAdvantages(methods.grpo, { rewards: [1, 0], groups: [0, 0], mask: [[0, 0], [0]] });
  assertEquals(none.advantages.map((row) => Array.from(row)), [[0, 0], [0]]);
});

Deno.test("batchAdvantages() takes the divergence from the reward of each token", () => {
  const kl = { in: "reward", estimator: "k1", coefficient: 0.5 } as const;
  const divergence = { logprobs: [[-1, -2], [-3]], referenceLogprobs: [[-2, -2], [-1]] };
  const batch = { rewards: [1, 0], groups: [0, 0], mask: [[1, 1], [1]], divergence };
  // Rewards less half of 1, 0 and −2: 0.5 over the first response, 1 over the second.
  const { advantages } = batchAdvantages({ estimator: { kind: "grpo-mean" }, kl }, batch);
  assertEquals(advantages.map((row) => Array.from(row)), [[-0.25, -0.25], [0.25]]);
  assertAlmostEquals(meanDivergence(kl, batch.mask, divergence), -1 / 3);
  const { divergence: _, ...without } = batch;
  assertThrows(() => batchAdvantages({ estimator: { kind: "grpo" }, kl }, without), TypeError, "are missing");
});

Deno.test("explainedVariance() is 1 for a critic that knows the returns, 0 for one that knows nothing", () => {
  const returns = [[1, 0], [1]], all = [[1, 1], [1]];
  assertAlmostEquals(explainedVariance(returns, returns, all), 1);
  assertAlmostEquals(explainedVariance(returns, [[0.5, 0.5], [0.5]], all), 0);
  assertEquals(explainedVariance([[1, 1], [1]], returns, all), 0);
});

Deno.test("methodFault() names fields that do not go together", () => {
  for (const method of Object.values(methods)) assertEquals(methodFault(method, 8), undefined);
  const { ppo, dapo, sft_on_correct: sft } = methods;
  assertEquals(methodFault({ ...ppo, critic: undefined }, 8)?.field, "critic");
  assertEquals(methodFault({ ...dapo, critic: ppo.critic }, 8)?.field, "critic");
  assertEquals(methodFault(dapo, 1)?.field, "estimator");
  assertEquals(methodFault(ppo, 1), undefined);
  assertEquals(methodFault({ ...sft, rewards: dapo.rewards }, 8)?.field, "trainsOn");
  const full = { policy: "full", lasts: "rest" } as const;
  for (const phases of [[], [full, full], [{ ...full, lasts: 1 }]]) {
    assertEquals(methodFault({ ...ppo, phases }, 8)?.field, "phases");
  }
});
