/**
 * A trained policy that a command line names.
 *
 * @module
 */

import {
  type JobContext,
  openExperiment,
  type TrainedPolicy,
  trainedPolicy,
} from "../../src/pipeline/mod.ts";
import { Store } from "../../src/store.ts";
import { UsageError } from "./command.ts";

/**
 * Finds a trained policy in the store.
 *
 * @param step After which step; default as the profile's evaluation.checkpoint says.
 * @returns The policy, and the directory of the model that it was trained from.
 * @throws {UsageError} If it was not trained so far: with the steps that are saved, and the command that trains it.
 */
export async function chosenPolicy(
  context: JobContext,
  method: string,
  seed: number,
  step: number | undefined,
): Promise<TrainedPolicy & { readonly directory: string }> {
  const experiment = await openExperiment(context), store = new Store(context.storeDirectory);
  try {
    const policy = await trainedPolicy({ experiment, store, accepted: context.accepted }, method, seed, step);
    return { ...policy, directory: experiment.model.directory };
  } catch (error) {
    if (error instanceof ReferenceError) throw new UsageError(error.message);
    throw error;
  }
}
