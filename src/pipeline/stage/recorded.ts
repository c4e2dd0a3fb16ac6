/**
 * What of a profile has records: what ran already, how far a run has come, and what computed it. Nothing is computed here.
 *
 * @module
 */

import { canonicalJson } from "../../canonical_json.ts";
import { storeRecords } from "../../store_files.ts";
import type { Engine } from "../made.ts";
import { methodRow, profileRuns } from "../profile/mod.ts";
import { type RecordContext, takenKeys } from "./context.ts";
import { evaluatedSuites } from "./evaluate.ts";
import { trainingKey } from "./keys.ts";
import { evaluatedState, KIND, savedSteps, trainedPolicy, type TrainingRecord } from "./train.ts";

/** How far one policy of a profile is. */
export interface RecordedRun {
  /** The method and the seed; absent for the base model. */
  readonly run?: { readonly method: string; readonly seed: number };
  /** Steps of training; 0 for the base model. */
  readonly steps: number;
  /** The last step that is saved. */
  readonly saved: number;
  /** Whether a record of the last step is there; always for the base model. */
  readonly trained: boolean;
  /** Suites that have been evaluated. */
  readonly evaluated: number;
  /** Suites in all. */
  readonly suites: number;
}

/** Has a run every record that a result takes? */
export function isRecorded({ trained, evaluated, suites }: RecordedRun): boolean {
  return trained && evaluated === suites;
}

/** SHA-256 of the weights that are evaluated, as the file of the last step's record says it; `undefined` where there is none. */
async function toldCheckpoint(
  context: RecordContext,
  method: string,
  seed: number,
): Promise<string | undefined> {
  const { profile } = context.experiment, { steps } = methodRow(profile, method);
  for (const by of takenKeys(context)) {
    const key = { ...trainingKey(context.experiment, method, seed, by), step: steps };
    const found = await context.store.peek<TrainingRecord>(KIND, key);
    if (found?.executed !== undefined) return evaluatedState(profile, found).checkpoint;
  }
  return undefined;
}

/** The same, from a record that was read whole and compared with its SHA-256. */
async function soundCheckpoint(
  context: RecordContext,
  method: string,
  seed: number,
): Promise<string | undefined> {
  return await trainedPolicy(context, method, seed).then(({ checkpoint }) => checkpoint, (error) => {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  });
}

/** How far the base model and every run of a profile are. */
export async function recordedRuns(context: RecordContext): Promise<RecordedRun[]> {
  const { profile, suites } = context.experiment;
  const base: RecordedRun = {
    steps: 0,
    saved: 0,
    trained: true,
    evaluated: await evaluatedSuites(context, undefined),
    suites: suites.length,
  };
  const runs = await Promise.all(
    profileRuns(profile).map(async (run): Promise<RecordedRun> => {
      const { method, seed } = run, { steps } = methodRow(profile, method);
      const evaluate = async (checkpoint: string | undefined): Promise<number> =>
        checkpoint === undefined ? 0 : await evaluatedSuites(context, checkpoint);
      let checkpoint = await toldCheckpoint(context, method, seed),
        evaluated = await evaluate(checkpoint);
      // What is still to be evaluated must be sound, or its evaluation would fail again and again.
      if (checkpoint !== undefined && evaluated < suites.length) {
        checkpoint = await soundCheckpoint(context, method, seed);
        evaluated = await evaluate(checkpoint);
      }
      const saved = checkpoint === undefined ? (await savedSteps(context, method, seed)).at(-1) ?? 0 : steps;
      return {
        run: { method, seed },
        steps,
        saved,
        trained: checkpoint !== undefined,
        evaluated,
        suites: suites.length,
      };
    }),
  );
  return [base, ...runs];
}

/** Accepts the records of any kernels. */
export const ANY_KERNELS = "any";

/**
 * What else computed records of a store: on the same provider and with the same versions, but with other kernels.
 *
 * @param own What computes here.
 * @param kernels Their names as the store has them; {@linkcode ANY_KERNELS} among them: all.
 */
export async function otherEngines(
  directory: string,
  own: Engine,
  kernels: readonly string[] = [ANY_KERNELS],
): Promise<Engine[]> {
  const found = new Map<string, Engine>();
  for await (const { record } of storeRecords(directory, false)) {
    if (typeof record === "string") continue;
    const { engine } = record.key as { readonly engine?: Engine };
    if (engine) found.set(canonicalJson(engine), engine);
  }
  const taken = (name: string): boolean => kernels.includes(ANY_KERNELS) || kernels.includes(name);
  return [...found.values()].filter((engine) =>
    engine.kernels !== own.kernels && taken(engine.kernels) &&
    canonicalJson({ ...engine, kernels: own.kernels }) === canonicalJson(own)
  ).toSorted((a, b) => a.kernels < b.kernels ? -1 : 1);
}
