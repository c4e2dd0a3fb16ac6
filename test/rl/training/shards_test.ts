import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { alone, treeSum } from "../../../src/collective/mod.ts";
import { type ShardItem, Shards } from "../../../src/rl/training/mod.ts";
import { inThreads } from "../../collective/threads.ts";
import { openLearner, randomBatch, relativeDifference, tinyConfig } from "../tiny_model.ts";
import type { ShardOutcome, ShardTask } from "./shards_worker.ts";

const sizes = { promptsPerStep: 8, updatesPerStep: 2, groupSize: 2 };

Deno.test("each update's prompts are cut into neighbouring shards, and only in equal ones", () => {
  const shards = new Shards({ ...sizes, gradientShards: 4 });
  const places = Array.from({ length: 16 }, (_, place) => shards.of(place));
  assertEquals(places, [0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3]);
  assertThrows(
    () => new Shards({ ...sizes, gradientShards: 8 }),
    RangeError,
    "a power of two that divides 4",
  );
  assertThrows(() => new Shards({ ...sizes, gradientShards: 3 }), RangeError, "into 3 gradient shards");
  assertThrows(
    () => new Shards({ ...sizes, gradientShards: 2 }, { ...alone, size: 4 }),
    RangeError,
    'set "training.gradientShards" to 4 or a multiple of it',
  );
});

Deno.test("the gradient of shards is the tree of what each gives by itself, and that of the whole but for rounding", async () => {
  const config = tinyConfig(), learner = await openLearner(config);
  const { sequences, targets, tokens } = randomBatch(8, config.vocabularySize, 5);
  // The third shard has no response with an advantage.
  const places = [0, 1, 2, 6, 7],
    items = places.map((place): ShardItem => ({
      place,
      sequence: sequences[place] ?? { prompt: [1], response: [] },
      target: targets[place] ?? { advantages: [], weights: [] },
    }));
  const shards = new Shards({ promptsPerStep: 4, updatesPerStep: 1, groupSize: 2, gradientShards: 4 });
  for (const policy of ["full", 2] as const) {
    const { metrics } = await shards.accumulate(learner, policy, items, tokens, 64);
    const found = await learner.gradients(policy);
    const parts: Map<string, Float32Array>[] = [];
    let loss = 0;
    for (const part of [[0, 1], [2], [], [6, 7]]) {
      const own = items.filter(({ place }) => part.includes(place));
      if (own.length === 0) {
        parts.push(new Map([...found].map(([name, { length }]) => [name, new Float32Array(length)])));
        continue;
      }
      const given = [own.map(({ sequence }) => sequence), own.map(({ target }) => target)] as const;
      loss += (await learner.accumulate(policy, ...given, tokens, 64)).metrics.loss ?? NaN;
      parts.push(await learner.gradients(policy));
    }
    for (const [name, values] of found) {
      assertEquals(
        values,
        treeSum(parts.map((part) => (part.get(name) ?? new Float32Array()).slice())),
        name,
      );
    }
    assertAlmostEquals(metrics.loss ?? NaN, loss, 1e-12);
    const whole = new Shards({ promptsPerStep: 4, updatesPerStep: 1, groupSize: 2 });
    await whole.accumulate(learner, policy, items, tokens, 64);
    assertLess(relativeDifference(await learner.gradients(policy), found), 1e-6);
  }
  await learner.dispose();
});

/** Bottom-up phases, batch-wise advantages, a critic. */
const methods = ["bupo", "reinforce_pp", "ppo"] as const;

Deno.test("how many processes compute the shards changes no bit, and one shard is what it was without", async () => {
  const worker = new URL("./shards_worker.ts", import.meta.url);
  const train = async (gradientShards: number | undefined, processes: number): Promise<ShardOutcome[]> => {
    const task: ShardTask = { methods, gradientShards };
    const [first, ...others] = await inThreads<ShardOutcome[]>(worker, processes, task);
    for (const other of others) assertEquals(other, first);
    return first ?? [];
  };
  const whole = await train(undefined, 1), four = await train(4, 1);
  assertEquals(await train(1, 1), whole);
  assertEquals(await train(4, 2), four);
  assertEquals(await train(4, 4), four);
  for (const [i, { state, metrics }] of four.entries()) {
    assertNotEquals(state, whole[i]?.state, "the order of sums is to show");
    // Before anything was trained all but sums of float32 is the same.
    const [own] = metrics, other = whole[i]?.metrics[0];
    assert(own && other);
    for (
      const name of ["rewardMean", "zeroVarianceGroups", "tokens", "truncated", "skippedUpdates"] as const
    ) {
      assertEquals(own[name], other[name], name);
    }
    for (const name of ["entropy", "loss", "gradientNorm"] as const) {
      assertAlmostEquals(own[name], other[name], 1e-4, name);
    }
  }
});
