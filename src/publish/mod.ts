/**
 * Publishing: signed results are verified and become the leaderboard, its page, and exports for other tools.
 *
 * @module
 */

export { exportResults } from "./export.ts";
export { type PastResults, readHistory, withPlaces } from "./history.ts";
export { type Publication, publication, type PublicationOptions, readTranscripts } from "./publication.ts";
export {
  judgedResult,
  type ReadOptions,
  readResult,
  resultFolders,
  type VerifiedResult,
  withoutCopies,
} from "./read_result.ts";
export { regradeMemory } from "./regrade_memory.ts";
