/**
 * The rewards of responses, and the advantages of an estimator of one's own.
 *
 * @module
 */

import { type OwnModule, withDigests } from "../module/mod.ts";
import type { BatchEstimator, GradedResponse, Reward, RewardedGroup } from "./interface.ts";
import { type PartName, parts, type PartSettings } from "./parts.ts";
import { OwnModuleError, Sandbox, type SandboxOptions } from "./sandbox.ts";
import { type NamedReward, type ProfileReward, rewardList } from "./schema.ts";

/** What responses earn. */
export interface Earned {
  /** The sum of all rewards, each times its weight, a number a response. */
  readonly totals: readonly number[];
  /** Each reward before its weight, a number a response. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

/** A ready reward. */
function ready<K extends PartName>(part: K, settings: PartSettings[K]): Reward {
  return parts[part](settings);
}

/** What rewards are to a key: their settings, and the digests of modules. */
export function rewardKey(reward: ProfileReward): unknown {
  return withDigests(rewardList(reward));
}

/** Computes rewards and advantages; modules run in a sandbox, which starts when one is called. */
export class Rewarder implements Disposable {
  readonly #options: SandboxOptions;
  #sandbox: Sandbox | undefined;

  /** @param options How long modules may take. */
  constructor(options: SandboxOptions = {}) {
    this.#options = options;
  }

  /**
   * What responses earn.
   *
   * @param where Where in a run that is, for errors.
   * @throws {OwnModuleError} If a module does not give a finite number for one of them.
   */
  async earned(
    reward: ProfileReward,
    responses: readonly GradedResponse[],
    where: string,
  ): Promise<Earned> {
    const rewards = rewardList(reward), values: (readonly number[])[] = [];
    for (const each of rewards) values.push(await this.#valuesOf(each, responses, where));
    return {
      totals: responses.map((_, i) =>
        rewards.reduce((sum, { weight }, r) => sum + weight * (values[r]?.[i] ?? NaN), 0)
      ),
      parts: Object.fromEntries(rewards.map(({ name }, r) => [name, values[r] ?? []])),
    };
  }

  /**
   * The advantages of an estimator, one a response.
   *
   * @param where Where in a run that is, for errors.
   * @throws {OwnModuleError} If it does not give a finite advantage for each response.
   */
  async advantages(
    module: OwnModule,
    groups: readonly RewardedGroup[],
    where: string,
  ): Promise<readonly (readonly number[])[]> {
    try {
      const [scope] = await this.#box.call<string>(module, "scope", [null]);
      if (scope !== "batch") return await this.#box.call<number[]>(module, "list", groups);
      const [all = []] = await this.#box.call<ReturnType<BatchEstimator>>(module, "lists", [groups]);
      return all;
    } catch (error) {
      throw placed(error, (at) => `${where}, group ${at + 1} of ${groups.length}`);
    }
  }

  /** Ends the sandbox. */
  [Symbol.dispose](): void {
    this.#sandbox?.[Symbol.dispose]();
  }

  get #box(): Sandbox {
    return this.#sandbox ??= new Sandbox(this.#options);
  }

  async #valuesOf(
    reward: NamedReward,
    responses: readonly GradedResponse[],
    where: string,
  ): Promise<readonly number[]> {
    if ("part" in reward) return responses.map(ready(reward.part, reward));
    try {
      return await this.#box.call<number>(reward.module, "number", responses);
    } catch (error) {
      throw placed(error, (at) => `${where}, problem ${responses[at]?.problem.id}`);
    }
  }
}

/** A module's error with where it happened. */
function placed(error: unknown, where: (at: number) => string): unknown {
  if (!(error instanceof OwnModuleError)) return error;
  return new OwnModuleError(error.file, error.at, error.fault, where(error.at));
}

/**
 * Checks that a module can be loaded and exports a function.
 *
 * @throws {OwnModuleError} If it cannot, or does not.
 */
export async function checkModule(sandbox: Sandbox, module: OwnModule): Promise<void> {
  const [scope] = await sandbox.call<string>(module, "scope", [null]);
  if (scope === "group" || scope === "batch") return;
  throw new OwnModuleError(module.file, 0, `it exports the scope "${scope}"; expected "batch", or none`);
}
