/**
 * Gradient shards: the prompts of each update are cut into S parts that are sampled, scored and accumulated each by itself,
 * and added as a fixed binary tree. Which process computes which part changes no byte.
 *
 * @module
 */

import type { PolicyChoice } from "../../../artifact/mod.ts";
import { alone, type Collective, isPowerOfTwo } from "../../../collective/mod.ts";
import { changed, TreeOfAccumulators } from "./accumulators.ts";
import type { Sequence } from "../../sequence.ts";
import type { Accumulated, CriticTargets, TokenTargets } from "../../targets.ts";
import type { Learner } from "../learner.ts";
import type { TrainerSettings } from "../settings.ts";

/** A response that a gradient is computed on. */
export interface ShardItem {
  /** Its place in the step's batch. */
  readonly place: number;
  /** The response. */
  readonly sequence: Sequence;
  /** What the loss needs of it. */
  readonly target: TokenTargets | CriticTargets;
}

/** Numbers by name, added up. */
function summed(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const [name, value] of parts.flatMap((part) => Object.entries(part))) {
    totals[name] = (totals[name] ?? 0) + value;
  }
  return totals;
}

/** The shards of a step's batch, and which of them this process computes. */
export class Shards {
  /** S. */
  readonly count: number;
  readonly #collective: Collective;
  /** Those of this process: as many neighbours as every process has. */
  readonly #own: readonly number[];
  readonly #responsesPerUpdate: number;

  /**
   * Cuts the batches of a run.
   *
   * @throws {RangeError} If S is no power of two, the updates' prompts cannot be cut into S equal parts, or S shards not be
   * shared among the processes.
   */
  constructor(
    { gradientShards = 1, promptsPerStep, updatesPerStep, groupSize }: Pick<
      TrainerSettings,
      "gradientShards" | "promptsPerStep" | "updatesPerStep" | "groupSize"
    >,
    collective: Collective = alone,
  ) {
    const { size, rank } = collective;
    if (!isPowerOfTwo(gradientShards) || promptsPerStep % (updatesPerStep * gradientShards) !== 0) {
      throw new RangeError(
        `Cannot cut ${promptsPerStep} prompts in ${updatesPerStep} updates into ${gradientShards} gradient shards: expected a power of two that divides ${
          promptsPerStep / updatesPerStep
        }`,
      );
    }
    if (gradientShards % size !== 0) {
      throw new RangeError(
        `Cannot share ${gradientShards} gradient shards among ${size} processes: expected as many processes as divide it; set "training.gradientShards" to ${size} or a multiple of it`,
      );
    }
    this.count = gradientShards;
    this.#collective = collective;
    const each = gradientShards / size;
    this.#own = Array.from({ length: each }, (_, i) => rank * each + i);
    this.#responsesPerUpdate = groupSize * promptsPerStep / updatesPerStep;
  }

  /** The shard of the response at a place of the batch: each update's responses are cut by themselves. */
  of(place: number): number {
    const within = place % this.#responsesPerUpdate;
    return Math.floor(within * this.count / this.#responsesPerUpdate);
  }

  /**
   * Computes something for items, those of each shard by themselves.
   *
   * @param shardOf The shard of the item at an index.
   * @param work Gives a result for each of the items that it is given; called for this process's shards, where they have
   * items.
   * @returns The results of all processes, in the order of the items.
   */
  async each<I, T>(
    items: readonly I[],
    shardOf: (index: number) => number,
    work: (items: readonly I[]) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const done: (readonly T[])[] = [];
    for (const shard of this.#own) {
      const part = items.filter((_, i) => shardOf(i) === shard);
      done.push(part.length === 0 ? [] : await work(part));
    }
    const results = this.#collective.gather(done).flat().map((list) => list.values());
    return items.map((_, i) => results[shardOf(i)]?.next().value as T); // one for each item of the shard
  }

  /** The same for responses of the batch, at their places. */
  async eachPlace<T>(
    places: readonly number[],
    work: (places: readonly number[]) => Promise<readonly T[]>,
  ): Promise<T[]> {
    return await this.each(places, (i) => this.of(places[i] ?? 0), work);
  }

  /**
   * Puts the gradient of a batch into the accumulators of every process.
   *
   * @param metricTokens What the metrics' sums over all of the batch's tokens are divided by.
   * @throws {NonFiniteError} If the loss or a metric is not finite.
   */
  async accumulate(
    learner: Learner,
    policy: PolicyChoice,
    items: readonly ShardItem[],
    metricTokens: number,
    microBatchTokens: number,
  ): Promise<Accumulated> {
    const accumulate = async (part: readonly ShardItem[]): Promise<Accumulated> =>
      await learner.accumulate(
        policy,
        part.map(({ sequence }) => sequence),
        part.map(({ target }) => target),
        metricTokens,
        microBatchTokens,
      );
    if (this.count === 1) return await accumulate(items);
    const accumulators = learner.accumulators(policy), tree = new TreeOfAccumulators();
    const done: { readonly outcome: Accumulated; readonly norm: number }[] = [];
    for (const shard of this.#own) {
      const part = items.filter(({ place }) => this.of(place) === shard);
      if (part.length > 0) done.push({ outcome: await accumulate(part), norm: learner.accumulatedNorm });
      else {
        await changed(accumulators, (own) => own.fill(0));
        done.push({ outcome: { metrics: {}, logprobs: [] }, norm: 0 });
      }
      await tree.add(accumulators, shard === this.#own.at(-1));
    }
    await changed(accumulators, (own) => this.#collective.sum(own));
    const all = this.#collective.gather(done).flat();
    // An overflow of one shard is one of the whole.
    learner.accumulatedNorm = all.map(({ norm }) => norm).find((norm) => !Number.isFinite(norm)) ?? 0;
    const logprobs = all.map(({ outcome }) => outcome.logprobs.values());
    return {
      metrics: summed(all.map(({ outcome }) => outcome.metrics)),
      logprobs: items.map(({ place }) => logprobs[this.of(place)]?.next().value ?? []),
    };
  }
}
