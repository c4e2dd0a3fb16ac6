/**
 * The batch of a step: which prompts, what is sampled to them, and, where a method asks for it, again for groups of equal
 * rewards.
 *
 * @module
 */

import { randomKey, RandomStream } from "../../random.ts";
import { alteredRewards } from "../methods/mod.ts";
import { checkFinite } from "../non_finite.ts";
import type { RolloutRequest, Sampler } from "../sampler.ts";
import type { Rollout } from "../sequence.ts";
import type { Batch } from "./batch.ts";
import type { Learner } from "./learner.ts";
import type { OwnRewards, TrainerSettings, TrainingTask } from "./settings.ts";
import type { Shards } from "./shard/mod.ts";

/** Problems of an endless walk through shuffles of all of them, one shuffle an epoch: those after the first `at`. */
export function walkProblems(seed: number, at: number, count: number, problems: number): number[] {
  const orders = new Map<number, number[]>();
  return Array.from({ length: count }, (_, i) => {
    const place = at + i, epoch = Math.floor(place / problems);
    const order = orders.get(epoch) ??
      new RandomStream("prompts", seed, epoch).shuffle(Array.from({ length: problems }, (_, p) => p));
    orders.set(epoch, order);
    return order[place % problems] as number; // the order has an entry for each problem
  });
}

/** The problems of a step of a run in which each step draws as many. */
export function stepProblems(seed: number, step: number, count: number, problems: number): number[] {
  return walkProblems(seed, (step - 1) * count, count, problems);
}

/** What is sampled: groups of responses, each to the prompt at one place of the step. */
function groupRequests(
  groupSize: number,
  { prompts }: TrainingTask,
  problems: readonly number[],
  firstPlace: number,
): RolloutRequest[] {
  return problems.flatMap((problem, i) => {
    const prompt = prompts[problem] as readonly number[]; // the walk draws from the task's problems
    // The place is part of the noise's address: a problem that is drawn twice forms two groups, not one and its copy.
    return Array.from({ length: groupSize }, (_, sample) => ({
      prompt,
      problem,
      sample,
      place: firstPlace + i,
    }));
  });
}

/** The responses to a prompt. */
interface Group {
  readonly requests: readonly RolloutRequest[];
  readonly rollouts: readonly Rollout[];
  readonly rewards: readonly number[];
}

/** What a step has sampled. */
export interface SampledBatch {
  /** What was sampled, of the batch that is trained on. */
  readonly rollouts: readonly Rollout[];
  /** Its rewards, as the method has them. */
  readonly rewards: readonly number[];
  /** The rewards of all that was sampled. */
  readonly allRewards: readonly number[];
  /** What all that was sampled earned by rewards of one's own, in the order of sampling; none without them. */
  readonly own: OwnRewards | undefined;
  /** How many prompts were drawn. */
  readonly drawn: number;
  /** Seconds of sampling in this process. */
  readonly seconds: number;
}

/** What a response earns; by rewards of one's own, what the verifier says and each of them besides. */
interface EarnedReward {
  readonly total: number;
  readonly own?: { readonly correct: number; readonly parts: readonly (readonly [string, number])[] };
}

/** What responses earn. */
async function earnedRewards(
  task: TrainingTask,
  step: number,
  requests: readonly RolloutRequest[],
  rollouts: readonly Rollout[],
): Promise<EarnedReward[]> {
  const responses = rollouts.map((rollout, i) => ({ problem: requests[i]?.problem ?? 0, rollout }));
  if (!task.rewards) {
    return responses.map(({ problem, rollout }) => ({ total: task.reward(problem, rollout) }));
  }
  const { totals, correct, parts } = await task.rewards(step, responses);
  return responses.map((_, i) => {
    const each = Object.entries(parts).map(([name, values]) => [name, values[i] ?? NaN] as const);
    return { total: totals[i] ?? NaN, own: { correct: correct[i] ?? NaN, parts: each } };
  });
}

