import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Rollout,
  type StepMetrics,
  type TrainingTask,
  trainStep,
  walkProblems,
} from "../../../src/rl/mod.ts";
import { openRow, profileOf, task } from "./row_lab.ts";

const count = task.prompts.length;

/** Rewards that differ only within the groups of some problems, and the problems that were rewarded, in order. */
function someInformative(informative: (problem: number) => boolean): TrainingTask & { problems: number[] } {
  const problems: number[] = [];
  return {
    problems,
    prompts: task.prompts,
    reward: (problem: number, rollout: Rollout): number => {
      problems.push(problem);
      return informative(problem) ? task.reward(problem, rollout) : 1;
    },
  };
}

/** Runs DAPO for some steps. */
async function run(own: TrainingTask, steps: number, refills: number): Promise<StepMetrics[]> {
  const row = await openRow(profileOf({
    name: "dynamic",
    row: "dapo",
    rewards: {},
    dynamicSampling: { refills },
  }));
  const metrics: StepMetrics[] = [];
  for (let step = 1; step <= steps; step++) metrics.push(await row.step(step, metrics, own));
  await row.dispose();
  return metrics;
}

/** The problems that are drawn, one for each group of four. */
function drawn(problems: readonly number[]): number[] {
  return problems.filter((_, i) => i % 4 === 0);
}

Deno.test("dynamic sampling takes further prompts of the walk for groups of equal rewards, and each step goes on from there", async () => {
  const own = someInformative((problem) => problem % 2 === 0);
  const metrics = await run(own, 2, 6), walk = walkProblems(1, 0, 64, count), groups = drawn(own.problems);
  assertEquals(groups, walk.slice(0, groups.length));
  const [first = 0, second = 0] = metrics.map(({ promptsDrawn = 0 }) => promptsDrawn);
  assertEquals(first + second, groups.length);
  assert(first > 4, "some groups were set aside");
  // The reward is that of all that was sampled; the batch is full of groups that say something.
  assertEquals(metrics.map(({ skippedUpdates }) => skippedUpdates), [0, 0]);
  assert((metrics[0]?.zeroVarianceGroups ?? 0) > 0);
  const again = someInformative((problem) => problem % 2 === 0);
  assertEquals(await run(again, 2, 6), metrics);
  assertEquals(again.problems, own.problems);
});

Deno.test("dynamic sampling ends after so many rounds, and groups set aside fill the batch", async () => {
  const own = someInformative(() => false), [metrics] = await run(own, 1, 2);
  // Three rounds of four prompts, and nothing to learn from them.
  assertEquals([metrics?.promptsDrawn, metrics?.skippedUpdates, metrics?.zeroVarianceGroups], [12, 2, 1]);
  assertEquals([metrics?.rewardMean, metrics?.gradientNorm], [1, 0]);
  assertEquals(drawn(own.problems), walkProblems(1, 0, 12, count));
});

Deno.test("walkProblems() is one walk, however it is cut", () => {
  const whole = walkProblems(3, 0, 40, 7);
  assertEquals(
    [...walkProblems(3, 0, 5, 7), ...walkProblems(3, 5, 14, 7), ...walkProblems(3, 19, 21, 7)],
    whole,
  );
});

Deno.test("trainStep() refuses a method whose critic or reference is missing", async () => {
  for (const [method, part] of [["ppo", "critic"], ["kl", "reference"]] as const) {
    const row = await openRow(profileOf(
      method === "ppo"
        ? "ppo"
        : { name: "kl", row: "grpo", kl: { in: "loss", estimator: "k2", coefficient: 1 } },
    ));
    const error = await trainStep(row.settings, row.learner, row.sampler, task, 1).catch((thrown) => thrown);
    await row.dispose();
    assertThrows(
      () => {
        throw error;
      },
      TypeError,
      `it needs a ${part}`,
    );
  }
});
