/**
 * A trained policy that a command line names.
 *
 * @module
 */

import {
  type JobContext,
  openExperiment,
  otherEngines,
  type TrainedPolicy,
  trainedPolicy,
} from "../../src/pipeline/mod.ts";
import { Store } from "../../src/store.ts";
import { UsageError } from "./command.ts";
import { CALL } from "./root.ts";

/** What to say of a policy that was not trained so far. */
export function notTrained(
  { message }: ReferenceError,
  method: string,
  seed: number,
  words: string,
): UsageError {
  const profile = words === "" ? "" : ` ${words}`;
  return new UsageError(
    `${message}; to train it, run "${CALL} train${profile} --method ${method} --seed ${seed}" first`,
  );
}

/**
 * Finds a trained policy in the store.
 *
 * @param step After which step; default as the profile's evaluation.checkpoint says.
 * @param words The flags that choose the profile.
 * @returns The policy, and the directory of the model that it was trained from.
 * @throws {UsageError} If it was not trained so far: with the steps that are saved, and the command that trains it.
 */
export async function chosenPolicy(
  context: JobContext,
  method: string,
  seed: number,
  step: number | undefined,
  words: string,
): Promise<TrainedPolicy & { readonly directory: string }> {
  const experiment = await openExperiment(context), store = new Store(context.storeDirectory);
  try {
    const policy = await trainedPolicy(
      { experiment, store, accepted: context.accepted, engines: context.engines },
      method,
      seed,
      step,
    );
    return { ...policy, directory: experiment.model.directory };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const { engine } = experiment, others = await otherEngines(context.storeDirectory, engine);
    for (const { kernels } of others) {
      const elsewhere = others.filter((other) => other.kernels === kernels);
      const found = await trainedPolicy({ experiment, store, engines: elsewhere }, method, seed, step)
        .catch(() => undefined);
      if (!found) continue;
      throw new UsageError(
        `Cannot use what was trained with the kernels "${kernels}": this machine computes with "${engine.kernels}"; run on such a machine, or say --accept-kernels "${kernels}"`,
      );
    }
    throw notTrained(error, method, seed, words);
  }
}