/** What all responses of a step earned by rewards of one's own. */
function ownRewards(earned: readonly EarnedReward[]): OwnRewards | undefined {
  const owns = earned.flatMap(({ own }) => own ?? []), [first] = owns;
  if (!first) return undefined;
  const parts = first.parts.map(([name], p) =>
    [name, owns.map(({ parts }) => parts[p]?.[1] ?? NaN)] as const
  );
  return {
    totals: earned.map(({ total }) => total),
    correct: owns.map(({ correct }) => correct),
    parts: Object.fromEntries(parts),
  };
}

/**
 * Samples the batch of a step, and rewards it.
 *
 * With dynamic sampling, groups of equal rewards are set aside, and further prompts of the walk take their place, for so
 * many rounds at most. If there are too few others then, the first of those set aside fill the batch.
 *
 * @param drawn How many prompts earlier steps have drawn.
 * @param batch Filled as far as sampling comes.
 * @param shards Each samples its share of the prompts by itself.
 */
export async function sampleBatch(
  settings: TrainerSettings,
  learner: Learner,
  sampler: Sampler,
  task: TrainingTask,
  step: number,
  drawn: number,
  batch: Batch,
  shards: Shards,
): Promise<SampledBatch> {
  const { seed, groupSize, promptsPerStep, method, maxResponseTokens } = settings;
  const refills = method.dynamicSampling?.refills ?? 0, key = randomKey("rollout", seed, step);
  const kept: Group[] = [], aside: Group[] = [], earned: EarnedReward[] = [];
  await using policy = await sampler.hold(learner.parameters);
  let places = 0, seconds = 0;
  for (let round = 0; round <= refills && kept.length < promptsPerStep; round++) {
    const problems = walkProblems(
      seed,
      drawn + places,
      promptsPerStep - kept.length,
      task.prompts.length,
    );
    const requests = batch.requests = groupRequests(groupSize, task, problems, places);
    const answered = await shards.each(
      requests,
      (i) => Math.floor(i * shards.count / requests.length),
      async (part) => {
        const started = performance.now();
        const rollouts = await sampler.sample(policy, part, key);
        seconds += (performance.now() - started) / 1000;
        const earned = await earnedRewards(task, step, part, rollouts);
        return rollouts.map((rollout, i) => ({ rollout, earned: earned[i] as EarnedReward })); // one a response
      },
    );
    const rollouts = batch.rollouts = answered.map(({ rollout }) => rollout);
    const graded = answered.map(({ earned }) => earned.total);
    earned.push(...answered.map(({ earned }) => earned));
    const responses = requests.map(({ problem, sample, place = 0 }, i) => {
      return { problem, sample, place, length: rollouts[i]?.response.length ?? 0 };
    });
    const rewards = batch.rewards = alteredRewards(graded, responses, method.rewards ?? {}, {
      seed,
      step,
      round,
      maxResponseTokens,
    });
    checkFinite("rewards", rewards.map((reward) => [reward]));
    problems.forEach((_, i) => {
      const part = <T>(list: readonly T[]): readonly T[] => list.slice(i * groupSize, (i + 1) * groupSize);
      const group = { requests: part(requests), rollouts: part(rollouts), rewards: part(rewards) };
      const informative = refills === 0 || group.rewards.some((reward) => reward !== group.rewards[0]);
      (informative ? kept : aside).push(group);
    });
    places += problems.length;
  }
  const groups = [...kept, ...aside].slice(0, promptsPerStep);
  batch.requests = groups.flatMap(({ requests }) => requests);
  return {
    rollouts: batch.rollouts = groups.flatMap(({ rollouts }) => rollouts),
    rewards: batch.rewards = groups.flatMap(({ rewards }) => rewards),
    allRewards: [...kept, ...aside].flatMap(({ rewards }) => rewards),
    own: ownRewards(earned),
    drawn: places,
    seconds,
  };
}
