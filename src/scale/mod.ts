/**
 * Beyond one machine: what of a profile has no record is sent to the engine that a site already runs. The store is the
 * only hand-over; nothing here schedules.
 *
 * @module
 */

export { ClusterError, type RunProgram, runProgram } from "./program.ts";
export { kubernetesManifests, type KubernetesSettings } from "./kubernetes.ts";
export {
  inFlight,
  planArrays,
  type PlannedArrays,
  type RunProgress,
  runProgress,
  type SentTask,
  type SubmittedPair,
} from "./planned.ts";
export { type ArrayScript, arrayScript, checkSiteOptions, splitArray } from "./slurm_script.ts";
export { Slurm } from "./slurm.ts";
export { isActive, type TaskState } from "./task_state.ts";
export {
  readSubmissions,
  SUBMISSIONS_FOLDER,
  type SubmittedArray,
  type SubmittedTask,
  type TaskKind,
  writeSubmission,
} from "./submission.ts";
export { type SharedWords, taskWords } from "./words.ts";
