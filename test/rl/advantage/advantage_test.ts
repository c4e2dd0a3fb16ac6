import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { advantageEstimators, groupAdvantages, outcomeRewards } from "../../../src/rl/advantage/advantage.ts";
import { assertClose } from "../evaluate.ts";

Deno.test("groupAdvantages() gives exactly 0 when all rewards of a group are equal", () => {
  // The rounded mean of three 0.1 is not 0.1.
  for (const estimator of ["grpo", "grpo-mean", "rloo"] as const) {
    assertEquals([...groupAdvantages([0.1, 0.1, 0.1], [4, 4, 4], estimator)], [0, 0, 0]);
  }
});

Deno.test("groupAdvantages() keeps or drops a lone reward when told so", () => {
  for (const estimator of ["grpo", "grpo-mean", "rloo"] as const) {
    assertClose(groupAdvantages([3], ["only"], estimator), [3], 1e-5);
    assertEquals([...groupAdvantages([3], ["only"], estimator, { singleton: "zero" })], [0]);
  }
});

Deno.test("groupAdvantages() is the reward minus the mean of the others when given rloo", () => {
  const rewards = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 8 });
  fc.assert(fc.property(rewards, (values) => {
    const actual = groupAdvantages(values, values.map(() => 0), "rloo");
    values.forEach((value, i) => {
      const others = values.filter((_, j) => j !== i);
      const mean = others.reduce((sum, other) => sum + other, 0) / others.length;
      assertAlmostEquals(actual[i] ?? NaN, value - mean, 1e-12);
    });
  }));
});

Deno.test("groupAdvantages() does not depend on the order of responses when groups are interleaved", () => {
  const rewards = [1, 0, 0.5, 0, 1, 0.25], groups = ["a", "b", "a", "b", "b", "a"];
  const order = [4, 0, 5, 3, 1, 2];
  const plain = groupAdvantages(rewards, groups, "grpo");
  const shuffled = groupAdvantages(
    order.map((i) => rewards[i] ?? NaN),
    order.map((i) => groups[i] ?? ""),
    "grpo",
  );
  assertClose(shuffled, order.map((i) => plain[i] ?? NaN));
});

Deno.test("groupAdvantages() throws when rewards and groups differ in number", () => {
  assertThrows(() => groupAdvantages([1, 2], ["a"], "grpo"), RangeError, "2 rewards and 1 groups");
});

Deno.test("outcomeRewards() puts the reward on the last token that counts, else on the last token", () => {
  const rows = outcomeRewards([2, 3, 4], [[1, 1, 0], [0, 0], [1]]);
  assertEquals(rows.map((row) => [...row]), [[0, 2, 0], [0, 3], [4]]);
});

Deno.test("outcomeRewards() throws when a reward is missing, and has no number for an empty response", () => {
  assertThrows(() => outcomeRewards([1, NaN], [[1], [1]]), RangeError, "response 1: its reward is NaN");
  assertThrows(() => outcomeRewards([1], [[1], [1]]), RangeError, "response 1: its reward is undefined");
  assertEquals(outcomeRewards([1, 2], [[], [1]]).map((row) => [...row]), [[], [2]]);
});

Deno.test("advantageEstimators give 0 to tokens that do not count and accept responses of different lengths", () => {
  const mask = [[1, 0, 1], [1], [0, 1]];
  const batch = {
    rewards: outcomeRewards([1, 0, 0.5], mask),
    mask,
    groups: [0, 0, 0],
    values: mask,
    given: [1, 0, -1],
  };
  for (const estimate of Object.values(advantageEstimators)) {
    const { advantages } = estimate(batch);
    assertEquals(advantages.map((row) => row.length), [3, 1, 2]);
    assertEquals([advantages[0]?.[1], advantages[2]?.[0]], [0, 0]);
    assertEquals(advantages.some((row) => row.some((value) => value !== 0)), true);
  }
});

Deno.test("advantageEstimators throw when gae has no values", () => {
  assertThrows(
    () => advantageEstimators.gae({ rewards: [[1]], mask: [[1]], groups: [0] }),
    TypeError,
    "values are missing",
  );
});
