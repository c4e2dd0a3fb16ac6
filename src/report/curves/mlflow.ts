/**
 * Training for MLflow: the files of its file store (https://mlflow.org/docs/latest/tracking), an experiment a profile and a
 * run a method and seed. A metric is a file with a line a step: time in milliseconds, value, step.
 *
 * @module
 */

import { stringify } from "yaml";
import { sha256 } from "../../canonical_json.ts";
import { type LoggedRun, numbersOf, stepNumber } from "./shown.ts";

/** MLflow's numbers for the state of a run. */
const STATUS = { running: 1, finished: 3 } as const;

/** A run with what MLflow wants to know besides. */
export interface MlflowRun extends LoggedRun {
  /** Whether its last step is done. */
  readonly finished: boolean;
  /** Seconds since 1970 that the run and its numbers bear: a log has no times. */
  readonly started: number;
}

/** The files of an experiment by their paths, below the folder that is MLflow's tracking URI. */
export async function mlflowFiles(
  profile: string,
  runs: readonly MlflowRun[],
): Promise<Record<string, string>> {
  const digest = await sha256(profile), times = runs.map(({ started }) => 1000 * started);
  // Eighteen digits, as MLflow's own ids have.
  const experiment = String(10n ** 17n + BigInt(`0x${digest.slice(0, 14)}`) % (9n * 10n ** 17n));
  const files: Record<string, string> = {
    [`${experiment}/meta.yaml`]: stringify({
      artifact_location: "",
      creation_time: Math.min(...times),
      experiment_id: experiment,
      last_update_time: Math.max(...times),
      lifecycle_stage: "active",
      name: profile,
    }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
  };
  for (const { method, seed, steps, finished, started } of runs) {
    const name = `${method}-${seed}`,
      id = (await sha256(`${profile}/${name}`)).slice(0, 32),
      time = 1000 * started;
    const folder = `${experiment}/${id}`;
    files[`${folder}/meta.yaml`] = stringify({
      artifact_uri: "",
      end_time: finished ? time : null,
      entry_point_name: "",
      experiment_id: experiment,
      lifecycle_stage: "active",
      run_id: id,
      run_name: name,
      run_uuid: id,
      source_name: "",
      source_type: 4,
      source_version: "",
      start_time: time,
      status: finished ? STATUS.finished : STATUS.running,
      tags: [],
      user_id: "",
    }, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
    for (const [key, value] of [["method", method], ["profile", profile], ["seed", String(seed)]] as const) {
      files[`${folder}/params/${key}`] = value;
    }
    files[`${folder}/tags/mlflow.runName`] = name;
    for (const step of steps) {
      for (const [metric, value] of Object.entries(numbersOf(step))) {
        const path = `${folder}/metrics/${metric}`;
        files[path] = `${files[path] ?? ""}${time} ${value} ${stepNumber(step)}\n`;
      }
    }
  }
  return files;
}
