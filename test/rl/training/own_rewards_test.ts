import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import type { OutcomeGroup, OwnRewards, SampledResponse, TrainingTask } from "../../../src/rl/mod.ts";
import { ownModule } from "../../../src/module/mod.ts";
import { changed, openRow, profileOf, task } from "../methods/row_lab.ts";

/** Rewards by length, besides the task's own; and what they were asked. */
function rewardedTask(): { task: TrainingTask; asked: [number, readonly SampledResponse[]][] } {
  const asked: [number, readonly SampledResponse[]][] = [];
  const rewards = (step: number, responses: readonly SampledResponse[]): Promise<OwnRewards> => {
    asked.push([step, responses]);
    const correct = responses.map(({ problem, rollout }) => task.reward(problem, rollout));
    const short = responses.map(({ rollout }) => 1 / (1 + rollout.response.length));
    return Promise.resolve({ totals: short.map((value) => 3 * value), correct, parts: { correct, short } });
  };
  return { task: { ...task, rewards }, asked };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

Deno.test("a step trains on the total of one's own rewards, and tells the verifier's share apart", async () => {
  const own = rewardedTask(),
    open = await openRow(profileOf("grpo")),
    plain = await openRow(profileOf("grpo"));
  try {
    const metrics = await open.step(1, [], own.task), before = await plain.step(1, []);
    const [[step, responses] = [0, []]] = own.asked;
    assertEquals([own.asked.length, step, responses.length], [1, 1, 16]);
    const short = responses.map(({ rollout }) => 1 / (1 + rollout.response.length));
    const correct = responses.map(({ problem, rollout }) => task.reward(problem, rollout));
    assertAlmostEquals(metrics.rewardMean, 3 * mean(short), 1e-12);
    assertAlmostEquals(metrics.accuracy ?? NaN, mean(correct), 1e-12);
    assertEquals(Object.keys(metrics.rewards ?? {}), ["correct", "short"]);
    assertAlmostEquals(metrics.rewards?.["short"]?.mean ?? NaN, mean(short), 1e-12);
    const deviation = Math.sqrt(mean(short.map((value) => (value - mean(short)) ** 2)));
    assertAlmostEquals(metrics.rewards?.["short"]?.deviation ?? NaN, deviation, 1e-12);
    assert(deviation > 0);
    // The same responses: but what is learned from them is another.
    assertEquals(before.tokens, metrics.tokens);
    assertEquals([before.accuracy, before.rewards], [undefined, undefined]);
    assertEquals(before.rewardMean, mean(correct));
    assertNotEquals(changed(await open.state(), await plain.state()), []);
  } finally {
    await open.dispose();
    await plain.dispose();
  }
});

Deno.test("rewards of all rounds are told, those of groups that were set aside too", async () => {
  const profile = profileOf({ name: "again", row: "grpo", dynamicSampling: { refills: 2 } });
  const open = await openRow(profile), own = rewardedTask();
  try {
    const dull = own.task.rewards;
    // In the first round every group's rewards are equal, so that all are sampled anew.
    const rewards: TrainingTask["rewards"] = async (step, responses) => {
      const earned = await dull?.(step, responses);
      assert(earned);
      return own.asked.length === 1 ? { ...earned, totals: earned.totals.map(() => 0) } : earned;
    };
    const metrics = await open.step(1, [], { ...own.task, rewards });
    const all = own.asked.flatMap(([, responses]) => responses);
    assert(own.asked.length > 1);
    assertEquals(metrics.promptsDrawn, all.length / 4);
    const correct = all.map(({ problem, rollout }) => task.reward(problem, rollout));
    assertAlmostEquals(metrics.accuracy ?? NaN, mean(correct), 1e-12);
  } finally {
    await open.dispose();
  }
});

Deno.test("an estimator of one's own is given groups of rewards, and its advantages are trained on", async () => {
  const module = ownModule("./mine.ts", "globalThis.$own = { default: () => [] };");
  const own = profileOf({ name: "mine", row: "grpo", estimator: { kind: "own", module } });
  const tabled = profileOf({ name: "mine", row: "grpo", estimator: { kind: "grpo-mean" } });
  const groups: (readonly OutcomeGroup[])[] = [];
  const centred = (_: number, given: readonly OutcomeGroup[]): Promise<number[][]> => {
    groups.push(given);
    return Promise.resolve(given.map(({ rewards }) => rewards.map((reward) => reward - mean(rewards))));
  };
  const open = await openRow(own), same = await openRow(tabled), still = await openRow(own);
  try {
    const base = await still.state();
    const metrics = await open.step(1, [], { ...task, advantages: centred });
    assertEquals(groups[0]?.map(({ rewards, rollouts }) => [rewards.length, rollouts.length]), [
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
    // The same numbers as the table's give the same bytes.
    assertEquals(metrics, await same.step(1, []));
    assertEquals(changed(await open.state(), await same.state()), []);
    const none = (_: number, given: readonly OutcomeGroup[]): Promise<number[][]> =>
      Promise.resolve(given.map(({ rewards }) => rewards.map(() => 0)));
    assertEquals((await still.step(1, [], { ...task, advantages: none })).skippedUpdates, 2);
    assertEquals(changed(base, await still.state()), []);
  } finally {
    for (const each of [open, same, still]) await each.dispose();
  }
});
