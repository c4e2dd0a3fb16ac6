/**
 * The policies that a profile trained, beside its base model, as the store has them.
 *
 * @module
 */

import { sha256 } from "../../src/canonical_json.ts";
import type { Model } from "../../src/model/mod.ts";
import {
  internalLayerOf,
  type JobContext,
  methodRows,
  openExperiment,
  trainedPolicy,
} from "../../src/pipeline/mod.ts";
import type { InspectedTraining, ProbedRun } from "../../src/report/mod.ts";
import { parseRecord, RECORD_FILE, type ResultRecord } from "../../src/result/mod.ts";
import { methodLabel } from "../../src/rl/mod.ts";
import { Store } from "../../src/store.ts";
import { notTrained } from "./trained.ts";
import type { PlannedModel } from "./inspection.ts";

/** The record of a result, if there is one; and its SHA-256. */
async function readResult(
  directory: string,
): Promise<{ readonly record: ResultRecord; readonly digest: string } | undefined> {
  try {
    const bytes = await Deno.readFile(`${directory}/${RECORD_FILE}`);
    return { record: parseRecord(bytes), digest: await sha256(bytes) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * All trained policies of a profile as they are evaluated, every method and seed, and what was probed.
 *
 * @param base The base model.
 * @param result The folder of the result that may name the same checkpoints.
 * @param words The flags that choose the profile.
 * @throws {UsageError} If one was not trained so far: with the command that trains it.
 */
export async function trainedModels(
  context: JobContext,
  base: Model,
  result: string,
  words: string,
): Promise<{ readonly models: readonly PlannedModel[]; readonly training: InspectedTraining }> {
  const experiment = await openExperiment(context), store = new Store(context.storeDirectory);
  const { profile } = context, { internalSteps } = profile.training;
  const models: PlannedModel[] = [], probes: ProbedRun[] = [];
  for (const { name: method, seeds, steps } of methodRows(profile)) {
    for (const seed of seeds) {
      try {
        const policy = await trainedPolicy(
          { experiment, store, accepted: context.accepted, engines: context.engines },
          method,
          seed,
        );
        const label = methodLabel(method), run = { method, label, seed, step: policy.step ?? steps };
        const model = { ...base, weights: policy.weights, digest: policy.checkpoint };
        models.push({ name: `${label} seed ${seed}`, model, run });
        if (policy.probes.length > 0) probes.push({ ...run, rows: policy.probes });
      } catch (error) {
        if (error instanceof ReferenceError) throw notTrained(error, method, seed, words);
        throw error;
      }
    }
  }
  const found = await readResult(result);
  const named = found?.record.runs.map(({ checkpoint }) => checkpoint);
  const belongs = named !== undefined && models.every(({ model }) => named.includes(model.digest));
  return {
    models,
    training: {
      profile: profile.name,
      internalLayer: internalLayerOf(profile),
      internalSteps,
      result: belongs && found ? found.digest : null,
      probes,
    },
  };
}
