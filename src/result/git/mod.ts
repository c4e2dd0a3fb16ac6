/**
 * Results where they lie, in folders and in commits, and the commit and machine that a result is made with. Reads git and
 * never changes it.
 *
 * @module
 */

export { describeEnvironment, sourceDependencies } from "./environment.ts";
export { type GitChange, type GitFile, GitRepository, ResultSourceError } from "./git.ts";
export type { SignatureState, SignedFacts } from "./signature_state.ts";
export {
  type FindOptions,
  findResults,
  type FoundResult,
  type HistoryEntry,
  resultHistory,
  RESULTS_FOLDER,
} from "./source.ts";
export { readTranscripts } from "./transcripts.ts";
